"""The answer to "what happens to INC-12?" for those who work on the ticket."""

from collections.abc import Sequence
from datetime import tzinfo

from microsoft_teams.cards.core import CardElement

from app.cards import text
from app.cards.explain_ahead import at_the_end, what_comes, what_counts, what_it_is, what_runs
from app.cards.explain_past import happened
from app.cards.parts import Card, card, execute, fitted, heading, label, on_ticket, run, runs
from app.cards.story import short_title
from app.domain.explanation import Explanation, Happened
from app.domain.verbs import VIEW
from app.i18n import Text

ROOM_PER_ENTRY = 100
TIGHT, TIGHTEST = 250, 100
MOST_LINES = {TIGHT: 60, TIGHTEST: 12}  # of one section, where all of it does not fit
SHORT = 160


def explain_card(explained: Explanation, t: Text, zone: tzinfo) -> Card:
    """Everything that runs and comes, and as much of the latest past as there is room for."""
    title = summary(explained, t)

    def build(room: int) -> Card:
        body = [
            heading(title, size="Large"),
            runs(run(short_title(explained.view.ticket), bold=True), spacing="None"),
            runs(run(t("explain.as_of", moment=t.moment(explained.now, zone)), subtle=True, size="Small")),
            *(_line(words) for words in what_it_is(explained, t, zone)),
            label(t("explain.section.running")),
            *(_line(_short(words, room)) for words in what_runs(explained, t, zone)[: MOST_LINES.get(room)]),
            label(t("explain.section.ahead")),
            *_ahead(explained, room, t, zone),
            label(t("explain.section.past")),
            *_past(explained.past, room // ROOM_PER_ENTRY, t, zone),
        ]
        return card(body, [execute(t("action.open"), VIEW, on_ticket(explained.view.ticket))], fallback=title)

    return fitted(build)


def summary(explained: Explanation, t: Text) -> str:
    """What the notification says."""
    return t("explain.title", number=explained.view.ticket.number)


def _line(words: str) -> CardElement:
    return runs(run(words), spacing="Small")


def _ahead(explained: Explanation, room: int, t: Text, zone: tzinfo) -> list[CardElement]:
    """Every step; only where that does not fit at all, the first of them."""
    shown = explained.ahead[: MOST_LINES.get(room)]
    steps: list[CardElement] = []
    for each in shown:
        said = what_comes(each, explained, t, zone)
        steps.append(_step(f"{t.moment(each.at, zone)}  ", _short(said.sentence, room), said.rule))
    if left := len(explained.ahead) - len(shown):
        steps.append(runs(run(t("explain.later", count=left), subtle=True), spacing="Small"))
    counts = [what_counts(each, t) for each in explained.counts[: MOST_LINES.get(room)]]
    counted = [_step("", _short(said.sentence, room), said.rule) for said in counts]
    return [*steps, *(_line(words) for words in at_the_end(explained, t, zone)), *counted]


def _short(words: str, room: int) -> str:
    return text.cut(words, SHORT) if room <= TIGHTEST else words


def _step(when: str, sentence: str, rule: str) -> CardElement:
    moment = [run(when, bold=True)] if when else []
    return runs(*moment, run(sentence), run(f"  ({rule})", subtle=True, size="Small"), spacing="Small")


def _past(entries: Sequence[Happened], most: int, t: Text, zone: tzinfo) -> list[CardElement]:
    """The newest entries, the last at the end."""
    shown = entries[-most:]
    told: list[CardElement] = []
    if left := len(entries) - len(shown):
        told.append(runs(run(t("explain.earlier", count=left), subtle=True), spacing="Small"))
    for entry in shown:
        said = happened(entry, t, zone)
        joined = " · ".join(said.details)
        details = [run(f"  {joined}", subtle=True, size="Small")] if joined else []
        told.append(
            runs(run(f"{t.moment(entry.at, zone)}  ", bold=True), run(said.sentence), *details, spacing="Small")
        )
    return told

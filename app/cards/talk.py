"""What the bot says in conversation: welcome, help, and single sentences."""

from collections.abc import Sequence
from datetime import tzinfo

from microsoft_teams.cards.core import Action, CardElement

from app.cards import text
from app.cards.parts import Card, card, execute, fitted, heading, label, run, runs
from app.cards.story import short_title
from app.domain.clocks import Clock
from app.domain.verbs import MINE, NEW, QUEUE, SET_LANGUAGE
from app.domain.views import Label, LineView, TicketView
from app.i18n import Text

_EMPLOYEE_WORDS = ("new", "tickets", "number", "language", "help")
_AGENT_WORDS = ("queue", "work", "unassigned", "at_risk", "resolved", "views", "reply", "note", "explain", "absent")
_CHANNEL_WORDS = (
    "queue",
    "unassigned",
    "at_risk",
    "resolved",
    "number",
    "explain",
    "reply",
    "note",
    "bind",
    "unbind",
    "help",
)


def welcome(t: Text, desk_name: Label) -> Card:
    """The first words in somebody's chat."""
    title = t("talk.welcome_title", desk=text.name(desk_name.text(t.language)))
    return card([heading(title, size="Large"), runs(run(t("talk.welcome")))], _employee_buttons(t), fallback=title)


def team_welcome(t: Text, desk_name: Label, lines: Sequence[LineView]) -> Card:
    """The first words in a team: what will happen here, and how a channel is connected with one of the lines."""
    desk = text.name(desk_name.text(t.language))
    title = t("talk.welcome_title", desk=desk)

    def build(room: int) -> Card:
        shown = lines[: max(10, room // 50)]
        names = [_word(t("talk.bind", line=line.id), line.label.text(t.language)) for line in shown]
        body = [
            heading(title, size="Large"),
            runs(run(t("talk.team_welcome", desk=desk))),
            runs(run(t("talk.team_welcome_bind")), spacing="Medium"),
            *names,
        ]
        return card(body, fallback=title)

    return fitted(build)


def help_card(t: Text, *, in_channel: bool, is_agent: bool) -> Card:
    """The words one can type, and buttons for those that have one."""
    title = t("help.title")
    words = _CHANNEL_WORDS if in_channel else _EMPLOYEE_WORDS
    body: list[CardElement] = [heading(title, size="Large"), runs(run(t("help.close"), subtle=True), spacing="None")]
    body += _words(words, t)
    if is_agent and not in_channel:
        body += [label(t("help.agent.title")), *_words(_AGENT_WORDS, t)]
    if in_channel or is_agent:
        body.append(runs(run(t("help.agent.mention"), subtle=True, size="Small"), spacing="Medium"))
    actions = [execute(t("action.queue"), QUEUE, {})] if in_channel else _employee_buttons(t)
    return card(body, actions, fallback=title)


def raised(view: TicketView, t: Text, zone: tzinfo) -> Card:
    """The answer to a sent form; the living card, a message of its own, carries everything else."""
    said = t("talk.raised", number=view.ticket.number, line=text.name(view.line.label.text(t.language)))
    body = [
        heading(t("talk.raised_title")),
        runs(run(said, bold=True)),
        runs(run(short_title(view.ticket)), spacing="Small"),
        *_promise(view, t, zone),
        runs(run(t("talk.raised_next"), subtle=True), spacing="Small"),
    ]
    return card(body, [execute(t("action.tickets_mine"), MINE, {})], fallback=said)


def _promise(view: TicketView, t: Text, zone: tzinfo) -> list[CardElement]:
    promised = view.promise(Clock.FIRST_RESPONSE)
    if promised is None or promised.ended_at or promised.due_at is None:
        return []
    return [runs(run(t("talk.raised_promise", moment=t.moment(promised.due_at, zone))), spacing="Small")]


def language_card(t: Text, languages: Sequence[tuple[str, str]]) -> Card:
    """Which languages there are (code, own name), one button each."""
    title = t("language.title")
    body = [heading(title), runs(run(t("language.hint"), subtle=True), spacing="None")]
    buttons = [execute(name, SET_LANGUAGE, {"language": code}) for code, name in languages]
    return card(body, buttons, fallback=title)


def _employee_buttons(t: Text) -> list[Action]:
    return [execute(t("action.new"), NEW, {}), execute(t("action.tickets_mine"), MINE, {})]


def _words(words: Sequence[str], t: Text) -> list[CardElement]:
    return [_word(t(f"help.word.{word}.type"), t(f"help.word.{word}")) for word in words]


def _word(typed: str, meaning: str) -> CardElement:
    return runs(run(text.name(typed), bold=True), run(f"  {text.cut(meaning, 120)}"), spacing="Small")

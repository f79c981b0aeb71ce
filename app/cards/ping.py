"""The card that asks one person to look at a ticket: what is at risk, since when, what happens next and when."""

from collections.abc import Sequence
from datetime import tzinfo

from microsoft_teams.cards.core import Action, CardElement

from app.cards import text
from app.cards.parts import (
    Card,
    PanelStyle,
    card,
    execute,
    fact,
    fitted,
    heading,
    label,
    long_text,
    on_ticket,
    panel,
    run,
    runs,
)
from app.cards.story import priority_mark, short_title, status_mark
from app.domain.clocks import Clock
from app.domain.desk_events import ClockFired, CountReached
from app.domain.people import Person, Role
from app.domain.ticket import OPEN
from app.domain.verbs import ACKNOWLEDGE, VIEW, Verb
from app.domain.views import PingView, TicketView
from app.i18n import Text

IS_OPEN = "open"
_ENDED_WELL = {"acknowledged", "taken_over", "stopped"}
_NOBODYS_YET = {IS_OPEN, "acknowledged", "exhausted"}


def ping_card(
    view: TicketView,
    ping: PingView,
    t: Text,
    zone: tzinfo,
    theirs: frozenset[Role] = frozenset({Role.PINGED}),
    *,
    is_hidden: bool = False,
) -> Card:
    """The ping for somebody who was asked; `theirs` is what they are to the ticket by now. `is_hidden`: of a
    confidential ticket they may know the number and where it is, and see to it that somebody looks after it.
    """
    if is_hidden:
        return _hidden_card(view, ping, t, zone)

    def build(room: int) -> Card:
        body: list[CardElement] = [
            panel(_at_a_glance(view, ping, t, zone), style=_style(ping)),
            runs(run(f"{view.ticket.number} · {short_title(view.ticket)}", bold=True), spacing="Medium"),
            _marks(view, t),
            *_words(ping, room, t),
            *([] if ping.state == IS_OPEN else [fact(t("ping.about"), run(cause(ping, view, t)))]),
            fact(t("line.requester"), run(text.name(view.requester.name))),
            fact(t("line.assignee"), run(_whereabouts(view, t))),
            *_next(ping, t, zone),
        ]
        return card(body, _actions(view, ping, t, theirs), fallback=summary(view, ping, t))

    return fitted(build)


def _hidden_card(view: TicketView, ping: PingView, t: Text, zone: tzinfo) -> Card:
    line = text.name(view.line.label.text(t.language))
    title = hidden_summary(view, t)
    is_open = ping.state == IS_OPEN
    at_a_glance = [heading(f"⚠ {title}"), _since_when(ping, t, zone)] if is_open else _at_a_glance(view, ping, t, zone)
    body = [
        panel(at_a_glance, style=_style(ping)),
        runs(run(view.ticket.number, bold=True), run(f"  ⊘ {t('list.confidential')} · {line}"), spacing="Medium"),
        *([runs(run(t("ping.confidential_hint", line=line), subtle=True), spacing="Small")] if is_open else []),
    ]
    data = on_ticket(view.ticket, ping=ping.id)
    actions: list[Action] = [execute(t("action.acknowledge"), ACKNOWLEDGE, data)] if is_open else []
    return card(body, actions, fallback=title)


def hidden_summary(view: TicketView, t: Text) -> str:
    """What the notification says to somebody who may know no more."""
    return t("ping.confidential", number=view.ticket.number)


def _at_a_glance(view: TicketView, ping: PingView, t: Text, zone: tzinfo) -> list[CardElement]:
    """What is at risk and since when, or what happened and when, or who looks after it."""
    if ping.state == IS_OPEN:
        return [heading(f"⚠ {cause(ping, view, t)}"), _since_when(ping, t, zone)]
    when = t.moment(ping.ended_at, zone) if ping.ended_at else ""
    return [heading(_end(ping, t)), *([runs(run(when, subtle=True), spacing="Small")] if when else [])]


def _style(ping: PingView) -> PanelStyle:
    if ping.state != IS_OPEN:
        return "good" if ping.state in _ENDED_WELL else "emphasis"
    return "attention" if _is_overdue(ping) else "warning"


def _is_overdue(ping: PingView) -> bool:
    return isinstance(ping.event, ClockFired) and ping.event.is_late


def summary(view: TicketView, ping: PingView, t: Text) -> str:
    """What the notification says."""
    return t("ping.summary", number=view.ticket.number, what=cause(ping, view, t))


def cause(ping: PingView, view: TicketView, t: Text) -> str:
    """What is at risk, in one short sentence."""
    if isinstance(ping.event, CountReached):
        return t(f"count.{ping.event.count}", count=ping.event.times)
    if _is_overdue(ping):
        return t(f"ping.overdue.{ping.cause}")
    reason = ping.event.reason_key
    name = text.name(ping.asked_by.name or view.requester.name)
    return t(f"ping.cause.{ping.cause}", name=name, reason=t(reason) if reason else "")


def _marks(view: TicketView, t: Text) -> CardElement:
    priority, status = priority_mark(view.ticket.priority, t), status_mark(view.ticket.status, t)
    return runs(priority, run("\u2003"), status, spacing="Small")


def _since_when(ping: PingView, t: Text, zone: tzinfo) -> CardElement:
    if not isinstance(ping.event, ClockFired):
        return runs(run(t.moment(ping.at, zone)), spacing="Small")
    due = t.moment(ping.event.due, zone)
    if _is_overdue(ping):
        return runs(run(t("line.since", moment=due), bold=True), spacing="Small")
    return runs(run(t("ping.used", percent=ping.event.percent, moment=due)), spacing="Small")


def _words(ping: PingView, room: int, t: Text) -> list[CardElement]:
    words = ping.event.words.strip()
    return [panel(long_text(words, room // 2, t))] if words else []


def _whereabouts(view: TicketView, t: Text) -> str:
    line = text.name(view.line.label.text(t.language))
    return f"{text.name(view.assignee.name) if view.assignee else t('line.nobody')} ({line})"


def _next(ping: PingView, t: Text, zone: tzinfo) -> list[CardElement]:
    """What happens without an answer."""
    if ping.state != IS_OPEN:
        return []
    ahead = [runs(run(sentence), spacing="Small") for sentence in _ahead(ping, t, zone)]
    return [panel([label(t("ping.next"), spacing="None"), *ahead])]


def _ahead(ping: PingView, t: Text, zone: tzinfo) -> list[str]:
    sentences = []
    if ping.reminders_left and ping.next_at:
        sentences.append(t("ping.next.reminder", moment=t.moment(ping.next_at, zone)))
    if ping.then and ping.asked_next_at:
        sentences.append(_asked_next(ping.then, t.moment(ping.asked_next_at, zone), t))
    elif not ping.then:
        sentences.append(t("ping.next.last"))
    return sentences


def _asked_next(people: Sequence[Person], moment: str, t: Text) -> str:
    """Who is asked next; those the desk has not met yet have no name to tell."""
    names = [text.name(person.name) for person in people if person.name]
    if not names:
        return t("ping.next.other", moment=moment)
    return t("ping.next.people", moment=moment, names=", ".join(names))


def _end(ping: PingView, t: Text) -> str:
    if ping.ended_by:
        return t(f"ping.{ping.state}", name=text.name(ping.ended_by.name))
    return t("ping.exhausted" if ping.state == "exhausted" else "ping.ended")


def _actions(view: TicketView, ping: PingView, t: Text, theirs: frozenset[Role]) -> list[Action]:
    data = on_ticket(view.ticket, ping=ping.id)
    actions: list[Action] = []
    if ping.state == IS_OPEN:
        actions.append(execute(t("action.acknowledge"), ACKNOWLEDGE, data))
    is_offer_gone = ping.cause == Clock.ACCEPTANCE.value and not view.ticket.offer
    is_asked = view.ticket.status in OPEN and ping.state in _NOBODYS_YET and not is_offer_gone
    if is_asked and Role.PINGED in theirs:
        actions.append(execute(t("action.take_over"), Verb.TAKE_OVER.value, data))
    return [*actions, *([execute(t("action.open"), VIEW, on_ticket(view.ticket))] if theirs else [])]

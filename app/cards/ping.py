"""The card that asks one person to look at a ticket: what is at risk, since when, what happens next and when."""

from datetime import datetime, tzinfo

from microsoft_teams.cards.core import Action, CardElement

from app.cards import text
from app.cards.parts import Card, card, execute, fact, fitted, heading, long_text, on_ticket, panel, run, runs
from app.cards.story import priority_mark, short_title, status_mark
from app.domain.clocks import WHOLE, Clock
from app.domain.ticket import OPEN
from app.domain.verbs import ACKNOWLEDGE, VIEW, Verb
from app.domain.views import PingView, TicketView
from app.i18n import Text

IS_OPEN = "open"


def ping_card(view: TicketView, ping: PingView, t: Text, zone: tzinfo) -> Card:
    """The ping for somebody who was asked."""
    what = cause(ping, view, t)

    def build(room: int) -> Card:
        body: list[CardElement] = [
            heading(f"⚠ {what}" if ping.state == IS_OPEN else what),
            runs(run(f"{view.ticket.number} · {short_title(view.ticket)}", bold=True), spacing="Small"),
            runs(
                priority_mark(view.ticket.priority, t),
                run("\u2003"),
                status_mark(view.ticket.status, t),
                spacing="Small",
            ),
            *_since_when(ping, t, zone),
            *_words(ping, room, t),
            fact(t("line.requester"), run(text.name(view.requester.name))),
            fact(t("ping.assignee"), run(_whereabouts(view, t))),
            panel([runs(run(sentence)) for sentence in _next(ping, t, zone)]),
        ]
        return card(body, _actions(view, ping, t), fallback=summary(view, ping, t))

    return fitted(build)


def summary(view: TicketView, ping: PingView, t: Text) -> str:
    """What the notification says."""
    return t("ping.summary", number=view.ticket.number, what=cause(ping, view, t))


def cause(ping: PingView, view: TicketView, t: Text) -> str:
    """What is at risk, in one short sentence."""
    if "count" in ping.data:
        return t(f"count.{ping.data['count']}", count=ping.data["times"])
    if "percent" in ping.data and ping.data["percent"] >= WHOLE:
        return t(f"ping.overdue.{ping.cause}")
    reason = ping.data.get("reason")
    name = text.name(str(ping.data.get("name") or view.requester.name))
    return t(f"ping.cause.{ping.cause}", name=name, reason=t(f"nudge.{reason}") if reason else "")


def _marks(view: TicketView, t: Text) -> CardElement:
    priority, status = priority_mark(view.ticket.priority, t), status_mark(view.ticket.status, t)
    return runs(priority, run("\u2003"), status, spacing="Small")


def _since_when(ping: PingView, t: Text, zone: tzinfo) -> list[CardElement]:
    if "due" not in ping.data:
        return [fact(t("line.since", moment=t.moment(ping.at, zone)))]
    due = t.moment(datetime.fromisoformat(ping.data["due"]), zone)
    if ping.data["percent"] >= WHOLE:
        return [runs(run(t("ping.late", moment=due), color="Attention", bold=True), spacing="Small")]
    return [runs(run(t("ping.used", percent=ping.data["percent"], moment=due)), spacing="Small")]


def _words(ping: PingView, room: int, t: Text) -> list[CardElement]:
    words = str(ping.data.get("text") or "").strip()
    return [panel(long_text(words, room // 2, t))] if words else []


def _whereabouts(view: TicketView, t: Text) -> str:
    line = text.name(view.line.label.text(t.language))
    return f"{text.name(view.assignee.name) if view.assignee else t('line.nobody')} ({line})"


def _next(ping: PingView, t: Text, zone: tzinfo) -> list[str]:
    """What happens without an answer, or how it ended."""
    if ping.state != IS_OPEN:
        if not ping.ended_by or not ping.ended_at:
            return [t("ping.exhausted" if ping.state == "exhausted" else "ping.ended")]
        name, moment = text.name(ping.ended_by.name), t.moment(ping.ended_at, zone)
        return [t(f"ping.{ping.state}", name=name, moment=moment)]
    sentences = []
    if ping.reminders_left and ping.next_at:
        sentences.append(t("ping.next.reminder", moment=t.moment(ping.next_at, zone)))
    if ping.then and ping.asked_next_at:
        names = ", ".join(text.name(person.name) for person in ping.then)
        sentences.append(t("ping.next.people", moment=t.moment(ping.asked_next_at, zone), names=names))
    elif not ping.then:
        sentences.append(t("ping.next.last"))
    return sentences


def _actions(view: TicketView, ping: PingView, t: Text) -> list[Action]:
    data = on_ticket(view.ticket, ping=ping.id)
    actions: list[Action] = []
    if ping.state == IS_OPEN:
        actions.append(execute(t("action.acknowledge"), ACKNOWLEDGE, data))
    is_offer = ping.cause == Clock.ACCEPTANCE.value
    if view.ticket.status in OPEN and (ping.state in (IS_OPEN, "acknowledged")) and (view.ticket.offer or not is_offer):
        actions.append(execute(t("action.take_over"), Verb.TAKE_OVER.value, data))
    return [*actions, execute(t("action.open"), VIEW, on_ticket(view.ticket))]

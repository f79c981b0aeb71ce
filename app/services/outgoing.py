"""Who hears what: one table from what happened to the messages it causes (product: "Nobody is told about their own
action").
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from app.desk.model import Desk, Line
from app.domain.chain import addressed
from app.domain.desk_events import ClockFired
from app.domain.events import CLOCK_FIRED, PRIORITY_RAISED, PROMISE_MISSED, SUBMITTED
from app.domain.ticket import Ticket
from app.domain.waiting import Ending
from app.messages.cards.living import LineCard, RequesterCard
from app.messages.notice import Notice
from app.messages.notices.clock_fired import ClockFiredInThread
from app.messages.notices.ending import AnswerReminder, AnswerWarning, ClosingWarning
from app.messages.notices.needs_somebody import NeedsSomebody
from app.messages.notices.priority_raised import PriorityRaisedInThread
from app.messages.notices.promise_missed import PromiseMissedNotice
from app.services.access import REQUESTER_SLOT, as_counted, in_charge, line_of, line_slot
from app.services.unit_of_work import Happened as Happened
from app.store.copies import SentCopy
from app.store.messages import Content, QueuedMessage, Way
from app.store.outbox import Draft


def drafts_by_desk(happened: Happened) -> Iterator[Draft]:
    """The messages of what the desk does by itself, in the order they leave; those of verbs are theirs to say."""
    return _TABLE[happened.event.code](happened)


def cards_of_former_lines(desk: Desk, ticket_id: int, slots: Iterable[str]) -> list[Draft]:
    """The cards of every line that had the ticket, when it moved; `slots` are the cards it has."""
    known = dict.fromkeys(line for line in map(line_of, slots) if line)
    return [draft for line in known for draft in cards_of_line(desk, ticket_id, line)]


def _card_of_requester(ticket: Ticket) -> Draft:
    """The requester's living card: posted where there is none, else edited."""
    return Draft(
        target=f"person:{ticket.requester}",
        way=Way.CARD,
        content=RequesterCard(),
        ticket=ticket.id,
        slot=REQUESTER_SLOT,
        collapse=f"card:{ticket.id}:{REQUESTER_SLOT}",
    )


def cards_of_line(desk: Desk, ticket_id: int, line: str) -> list[Draft]:
    """The ticket's card in a line's channel, or in the chat of each of its people: posted where there is none, else
    edited.
    """
    return [
        Draft(target, Way.CARD, LineCard(), ticket_id, slot, collapse=f"card:{ticket_id}:{slot}")
        for target, slot in places_of_line(desk, line)
    ]


def places_of_line(desk: Desk, line: str) -> list[tuple[str, str]]:
    """Where a line is spoken to, and the slot of its card there. Management may have people instead of a channel."""
    known, slot = desk.lines.get(line), line_slot(line)
    if known is None or _is_in_public(known):
        return [(slot, slot)]
    return [(f"person:{person}", f"{slot}/{index}") for index, person in enumerate(known.people)]


def _is_in_public(line: Line) -> bool:
    """Whether a line is spoken to in a channel, which others read, too."""
    return bool(line.channel) or not line.people


def cards_of(desk: Desk, ticket: Ticket) -> list[Draft]:
    """The cards everybody looks at: the requester's, the responsible line's, and that of a line it is offered to."""
    lines = [ticket.line, *([ticket.offer.line] if ticket.offer else [])]
    return [_card_of_requester(ticket), *(draft for line in lines for draft in cards_of_line(desk, ticket.id, line))]


def tell(it: Happened, person: str | None, notice: Notice, line: str | None = None) -> Iterator[Draft]:
    """A message in somebody's own chat, unless they did it themselves. `line` is the one they hear it for: whether they
    still belong to it is asked again when it is sent.
    """
    if person and person != it.event.actor:
        for_line = replace(notice, line=line) if line else notice
        yield Draft(f"person:{person}", Way.CHAT, for_line, it.after.id, event=it.event_id)


def tell_assignee(it: Happened, notice: Notice) -> Iterator[Draft]:
    """Whoever has the ticket hears it; where they no longer count, whoever stands in hears that it needs somebody."""
    if it.after.assignee in (None, it.event.actor):
        return
    hears = as_counted(it.tx, it.desk, it.after).assignee
    yield from tell(it, hears, notice if hears == it.after.assignee else NeedsSomebody(), it.after.line)


@dataclass(frozen=True, slots=True)
class Cause:
    """The event that a message tells of, and who did it: they are not told about their own action."""

    event_id: int
    actor: str | None = None


def in_thread(tx: Connection, desk: Desk, ticket: Ticket, line: str, notice: Notice, cause: Cause) -> list[Draft]:
    """A line under the ticket's card in the channel; a message to each of its people where the line has none.

    A confidential ticket has no words in public: whoever has it hears them in their own chat, or else the line's lead.
    """
    known, for_line = desk.lines.get(line), replace(notice, line=line)
    if ticket.confidential and known and _is_in_public(known):
        hears = in_charge(tx, desk, ticket, line)
        if not hears or hears == cause.actor:
            return []
        return [Draft(f"person:{hears}", Way.CHAT, for_line, ticket.id, event=cause.event_id)]
    return [
        Draft(target, Way.CHAT, for_line, ticket.id, event=cause.event_id)
        if target.startswith("person:")
        else Draft(target, Way.THREAD, notice, ticket.id, slot=slot, event=cause.event_id)
        for target, slot in places_of_line(desk, line)
        if target != f"person:{cause.actor}"
    ]


def tell_line(it: Happened, line: str, notice: Notice) -> list[Draft]:
    return in_thread(it.tx, it.desk, it.after, line, notice, Cause(it.event_id, it.event.actor))


def show_cards(it: Happened) -> Iterator[Draft]:
    """The cards everybody looks at, that of a line whose offer has just ended among them."""
    yield from cards_of(it.desk, it.after)
    if it.before.offer and not it.after.offer and it.before.offer.line != it.after.line:
        yield from cards_of_line(it.desk, it.after.id, it.before.offer.line)


def requester_hears(notice: Notice) -> Callable[[Happened], Iterator[Draft]]:
    def told(it: Happened) -> Iterator[Draft]:
        yield from tell(it, it.after.requester, notice)
        yield from show_cards(it)

    return told


def _in_thread(notice: Notice) -> Callable[[Happened], Iterator[Draft]]:
    def told(it: Happened) -> Iterator[Draft]:
        yield from tell_line(it, it.after.line, notice)
        yield from show_cards(it)

    return told


def _clock_fired(it: Happened) -> Iterator[Draft]:
    fired = it.event.data
    if isinstance(fired, ClockFired) and addressed(fired.tell, it.after).is_line_told:
        yield from in_thread(it.tx, it.desk, it.after, fired.line, ClockFiredInThread(), Cause(it.event_id))
    yield from show_cards(it)


def _nobody_hears(_it: Happened) -> Iterator[Draft]:
    return iter(())


_TABLE: Mapping[str, Callable[[Happened], Iterator[Draft]]] = {
    SUBMITTED: show_cards,
    CLOCK_FIRED: _clock_fired,
    PRIORITY_RAISED: _in_thread(PriorityRaisedInThread()),
    PROMISE_MISSED: requester_hears(PromiseMissedNotice()),
    Ending.REMINDED: requester_hears(AnswerReminder()),
    Ending.WARNED: requester_hears(AnswerWarning()),
    Ending.CLOSING: requester_hears(ClosingWarning()),
    Ending.ENDED: _nobody_hears,  # the request it leads to is told
    Ending.OVER: _nobody_hears,
    Ending.CLOSED: _nobody_hears,
}


def say(target: str, message: Content, ticket: int | None = None) -> Draft:
    """An answer to something typed, rendered when it is sent."""
    return Draft(target, Way.ANSWER, message, ticket)


def written_anew(sent: QueuedMessage | SentCopy) -> Draft:
    """Write a message anew in its place, be it still in the outbox or sent."""
    return Draft(
        target=sent.target,
        way=Way.EDIT,
        content=sent.content,
        ticket=sent.ticket,
        slot=sent.slot,
        event=sent.event,
        collapse=f"copy:{sent.id}",
        copy=sent.id,
    )


def edit(target: str, message: Content, activity: str, ticket: int) -> Draft:
    """Put something else in the place of a message that was sent before (a form that has done its work)."""
    return Draft(target, Way.EDIT, message, ticket, replaces=activity)

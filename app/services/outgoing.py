"""Who hears what: one table from what happened to the messages it causes (product: "Nobody is told about their own
action").
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.desk.model import Desk
from app.domain.events import SUBMITTED, Event
from app.domain.ticket import PendingReason, Ticket
from app.domain.verbs import Verb
from app.services.access import REQUESTER_SLOT, line_of, line_slot
from app.store.outbox import Draft

CARD, TELL, THREAD, SAY, EDIT = "card", "tell", "thread", "say", "edit"


@dataclass(frozen=True, slots=True)
class Happened:
    """Everything the table looks at."""

    desk: Desk
    before: Ticket
    after: Ticket
    event: Event
    event_id: int


def drafts(happened: Happened, slots: tuple[str, ...] = ()) -> list[Draft]:
    """The messages of one event, in the order they leave; `slots` are the cards the ticket has so far."""
    told = list(_TABLE[happened.event.code](happened))
    if happened.event.code == Verb.ACCEPT.value:
        told += [card_of_line(happened.after.id, line) for line in map(line_of, slots) if line]
    return told


def _card_of_requester(ticket: Ticket) -> Draft:
    """The requester's living card: posted where there is none, else edited."""
    return Draft(
        target=f"person:{ticket.requester}",
        kind=CARD,
        what="living",
        ticket=ticket.id,
        slot=REQUESTER_SLOT,
        collapse=f"card:{ticket.id}:{REQUESTER_SLOT}",
    )


def card_of_line(ticket_id: int, line: str) -> Draft:
    """The ticket's card in a line's channel: posted where there is none, else edited."""
    slot = line_slot(line)
    return Draft(slot, CARD, "line", ticket_id, slot, collapse=f"card:{ticket_id}:{slot}")


def _tell(it: Happened, person: str | None, what: str) -> Iterator[Draft]:
    """A message in somebody's own chat, unless they did it themselves."""
    if person and person != it.event.actor:
        yield Draft(f"person:{person}", TELL, what, it.after.id, event=it.event_id)


def _thread(it: Happened, line: str, what: str) -> Iterator[Draft]:
    """A line under the ticket's card in the channel."""
    slot = line_slot(line)
    yield Draft(slot, THREAD, what, it.after.id, slot=slot, event=it.event_id)


def _cards(it: Happened) -> Iterator[Draft]:
    """The cards everybody looks at: the requester's, the responsible line's, and that of a line it is offered to."""
    yield _card_of_requester(it.after)
    yield card_of_line(it.after.id, it.after.line)
    for ticket in (it.before, it.after):
        if ticket.offer:
            yield card_of_line(it.after.id, ticket.offer.line)
            return


def _requester_hears(what: str) -> Callable[[Happened], Iterator[Draft]]:
    def told(it: Happened) -> Iterator[Draft]:
        yield from _tell(it, it.after.requester, what)
        yield from _cards(it)

    return told


def _assigned(it: Happened) -> Iterator[Draft]:
    yield from _tell(it, it.after.requester, "assigned")
    yield from _tell(it, it.after.assignee, "assigned_to_you")
    yield from _cards(it)


def _replied(it: Happened) -> Iterator[Draft]:
    yield from _tell(it, it.after.requester, "replied")
    yield from _thread(it, it.after.line, "thread_replied")
    yield from _cards(it)


def _in_thread(what: str) -> Callable[[Happened], Iterator[Draft]]:
    def told(it: Happened) -> Iterator[Draft]:
        yield from _thread(it, it.after.line, what)
        yield from _cards(it)

    return told


def _pended(it: Happened) -> Iterator[Draft]:
    asks = it.after.pending_reason is PendingReason.REQUESTER
    yield from _tell(it, it.after.requester, "asked" if asks else "waiting")
    yield from _cards(it)


def _offered(it: Happened) -> Iterator[Draft]:
    offer = it.after.offer
    if offer is None:
        return
    lead = it.desk.lines[offer.line].lead
    yield from _tell(it, it.after.requester, "offered")
    yield from _tell(it, lead, "lead_offered")
    yield from _thread(it, it.after.line, "thread_offered")
    yield from _cards(it)


def _accepted(it: Happened) -> Iterator[Draft]:
    yield from _tell(it, it.after.requester, "accepted")
    yield from _thread(it, it.before.line, "thread_accepted")
    yield from _cards(it)


def _returned(it: Happened) -> Iterator[Draft]:
    yield from _tell(it, it.after.requester, "returned")
    yield from _thread(it, it.after.line, "thread_returned")
    yield from _cards(it)


def _reopened(it: Happened) -> Iterator[Draft]:
    yield from _tell(it, it.after.requester, "reopened")
    yield from _tell(it, it.after.assignee, "reopened_to_you")
    yield from _thread(it, it.after.line, "thread_reopened")
    yield from _cards(it)


_TABLE: Mapping[str, Callable[[Happened], Iterator[Draft]]] = {
    SUBMITTED: _cards,
    Verb.TAKE: _requester_hears("taken"),
    Verb.ASSIGN: _assigned,
    Verb.GIVE_BACK: _cards,
    Verb.REPLY: _replied,
    Verb.NOTE: _in_thread("thread_noted"),
    Verb.COMMENT: _in_thread("thread_commented"),
    Verb.PEND: _pended,
    Verb.RESUME: _cards,
    Verb.CLASSIFY: _cards,
    Verb.ESCALATE: _offered,
    Verb.ACCEPT: _accepted,
    Verb.RETURN: _returned,
    Verb.RESOLVE: _requester_hears("resolved"),
    Verb.REOPEN: _reopened,
    Verb.EDIT: _in_thread("thread_edited"),
    Verb.WITHDRAW: _in_thread("thread_withdrawn"),
    Verb.CONFIRM: _cards,
    Verb.RATE: _cards,
}


def say(target: str, what: str, ticket: int | None = None, **data: Any) -> Draft:
    """An answer to something typed, rendered when it is sent."""
    return Draft(target=target, kind=SAY, what=what, ticket=ticket, data=data)


def edit(target: str, what: str, activity: str, ticket: int) -> Draft:
    """Put something else in the place of a message that was sent before (a form that has done its work)."""
    return Draft(target=target, kind=EDIT, what=what, ticket=ticket, data={"activity": activity})

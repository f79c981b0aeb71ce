"""Who hears what: one table from what happened to the messages it causes (product: "Nobody is told about their own
action").
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from app.desk.model import Desk, Line
from app.domain.escalation import ASSIGNEE, LINE
from app.domain.events import CLOCK_FIRED, PRIORITY_RAISED, PROMISE_MISSED, SUBMITTED, Event
from app.domain.ticket import PendingReason, Ticket
from app.domain.verbs import Verb
from app.domain.waiting import Ending
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
    if happened.event.code in (Verb.ACCEPT.value, Verb.TAKE_OVER.value):
        known = dict.fromkeys(line for line in map(line_of, slots) if line)
        told += [draft for line in known for draft in cards_of_line(happened.desk, happened.after.id, line)]
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


def cards_of_line(desk: Desk, ticket_id: int, line: str) -> list[Draft]:
    """The ticket's card in a line's channel, or in the chat of each of its people: posted where there is none, else
    edited.
    """
    return [
        Draft(target, CARD, "line", ticket_id, slot, collapse=f"card:{ticket_id}:{slot}")
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


def _tell(it: Happened, person: str | None, what: str) -> Iterator[Draft]:
    """A message in somebody's own chat, unless they did it themselves."""
    if person and person != it.event.actor:
        yield Draft(f"person:{person}", TELL, what, it.after.id, event=it.event_id)


def in_thread(desk: Desk, ticket: Ticket, line: str, what: str, event_id: int, actor: str | None = None) -> list[Draft]:
    """A line under the ticket's card in the channel; a message to each of its people where the line has none.

    A confidential ticket has no words in public: whoever has it hears them in their own chat, or else the line's lead.
    """
    known = desk.lines.get(line)
    if ticket.confidential and known and _is_in_public(known):
        hears = (ticket.assignee if line == ticket.line else None) or known.lead
        if not hears or hears in (actor, ticket.requester):
            return []
        return [Draft(f"person:{hears}", TELL, what, ticket.id, event=event_id)]
    return [
        Draft(target, TELL, what, ticket.id, event=event_id)
        if target.startswith("person:")
        else Draft(target, THREAD, what, ticket.id, slot=slot, event=event_id)
        for target, slot in places_of_line(desk, line)
        if target != f"person:{actor}"
    ]


def _thread(it: Happened, line: str, what: str) -> list[Draft]:
    return in_thread(it.desk, it.after, line, what, it.event_id, it.event.actor)


def _cards(it: Happened) -> Iterator[Draft]:
    """The cards everybody looks at, that of a line whose offer has just ended among them."""
    yield from cards_of(it.desk, it.after)
    if it.before.offer and not it.after.offer and it.before.offer.line != it.after.line:
        yield from cards_of_line(it.desk, it.after.id, it.before.offer.line)


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


def _noted(it: Happened) -> Iterator[Draft]:
    """What agents said in the thread stands there already."""
    if it.event.data.get("heard_at") != it.after.line:
        yield from _thread(it, it.after.line, "thread_noted")
    yield from _cards(it)


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


def _taken_over(it: Happened) -> Iterator[Draft]:
    accepted = it.before.line != it.after.line
    yield from _tell(it, it.after.requester, "accepted" if accepted else "taken")
    if accepted:
        yield from _thread(it, it.before.line, "thread_accepted")
    elif it.before.assignee != it.after.assignee:
        yield from _tell(it, it.before.assignee, "taken_from_you")
    yield from _cards(it)


def _linked(it: Happened) -> Iterator[Draft]:
    """Only a ticket that is handled with another one is news for its requester."""
    if it.before.status is not it.after.status:
        yield from _tell(it, it.after.requester, "merged" if it.event.code == Verb.LINK else "unmerged")
    yield from _cards(it)


def _clock_fired(it: Happened) -> Iterator[Draft]:
    """The line hears it where the policy tells it, or tells an assignee who does not exist yet."""
    roles = it.event.data["tell"]
    if LINE in roles or (it.after.assignee is None and ASSIGNEE in roles):
        yield from in_thread(it.desk, it.after, it.event.data["line"], "thread_clock", it.event_id)
    yield from _cards(it)


def _resumed(it: Happened) -> Iterator[Draft]:
    yield from _tell(it, it.after.assignee, "resumed_to_you")
    yield from _cards(it)


def _nobody_hears(_it: Happened) -> Iterator[Draft]:
    return iter(())


_TABLE: Mapping[str, Callable[[Happened], Iterator[Draft]]] = {
    SUBMITTED: _cards,
    Verb.TAKE: _requester_hears("taken"),
    Verb.ASSIGN: _assigned,
    Verb.GIVE_BACK: _cards,
    Verb.REPLY: _replied,
    Verb.NOTE: _noted,
    Verb.COMMENT: _in_thread("thread_commented"),
    Verb.PEND: _pended,
    Verb.RESUME: _resumed,
    Verb.CLASSIFY: _cards,
    Verb.ESCALATE: _offered,
    Verb.ACCEPT: _accepted,
    Verb.RETURN: _returned,
    Verb.RESOLVE: _requester_hears("resolved"),
    Verb.REOPEN: _reopened,
    Verb.EDIT: _in_thread("thread_edited"),
    Verb.WITHDRAW: _in_thread("thread_withdrawn"),
    Verb.CONFIRM: _requester_hears("closed"),
    Verb.RATE: _cards,
    Verb.NUDGE: _in_thread("thread_nudged"),
    Verb.NOTIFY_MANAGER: _in_thread("thread_notified"),
    Verb.TAKE_OVER: _taken_over,
    Verb.LINK: _linked,
    Verb.UNLINK: _linked,
    CLOCK_FIRED: _clock_fired,
    PRIORITY_RAISED: _in_thread("thread_raised"),
    PROMISE_MISSED: _requester_hears("promise_missed"),
    Ending.REMINDED: _requester_hears("remind_answer"),
    Ending.WARNED: _requester_hears("warn_answer"),
    Ending.CLOSING: _requester_hears("warn_closing"),
    Ending.ENDED: _nobody_hears,  # the request it leads to is told
    Ending.OVER: _nobody_hears,
    Ending.CLOSED: _nobody_hears,
}


def say(target: str, what: str, ticket: int | None = None, **data: Any) -> Draft:
    """An answer to something typed, rendered when it is sent."""
    return Draft(target=target, kind=SAY, what=what, ticket=ticket, data=data)


def words_of_event(event: int) -> str:
    """The name of what somebody said when this happened, for the messages that repeat it."""
    return f"event:{event}"


def words_of_draft(key: str) -> str:
    """The name of what somebody said under this key, for the question that quotes it."""
    return f"draft:{key}"


def written_anew(message: int, sent: Row[Any]) -> Draft:
    """Write a message anew in its place; `sent` is its row in the outbox or among the copies."""
    return Draft(
        target=sent.target,
        kind=EDIT,
        what=sent.what,
        ticket=sent.ticket,
        slot=sent.slot,
        event=sent.event,
        collapse=f"copy:{message}",
        data={**sent.data, "copy": message},
    )


def edit(target: str, what: str, activity: str, ticket: int, **data: Any) -> Draft:
    """Put something else in the place of a message that was sent before (a form that has done its work)."""
    return Draft(target=target, kind=EDIT, what=what, ticket=ticket, data={"activity": activity, **data})

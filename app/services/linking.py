"""Tickets that belong together: children of one, and duplicates that are handled with one and end with it."""

from datetime import timedelta
from typing import Protocol

from sqlalchemy import Connection

from app.actions.action import Inputs
from app.actions.link import LinkedTo
from app.actions.resolve import Resolve
from app.actions.unlink import Unlink, UnlinkedFrom, state_before_merging
from app.domain.desk_events import LinkedFromThere
from app.domain.events import LINKED, UNLINKED, Event
from app.domain.merging import merged_into
from app.domain.people import DESK
from app.domain.ticket import OPEN, Relation, Ticket
from app.domain.verbs import Verb
from app.domain.waiting import NO_ANSWER
from app.messages.notices.commented import DuplicateCommentedInThread
from app.services import outgoing
from app.services.unit_of_work import Change, UnitOfWork
from app.store import cards, history, links, outbox, tickets

MOST_SHOWN_ANEW = 200


class Perform(Protocol):
    """Carries a request out on another ticket: unit of work, ticket, request, by whom, and how long it can be undone
    (None: the desk's time for reopening).
    """

    def __call__(self, work: UnitOfWork, ticket: Ticket, request: Inputs, by: str, undo: timedelta | None) -> None: ...


def follow_change(work: UnitOfWork, change: Change, perform: Perform) -> None:
    """What a change of one ticket means for those it belongs together with."""
    after, event = change.after, change.event
    if not after.is_linked:
        return
    match event.code:
        case Verb.LINK.value:
            _link(work, after, event)
        case Verb.UNLINK.value:
            _unlink(work, after, event)
        case Verb.RESOLVE.value if after.resolution != NO_ANSWER:
            _solve_duplicates(work, after, event, perform)
        case Verb.RESOLVE.value | Verb.WITHDRAW.value:
            _separate_duplicates(work, after, perform)
        case Verb.REOPEN.value:
            if link := links.latest_from(work.tx, after.id, Relation.DUPLICATE_OF):
                links.undo(work.tx, link.id, now=work.now)
        case Verb.COMMENT.value:
            _tell_main(work, after, event, change.event_id)
        case _:
            pass
    if after.status is not change.before.status:
        for row in links.belonging(work.tx, after.id, limit=MOST_SHOWN_ANEW):
            _show_anew(work, row.id, (row.line, row.offer_line))


def _tell_main(work: UnitOfWork, ticket: Ticket, event: Event, event_id: int) -> None:
    """Those who work on the ticket that this one is handled with hear what its requester says."""
    if ticket.confidential:
        return
    seen, main = {ticket.id}, ticket
    while merged_into(main):
        link = links.latest_from(work.tx, main.id, Relation.DUPLICATE_OF)
        found = tickets.find(work.tx, link.other) if link and link.other not in seen else None
        if found is None:
            return
        main = found.ticket
        seen.add(main.id)
    if main is not ticket and main.status in OPEN:
        notice, by = DuplicateCommentedInThread(), event.actor
        told = outgoing.in_thread(work.tx, work.desk, main, main.line, notice, outgoing.Cause(event_id, by))
        outbox.put(work.tx, told, now=work.now, correlation=work.correlation, by=event.person)


def _link(work: UnitOfWork, ticket: Ticket, event: Event) -> None:
    linked = event.data
    if not isinstance(linked, LinkedTo):
        return
    links.add(work.tx, ticket.id, linked.other, linked.relation, by=event.actor, now=work.now)
    tickets.mark_linked(work.tx, [linked.other])
    seen_from_there = LinkedFromThere(ticket.number, ticket.id, linked.relation)
    _tell_other(work, linked.other, Event(LINKED, event.actor, work.now, seen_from_there))


def _unlink(work: UnitOfWork, ticket: Ticket, event: Event) -> None:
    unlinked = event.data
    if not isinstance(unlinked, UnlinkedFrom):
        return
    if link := links.latest_from(work.tx, ticket.id, unlinked.relation):
        links.undo(work.tx, link.id, now=work.now)
        seen_from_there = LinkedFromThere(ticket.number, ticket.id, unlinked.relation)
        _tell_other(work, link.other, Event(UNLINKED, event.actor, work.now, seen_from_there))


def _tell_other(work: UnitOfWork, other: int, event: Event) -> None:
    history.add(work.tx, other, event, work.correlation)
    if found := tickets.find(work.tx, other):
        offer = found.ticket.offer
        _show_anew(work, other, (found.ticket.line, offer.line if offer else None))


def _show_anew(work: UnitOfWork, ticket: int, lines: tuple[str | None, ...]) -> None:
    """Edit the ticket's cards in its lines' channels, where there are any."""
    there = set(cards.slots(work.tx, ticket))
    drafts = [draft for line in lines if line for draft in outgoing.cards_of_line(work.desk, ticket, line)]
    shown = [draft for draft in drafts if draft.slot in there]
    outbox.put(work.tx, shown, now=work.now, correlation=work.correlation)


def _duplicates(tx: Connection, main: Ticket) -> list[Ticket]:
    """The tickets that wait for this one to be solved, locked."""
    rows = links.leading_to(tx, main.id, Relation.DUPLICATE_OF)
    found = [tickets.find(tx, row.ticket, to_change=True) for row in rows]
    return [each.ticket for each in found if each and merged_into(each.ticket) == main.number]


def _solve_duplicates(work: UnitOfWork, main: Ticket, event: Event, perform: Perform) -> None:
    """Everybody who reported the same hears the solution, and says for their own ticket whether it works."""
    for duplicate in _duplicates(work.tx, main):
        perform(work, duplicate, Resolve(main.resolution or ""), event.actor, None)


def _separate_duplicates(work: UnitOfWork, main: Ticket, perform: Perform) -> None:
    """The main ticket ended without a solution: whoever reported the same still waits for one, however long ago."""
    for duplicate in _duplicates(work.tx, main):
        request = Unlink(main.number, Relation.DUPLICATE_OF, state_before_merging(work.tx, duplicate))
        perform(work, duplicate, request, DESK, work.now - duplicate.created_at)

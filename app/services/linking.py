"""Tickets that belong together: children of one, and duplicates that are handled with one and end with it."""

from dataclasses import replace

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain import lifecycle, requests
from app.domain.errors import InvalidInput, NotFound, NotNow
from app.domain.events import LINKED, UNLINKED, Event
from app.domain.merging import merged_into
from app.domain.people import DESK, Actor
from app.domain.ticket import OPEN, Relation, Ticket
from app.domain.verbs import Verb
from app.domain.waiting import NO_ANSWER
from app.services import outgoing
from app.services.access import access_ticket
from app.services.record import Moment, record, with_timer
from app.store import cards, history, links, outbox, tickets

CHOSEN = (Relation.DUPLICATE_OF, Relation.CHILD_OF)
"""What agents say of two tickets, in the order in which it is undone; the rest the desk says itself."""
MOST_SHOWN_ANEW = 200


def completed(tx: Connection, desk: Desk, actor: Actor, ticket: Ticket, request: requests.Link) -> requests.Link:
    """The request with the other ticket's number; raise `InvalidInput` where the two cannot be linked.

    A ticket the actor may not see is refused like one that does not exist.
    """
    try:
        other = access_ticket(tx, desk, actor, request.other, to_change=True).ticket
    except NotFound:
        raise _refused("error.not_found") from None
    if other.id == ticket.id:
        raise _refused("error.link_itself")
    if links.are_linked(tx, ticket.id, other.id, CHOSEN):
        raise _refused("error.link_twice", number=other.number)
    if _leads_to(tx, other.id, ticket.id):
        raise _refused("error.link_circle", number=other.number)
    if request.relation is Relation.DUPLICATE_OF and other.status not in OPEN:
        raise _refused("error.link_ended", number=other.number)
    if request.relation is Relation.DUPLICATE_OF and other.confidential and not ticket.confidential:
        raise _refused("error.link_confidential", number=other.number)  # its solution is told with the duplicate
    return replace(request, number=other.number)


def _refused(key: str, **values: object) -> InvalidInput:
    return InvalidInput({"other": (key, values)})


def _leads_to(tx: Connection, start: int, end: int) -> bool:
    """Whether links lead from one ticket to the other."""
    met, ahead = set[int](), [start]
    while ahead:
        ticket = ahead.pop()
        if ticket == end:
            return True
        if ticket not in met:
            met.add(ticket)
            ahead.extend(links.leading_from(tx, ticket, CHOSEN))
    return False


def undoing(tx: Connection, ticket: Ticket) -> requests.Unlink:
    """The request that takes back the ticket's latest link; raise `NotNow` where it has none that an agent made."""
    for relation in CHOSEN:
        link = links.latest_from(tx, ticket.id, relation)
        other = tickets.find(tx, link.other) if link else None
        if other:
            return requests.Unlink(other.ticket.number, relation, _before_merging(tx, ticket))
    raise NotNow(verb=Verb.UNLINK.value, number=ticket.number)


def _before_merging(tx: Connection, ticket: Ticket) -> dict[str, object]:
    """What merging changed; nothing where the ticket is not merged (any more)."""
    merged = history.latest(tx, ticket.id, (Verb.LINK.value,), limit=1) if merged_into(ticket) else ()
    if not merged or "old" not in merged[0].data:  # or somebody typed such a resolution
        return {}
    data = merged[0].data
    return {**data["old"], "to_assign": data.get("to_assign", False)}


def follow(
    tx: Connection,
    desk: Desk,
    moment: Moment,
    before: Ticket,
    after: Ticket,
    event: Event,
    event_id: int | None = None,
) -> None:
    """What an event of one ticket means for those it belongs together with; `event_id` is it in the history."""
    if not after.is_linked:
        return
    match event.code:
        case Verb.LINK.value:
            _link(tx, desk, moment, after, event)
        case Verb.UNLINK.value:
            _unlink(tx, desk, moment, after, event)
        case Verb.RESOLVE.value if after.resolution != NO_ANSWER:
            _solve_duplicates(tx, desk, moment, after, event)
        case Verb.RESOLVE.value | Verb.WITHDRAW.value:
            _separate_duplicates(tx, desk, moment, after)
        case Verb.REOPEN.value:
            if link := links.latest_from(tx, after.id, Relation.DUPLICATE_OF):
                links.undo(tx, link.id, now=moment.now)
        case Verb.COMMENT.value if event_id:
            _tell_main(tx, desk, moment, after, event, event_id)
        case _:
            pass
    if after.status is not before.status:
        for row in links.belonging(tx, after.id, limit=MOST_SHOWN_ANEW):
            _show_anew(tx, desk, moment, row.id, (row.line, row.offer_line))


def _tell_main(tx: Connection, desk: Desk, moment: Moment, ticket: Ticket, event: Event, event_id: int) -> None:
    """Those who work on the ticket that this one is handled with hear what its requester says."""
    if ticket.confidential:
        return
    seen, main = {ticket.id}, ticket
    while merged_into(main):
        link = links.latest_from(tx, main.id, Relation.DUPLICATE_OF)
        found = tickets.find(tx, link.other) if link and link.other not in seen else None
        if found is None:
            return
        main = found.ticket
        seen.add(main.id)
    if main is not ticket and main.status in OPEN:
        told = outgoing.in_thread(desk, main, main.line, "thread_duplicate_commented", event_id, event.actor)
        outbox.put(tx, told, now=moment.now, correlation=moment.correlation)


def _link(tx: Connection, desk: Desk, moment: Moment, ticket: Ticket, event: Event) -> None:
    other, relation = event.data["other"], event.data["relation"]
    links.add(tx, ticket.id, other, relation, by=event.actor, now=moment.now)
    tickets.mark_linked(tx, [other])
    _tell_other(tx, desk, moment, other, Event(LINKED, event.actor, moment.now, _seen_from_there(ticket, relation)))


def _unlink(tx: Connection, desk: Desk, moment: Moment, ticket: Ticket, event: Event) -> None:
    relation = event.data["relation"]
    if link := links.latest_from(tx, ticket.id, relation):
        links.undo(tx, link.id, now=moment.now)
        told = Event(UNLINKED, event.actor, moment.now, _seen_from_there(ticket, relation))
        _tell_other(tx, desk, moment, link.other, told)


def _seen_from_there(ticket: Ticket, relation: str) -> dict[str, object]:
    return {"other": ticket.id, "number": ticket.number, "relation": relation}


def _tell_other(tx: Connection, desk: Desk, moment: Moment, other: int, event: Event) -> None:
    history.add(tx, other, event, moment.correlation)
    if found := tickets.find(tx, other):
        offer = found.ticket.offer
        _show_anew(tx, desk, moment, other, (found.ticket.line, offer.line if offer else None))


def _show_anew(tx: Connection, desk: Desk, moment: Moment, ticket: int, lines: tuple[str | None, ...]) -> None:
    """Edit the ticket's cards in its lines' channels, where there are any."""
    there = set(cards.slots(tx, ticket))
    drafts = [draft for line in lines if line for draft in outgoing.cards_of_line(desk, ticket, line)]
    shown = [draft for draft in drafts if draft.slot in there]
    outbox.put(tx, shown, now=moment.now, correlation=moment.correlation)


def _duplicates(tx: Connection, main: Ticket) -> list[Ticket]:
    """The tickets that wait for this one to be solved, locked."""
    rows = links.leading_to(tx, main.id, Relation.DUPLICATE_OF)
    found = [tickets.find(tx, row.ticket, to_change=True) for row in rows]
    return [each.ticket for each in found if each and merged_into(each.ticket) == main.number]


def _solve_duplicates(tx: Connection, desk: Desk, moment: Moment, main: Ticket, event: Event) -> None:
    """Everybody who reported the same hears the solution, and says for their own ticket whether it works."""
    for duplicate in _duplicates(tx, main):
        _apply(tx, desk, moment, duplicate, requests.Resolve(main.resolution or ""), event.actor)


def _separate_duplicates(tx: Connection, desk: Desk, moment: Moment, main: Ticket) -> None:
    """The main ticket ended without a solution: whoever reported the same still waits for one."""
    for duplicate in _duplicates(tx, main):
        request = requests.Unlink(main.number, Relation.DUPLICATE_OF, _before_merging(tx, duplicate))
        _apply(tx, desk, moment, duplicate, request, DESK, whenever=True)


def _apply(
    tx: Connection,
    desk: Desk,
    moment: Moment,
    ticket: Ticket,
    request: requests.Request,
    actor: str,
    *,
    whenever: bool = False,
) -> None:
    reopen_for = moment.now - ticket.created_at if whenever else desk.desk.reopen_for
    after, event = lifecycle.apply(ticket, request, actor=actor, now=moment.now, reopen_for=reopen_for)
    record(tx, desk, ticket, after, event, now=moment.now, correlation=moment.correlation)
    follow(tx, desk, moment, ticket, after, event)
    tickets.save(tx, ticket, with_timer(tx, desk, after))

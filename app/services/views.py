"""From stored tickets to what cards show."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from app.actions import registry
from app.actions.accept import Accepted
from app.actions.escalate import Escalated
from app.actions.pend import Pended
from app.actions.return_offer import Returned
from app.desk.model import Desk
from app.desk.values import Label
from app.domain import views as shown
from app.domain import waiting
from app.domain.clocks import Promise, promises
from app.domain.desk_events import TextChanged
from app.domain.events import CONVERSATION, PUBLIC_TEXTS, TEXT_DELETED, TEXT_EDITED, EventData, Said, corrected
from app.domain.merging import teaches
from app.domain.people import DESK, Person, Role
from app.domain.ticket import Offer, PendingReason, Ticket
from app.domain.verbs import Verb
from app.domain.views import NO_FILES, Entry, HandOverView, LineView, LinkView, PromiseView, ReturnView, TicketView
from app.services import attachments
from app.services.access import Access, assignee_counts, role_at
from app.store import history, links, people
from app.store.history import StoredEvent

SHOWN_ENTRIES = 3
READ_ENTRIES = 8  # some of them are not shown: waiting for a supplier, changed or taken back
MOST_READ = 200
CHANGES = (TEXT_EDITED, TEXT_DELETED)
MOST_LINKS = 200


def ticket_row(desk: Desk, ticket: Ticket, requester: Person, assignee: Person | None, *, is_stub: bool) -> shown.Row:
    """A ticket as every list shows it."""
    return shown.Row(
        id=ticket.id,
        number=ticket.number,
        title=ticket.title,
        status=ticket.status,
        priority=ticket.priority,
        line=line_view(desk, ticket.line),
        requester=requester.name,
        assignee=assignee.name if assignee else None,
        raised_at=ticket.created_at,
        is_stub=is_stub,
    )


def line_view(desk: Desk, line_id: str) -> LineView:
    """The line as cards name it; one that left the desk file keeps its id as name."""
    line = desk.lines.get(line_id)
    return LineView(line_id, line.name, line.level) if line else LineView(line_id, Label({"en": line_id}), 0)


def category_label(desk: Desk, category_id: str) -> Label:
    """The category's name; one that left the desk file keeps its id as name."""
    category = desk.categories.get(category_id)
    return category.name if category else Label({"en": category_id})


def ticket_view(tx: Connection, desk: Desk, access: Access, slot: str) -> TicketView:
    """The ticket as the card in this slot shows it: a requester never gets work notes."""
    ticket = access.ticket
    role = role_at(ticket, slot)
    offer = ticket.offer
    return TicketView(
        ticket=ticket,
        line=line_view(desk, ticket.line),
        category=category_label(desk, ticket.category),
        requester=access.requester,
        levels=tuple(sorted({line.level for line in desk.lines.values()})),
        buttons=registry.offered(ticket, role) if role is not Role.PINGED else (),
        assignee=_reachable(tx, desk, access) if role is Role.REQUESTER else access.assignee,
        entries=_entries(tx, desk, ticket, role),
        offered_to=line_view(desk, offer.line) if offer else None,
        offered_by=somebody(tx, desk, offer.by) if offer else None,
        returned=_last_return(tx, desk, ticket) if ticket.returned else None,
        handed_over=_hand_over(tx, desk, ticket) if _has_moved(ticket) and role is not Role.REQUESTER else None,
        promises=promise_views(desk, ticket),
        files=attachments.of_ticket(tx, ticket.id) if ticket.has_files else NO_FILES,
        links=_links(tx, ticket) if ticket.is_linked and role is not Role.REQUESTER else (),
        may_teach=role is Role.AGENT and teaches(ticket),
        ends_at=_ends_at(desk, ticket),
    )


def _reachable(tx: Connection, desk: Desk, access: Access) -> Person | None:
    """Whoever has the ticket, for its requester: nobody is sent into a chat with somebody who no longer works on it."""
    has_it = access.assignee
    return has_it if has_it is None or assignee_counts(tx, desk, access.ticket) else replace(has_it, email=None)


def _ends_at(desk: Desk, ticket: Ticket) -> datetime | None:
    """When the requester's silence ends it."""
    if ticket.pending_reason is not PendingReason.REQUESTER:
        return None
    ahead = waiting.coming(ticket, desk.patience)
    return ahead.ends_at if ahead else None


def promise_views(desk: Desk, ticket: Ticket) -> tuple[PromiseView, ...]:
    """The ticket's clocks, as far as what was done about them tells: a step that is due shows once it is done."""
    return tuple(_promise_view(promise, ticket.fired.get(promise.key, 0)) for promise in promises(ticket, desk.terms))


def _promise_view(promise: Promise, fired: int) -> PromiseView:
    return PromiseView(promise.clock, promise.state(fired), promise.due_at, promise.ended_at)


def _links(tx: Connection, ticket: Ticket) -> tuple[LinkView, ...]:
    """The other tickets, for those who work on this one; of a confidential one only the number."""
    return tuple(
        LinkView(
            id=row.id,
            number=f"{row.prefix}-{row.id}",
            title="" if row.confidential else row.title,
            status=row.status,
            relation=row.relation if row.is_ours else f"{row.relation}_this",
        )
        for row in links.belonging(tx, ticket.id, limit=MOST_LINKS)
    )


def somebody(tx: Connection, desk: Desk, person_id: str) -> Person:
    """Somebody by id; what the desk does by itself it does under its own name."""
    return Person(DESK, desk.name.text(desk.language)) if person_id == DESK else person(tx, person_id)


def person(tx: Connection, person_id: str) -> Person:
    """Somebody by id, as far as the desk knows them."""
    row = people.find(tx, person_id)
    return Person(row.id, row.name, row.teams_id, row.email) if row else Person(person_id, "")


def actor_of(desk: Desk, event: StoredEvent) -> Person:
    """Who did it, as the history's rows carry them."""
    if event.actor == DESK:
        return Person(DESK, desk.name.text(desk.language))
    return Person(event.actor, event.actor_name or "", event.actor_teams_id)


def _entries(tx: Connection, desk: Desk, ticket: Ticket, role: Role) -> tuple[Entry, ...]:
    if not ticket.comments:
        return ()
    codes = PUBLIC_TEXTS if role is Role.REQUESTER else CONVERSATION
    rows = history.latest(tx, ticket.id, (*codes, *CHANGES), limit=READ_ENTRIES)
    if sum(row.code not in CHANGES for row in rows) < SHOWN_ENTRIES and len(rows) == READ_ENTRIES:
        rows = history.latest(tx, ticket.id, (*codes, *CHANGES), limit=MOST_READ)  # something was corrected very often
    holds = {row.data.of: row.data.text for row in rows if isinstance(row.data, TextChanged)}
    spoken = [row for row in rows if row.code not in CHANGES and row.data.words and _was_said(row)]
    said = [(row, holds.get(row.id, row.data.words)) for row in spoken if holds.get(row.id) != ""]
    return tuple(
        Entry(row.at, actor_of(desk, row), text, internal=row.code == Verb.NOTE.value)
        for row, text in said[-SHOWN_ENTRIES:]
    )


def as_it_holds(tx: Connection, event: StoredEvent) -> EventData | None:
    """What an event tells, with the words as they were corrected since; None where they were taken back."""
    data = event.data
    if event.code not in CONVERSATION or not isinstance(data, Said):
        return data
    rows = history.latest(tx, event.ticket, CHANGES, limit=MOST_READ)
    texts = [row.data.text for row in rows if isinstance(row.data, TextChanged) and row.data.of == event.id]
    if not texts:
        return data
    return corrected(data, texts[-1]) if texts[-1] else None


def _was_said(row: StoredEvent) -> bool:
    """A pend counts as something said where it asks the requester."""
    return not isinstance(row.data, Pended) or row.data.reason is PendingReason.REQUESTER


_HAND_OVER = (Verb.ESCALATE.value, Verb.ACCEPT.value, Verb.RETURN.value)


def _last_return(tx: Connection, desk: Desk, ticket: Ticket) -> ReturnView | None:
    """The return, where it is the last thing that happened between the lines."""
    last = history.latest(tx, ticket.id, _HAND_OVER, limit=1)
    if not last or not isinstance(data := last[0].data, Returned):
        return None
    return ReturnView(actor_of(desk, last[0]), line_view(desk, data.from_ or ""), data.reason, data.advice)


def _has_moved(ticket: Ticket) -> bool:
    """Whether another line has it than the one it was raised at."""
    return ticket.line_since > ticket.created_at


LATEST_OFFERS = 5  # the one that was accepted, and newer ones that came back or still wait


def _hand_over(tx: Connection, desk: Desk, ticket: Ticket) -> HandOverView | None:
    """What the line that has the ticket was told when it was asked to take it."""
    for row in reversed(history.latest(tx, ticket.id, (Verb.ESCALATE.value,), limit=LATEST_OFFERS)):
        escalated = row.data
        if isinstance(escalated, Escalated) and escalated.to == ticket.line and row.at <= ticket.line_since:
            offer = _offer_of(row, escalated)
            if offer.lacks_impact:
                offer = replace(offer, business_impact=_said_when_accepting(tx, ticket))
            return HandOverView(actor_of(desk, row), line_view(desk, escalated.from_), offer)
    return None


def _said_when_accepting(tx: Connection, ticket: Ticket) -> str:
    accepted = history.latest(tx, ticket.id, (Verb.ACCEPT.value,), limit=1)
    return (accepted[0].data.business_impact or "") if accepted and isinstance(accepted[0].data, Accepted) else ""


def _offer_of(event: StoredEvent, escalated: Escalated) -> Offer:
    return Offer(
        line=escalated.to,
        by=event.actor,
        at=event.at,
        reason=escalated.reason,
        tried=escalated.tried,
        needed=escalated.needed,
        gravity=escalated.gravity,
        business_impact=escalated.business_impact or "",
        cause=escalated.because,
    )

"""What people do with tickets. Each function is one unit of work: change, history and messages, or nothing.

Longer than other modules: raising, changing and following up a ticket share their checks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.actions import registry
from app.actions.action import Inputs
from app.actions.take_over import TakeOver
from app.desk.model import Assignment, Category, Desk
from app.desk.routing import Facts, route
from app.domain.changing import changed
from app.domain.clocks import Clock
from app.domain.desk_events import Raised, Submitted
from app.domain.errors import NotAllowed, NotFound, NotNow, Stale, TooManyTickets
from app.domain.escalation import after_what_fired
from app.domain.events import SUBMITTED, Event
from app.domain.people import Actor, Person, Role
from app.domain.priority import Impact, Priority, Urgency, priority_of
from app.domain.requests import FIELD_TEXT, LONG_TEXT
from app.domain.ticket import TRIED_ARTICLES, FieldValue, Kind, Relation, Status, Ticket
from app.domain.verbs import Verb
from app.domain.views import TicketView
from app.messages.cards.raised import TicketRaised
from app.services import articles, attachments, outgoing, pings, views
from app.services.access import REQUESTER_SLOT, Access, access_ticket, line_slot, roles_of, slot_for
from app.services.change import Performance, perform, record_change, with_timer
from app.services.confidential import is_kept_from
from app.services.unit_of_work import UnitOfWork
from app.store import cards, copies, links, lists, outbox, people, seen, sources, tickets
from app.store.copy_names import words_of_draft
from app.store.outbox import Draft

RAISED_AT_MOST = ((300, timedelta(minutes=1)), (2000, timedelta(days=1)))
"""How many tickets one person may raise within a time, fewest first: more than anybody means, and a flood ends."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A filled-in ticket form, checked; `origin` says where it came from and is shown with the category's fields.

    `goes_on` is a ticket that ended and that this one goes on with: what was confidential stays so, and where it was.
    """

    title: str
    description: str
    category: str
    urgency: Urgency
    impact: Impact
    kind: Kind
    fields: Mapping[str, str] = field(default_factory=dict)
    origin: tuple[FieldValue, ...] = ()
    goes_on: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What every unit of work knows of the moment: who acts, when, and the id that follows the matter through the logs.

    `key` makes a repetition harmless: the same key never has a second effect.
    """

    actor: Actor
    now: datetime
    correlation: str | None = None
    key: str | None = None

    def work(self, tx: Connection, desk: Desk) -> UnitOfWork:
        """The transaction in which it is done."""
        return UnitOfWork(tx, desk, self.now, self.correlation)


def submit(
    tx: Connection,
    desk: Desk,
    turn: Turn,
    submission: Submission,
    *,
    form_message: str | None = None,
    draft: str | None = None,
) -> TicketView:
    """Raise a ticket and return it as its requester sees it; a form sent again returns the ticket it made before.

    `form_message` is the message that held the form; it is replaced by a line naming the ticket. With the form in chat
    goes what the requester has tried in vain lately; `draft` names what they had said before it (empty: nothing), and
    its files go with the ticket. Raises `TooManyTickets` where somebody floods the desk.
    """
    if turn.key and not seen.first_time(tx, turn.key, now=turn.now):
        made_before = seen.ticket_of(tx, turn.key)
        if made_before is not None:
            return view(tx, desk, turn.actor, made_before, REQUESTER_SLOT)
    _check_flood(tx, turn)
    wanted, floor = _new_ticket(tx, desk, turn, submission)
    if draft is not None:
        wanted = changed(wanted, fields=(*wanted.fields, *_tried(tx, turn)))
    ticket = tickets.add(tx, with_timer(tx, desk, wanted))
    if draft and attachments.join(tx, turn.actor.id, draft, ticket=ticket.id):
        ticket = changed(ticket, has_files=True)
    if turn.key:
        seen.remember(tx, turn.key, ticket.id)
    event = Event(SUBMITTED, turn.actor.id, turn.now, Submitted(_raised(ticket), floor))
    record_change(turn.work(tx, desk), ticket, ticket, event)
    if form_message:
        replaced = outgoing.edit(f"person:{turn.actor.id}", TicketRaised(), form_message, ticket.id)
        outbox.put(tx, [replaced], now=turn.now, correlation=turn.correlation, by=turn.actor.id)
        if draft:
            copies.forget(tx, words_of_draft(draft))
    access = Access(
        ticket, frozenset({Role.REQUESTER}), Person(turn.actor.id, turn.actor.name, turn.actor.teams_id), None
    )
    return views.ticket_view(tx, desk, access, REQUESTER_SLOT)


def _check_flood(tx: Connection, turn: Turn) -> None:
    """Raise `TooManyTickets` for somebody who has raised as many as anybody may."""
    for most, within in RAISED_AT_MOST:
        nth = tickets.raised_before(tx, turn.actor.id, most)
        if nth is None:
            return
        if nth > turn.now - within:
            raise TooManyTickets(limit=most)


def _new_ticket(tx: Connection, desk: Desk, turn: Turn, submission: Submission) -> tuple[Ticket, Priority | None]:
    """The ticket as the desk's routing makes it, and the least priority that a rule asked for."""
    category = desk.categories[submission.category]
    wanted = priority_of(submission.urgency, submission.impact)
    department, site = _place_of(tx, desk, turn.actor)
    facts = Facts(
        category=submission.category,
        kind=submission.kind,
        priority=wanted,
        title=submission.title,
        description=submission.description,
        department=department,
        site=site,
        language=turn.actor.language,
        at=turn.now,
    )
    chosen = route(desk, facts)
    priority = priority_of(submission.urgency, submission.impact, floor=chosen.priority_floor)
    old = submission.goes_on
    stays_hidden = old is not None and old.confidential
    line = old.line if old and stays_hidden and old.line in desk.lines else chosen.line
    ticket = Ticket(
        id=0,
        number="",
        kind=submission.kind,
        status=Status.NEW,
        title=submission.title,
        description=submission.description,
        category=submission.category,
        urgency=submission.urgency,
        impact=submission.impact,
        priority=priority,
        line=line,
        requester=turn.actor.id,
        created_at=turn.now,
        updated_at=turn.now,
        line_since=turn.now,
        fields=_field_values(desk, category, submission.fields) + submission.origin,
        tags=chosen.tags,
        confidential=chosen.confidential or stays_hidden,
        target_priority=priority,
        running_since=turn.now,
        promised_since=turn.now,
        policy=desk.policy_digest,
        to_assign=desk.lines[line].assignment is not Assignment.MANUAL,
    )
    return ticket, chosen.priority_floor


TRIED_LATELY = timedelta(hours=1)


def _tried(tx: Connection, turn: Turn) -> tuple[FieldValue, ...]:
    """The articles that did not help, so that nobody repeats them; a ticket raised meanwhile tells them already."""
    lately = turn.now - TRIED_LATELY
    titles = articles.did_not_help(tx, turn.actor.id, since=lately)
    if titles and (told := tickets.last_raised(tx, turn.actor.id)):
        titles = articles.did_not_help(tx, turn.actor.id, since=max(lately, told))
    return (FieldValue(TRIED_ARTICLES, {}, "; ".join(titles)[:FIELD_TEXT]),) if titles else ()


def _place_of(tx: Connection, desk: Desk, requester: Actor) -> tuple[str | None, str | None]:
    """Department and site as far as the directory told them, where a rule asks for one."""
    if not any(rule.when.department or rule.when.site for rule in desk.routing):
        return None, None
    known = people.find(tx, requester.id)
    return (known.department, known.site) if known else (None, None)


def _field_values(desk: Desk, category: Category, given: Mapping[str, str]) -> tuple[FieldValue, ...]:
    """The filled-in fields with today's labels: a later change of the desk file leaves old tickets as they were."""
    values = []
    for known in category.fields:
        if value := given.get(known.id):
            labels = dict(known.name.texts)
            chosen = next((choice.name for choice in known.choices if choice.id == value), None)
            values.append(FieldValue(known.id, labels, chosen.text(desk.language) if chosen else value))
    return tuple(values)


def _raised(ticket: Ticket) -> Raised:
    return Raised(
        ticket.kind,
        ticket.title,
        ticket.description,
        ticket.category,
        ticket.urgency,
        ticket.impact,
        ticket.priority,
        ticket.line,
        ticket.tags,
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A ticket as the card in `slot` shows it, and what the actor is to it."""

    view: TicketView
    slot: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: the `version` that the card showed (None where nothing was shown), the card's `slot`
    (None: the actor's own), the message it was typed in (`source`), and the names of the `files` that came with it.
    """

    version: int | None = None
    slot: str | None = None
    source: str | None = None
    files: Sequence[str] = ()


FROM_NOWHERE = Origin()


def act(
    tx: Connection, desk: Desk, turn: Turn, ticket_id: int, request: Inputs, origin: Origin = FROM_NOWHERE
) -> Shown:
    """Do what the request says, and return the ticket as the card in the origin's slot shows it then.

    Raises `NotFound`, `NotAllowed`, `NotNow` or `Stale`, having changed nothing. A repetition (same `turn.key`) changes
    nothing and returns the present.
    """
    access = access_ticket(tx, desk, turn.actor, ticket_id, to_change=True)
    return _act(tx, desk, turn, access, request, origin)


def _act(tx: Connection, desk: Desk, turn: Turn, access: Access, request: Inputs, origin: Origin) -> Shown:
    before = access.ticket
    shown_in = slot_for(turn.actor, before, origin.slot, access.roles)
    if turn.key and not seen.first_time(tx, turn.key, now=turn.now):
        return Shown(views.ticket_view(tx, desk, access, shown_in), shown_in, access.roles)
    is_stale = origin.version is not None and origin.version != before.version
    action = registry.actions()[request.verb]
    try:
        registry.check(before, request.verb, access.roles)
    except NotAllowed:
        if is_stale:  # it may well have been theirs on the card they saw
            raise Stale(number=before.number) from None
        raise
    if is_stale and not action.adds_text:
        raise Stale(number=before.number)
    work = turn.work(tx, desk)
    request = action.complete(work, turn.actor, before, request)
    at = after_what_fired(before, desk.terms, turn.now)
    change = perform(work, before, request, Performance(turn.actor.id, at, origin.files))
    if origin.source:
        sources.keep(tx, origin.source, ticket=before.id, event=change.event_id, person=turn.actor.id, now=turn.now)
    after = change.after
    assignee = _assignee_after(tx, access, turn.actor, after)
    theirs = roles_of(tx, desk, turn.actor, after)
    shown_in = slot_for(turn.actor, after, origin.slot, theirs)
    changed = Access(after, theirs, access.requester, assignee)
    return Shown(views.ticket_view(tx, desk, changed, shown_in), shown_in, theirs)


def follow_up(tx: Connection, desk: Desk, turn: Turn, ticket_id: int, words: str, *, draft: str = "") -> TicketView:
    """A requester says more about a ticket that is closed: a new one, linked to the old one, with what it is about.
    What is confidential stays so, whatever the new words are; the files that came with them (`draft`) go along.

    Raises `NotFound` for anybody but the requester. A repetition (same `turn.key`) returns the same ticket.
    """
    old = access_ticket(tx, desk, turn.actor, ticket_id)
    if Role.REQUESTER not in old.roles:
        raise NotFound
    before = old.ticket
    in_use = [before.category, *desk.categories]
    again = Submission(
        title=before.title,
        description=f"{words}\n\n({before.number})"[:LONG_TEXT],
        category=next(each for each in in_use if _is_active(desk, each)),
        urgency=before.urgency,
        impact=before.impact,
        kind=before.kind,
        goes_on=before,
    )
    view = submit(tx, desk, turn, again, draft=draft)
    if view.ticket.id != ticket_id and not view.ticket.is_linked:
        links.add(tx, view.ticket.id, ticket_id, Relation.FOLLOWS, by=turn.actor.id, now=turn.now)
        tickets.mark_linked(tx, [view.ticket.id, ticket_id])
    return view


def take_over(tx: Connection, desk: Desk, turn: Turn, ping: int, *, slot: str | None = None) -> Shown:
    """Somebody who was pinged makes the ticket theirs, and accepts the hand-over where the ping was about one.

    Raises `NotFound` for anybody the ping did not ask, and `NotNow` where it asks for nothing any more: of two who
    press it, the second does not take the ticket from the first. Whoever has the ticket already only ends the ping.
    """
    asked, access = pings.asked(tx, desk, turn.actor, ping)
    ticket = access.ticket
    if is_kept_from(desk, turn.actor, ticket):
        raise NotFound
    accepts = asked.cause == Clock.ACCEPTANCE.value
    has_it = ticket.assignee == turn.actor.id and not (accepts and ticket.offer)
    if not has_it and not (Role.PINGED in access.roles and pings.may_be_taken_over(ticket, asked, turn.actor)):
        raise NotNow(verb=Verb.TAKE_OVER.value, number=ticket.number)
    pings.take_over(turn.work(tx, desk), asked, turn.actor.id)
    if has_it:
        return show(tx, desk, turn.actor, asked.ticket, slot)
    return _act(tx, desk, turn, access, TakeOver(accepts), Origin(slot=slot))


def _is_active(desk: Desk, category: str) -> bool:
    known = desk.categories.get(category)
    return known is not None and known.active


def _assignee_after(tx: Connection, access: Access, actor: Actor, after: Ticket) -> Person | None:
    if after.assignee == access.ticket.assignee:
        return access.assignee
    if after.assignee == actor.id:
        return Person(actor.id, actor.name, actor.teams_id)
    return views.person(tx, after.assignee) if after.assignee else None


def view(tx: Connection, desk: Desk, actor: Actor, ticket_id: int, slot: str) -> TicketView:
    """The ticket as the card in this slot shows it; raise `NotFound` when the actor may not see it."""
    return views.ticket_view(tx, desk, access_ticket(tx, desk, actor, ticket_id), slot)


def show(tx: Connection, desk: Desk, actor: Actor, ticket_id: int, slot: str | None) -> Shown:
    """The same for the slot where the actor looks at it (None: their own)."""
    access = access_ticket(tx, desk, actor, ticket_id)
    shown_in = slot_for(actor, access.ticket, slot, access.roles)
    return Shown(views.ticket_view(tx, desk, access, shown_in), shown_in, access.roles)


WAITING_CARDS = 200


def without_card(tx: Connection, desk: Desk, line: str) -> list[Draft]:
    """The cards of a line's open tickets and offers that wait for a channel, at most the two hundred most urgent."""
    own = lists.of_line(tx, line, after=None, limit=WAITING_CARDS)
    rows = [*lists.offered_to(tx, line, limit=WAITING_CARDS), *own][:WAITING_CARDS]
    missing = (row.id for row in rows if cards.find(tx, row.id, line_slot(line)) is None)
    return [draft for ticket_id in missing for draft in outgoing.cards_of_line(desk, ticket_id, line)]

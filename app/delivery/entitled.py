"""Whether those for whom a message was queued may still read it when it is sent, and who is told in their place."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.errors import NotFound
from app.domain.people import Actor
from app.messages.onlooker import Onlooker
from app.services import agents, outgoing, pings, tickets
from app.services.access import REQUESTER_SLOT, in_charge, line_of, may_hear
from app.store import cards, history, people
from app.store import tickets as ticket_store
from app.store.cards import PostedCard
from app.store.messages import QueuedMessage, Way
from app.store.outbox import Draft

_TO_ASSIGNEE = frozenset({"assigned_to_you", "reopened_to_you", "resumed_to_you"})
_ONLY_TO_THEM = frozenset({"taken_from_you"})
"""News that nobody needs in the place of whoever it was for."""


@dataclass(frozen=True, slots=True)
class PassOn:
    """Whoever it is for may not hear it any more; `drafts` tell those who stand in."""

    drafts: tuple[Draft, ...] = ()


def may_be_told(tx: Connection, desk: Desk, queued: QueuedMessage, person: str | None) -> bool:
    """Whether the reason for which somebody was to hear of an event holds by now; queued by an earlier version it names
    no line: then the ticket's counts.
    """
    found = ticket_store.find(tx, queued.ticket or 0) if person and queued.event else None
    if found is None or person is None:
        return True
    line = queued.payload.get("line")
    if line is None and person == found.ticket.requester:
        return True
    return may_hear(tx, desk, found.ticket, line or found.ticket.line, person)


def passed_on(tx: Connection, desk: Desk, queued: QueuedMessage, person: str) -> PassOn:
    """The same for whoever stands in, unless they caused it themselves."""
    found, event = ticket_store.find(tx, queued.ticket or 0), history.find(tx, queued.event or 0)
    if found is None or event is None or queued.what in _ONLY_TO_THEM:
        return PassOn()
    hears = in_charge(tx, desk, found.ticket, queued.payload.get("line") or found.ticket.line)
    if hears in (None, person, event.actor):
        return PassOn()
    what = outgoing.NEEDS_SOMEBODY if queued.what in _TO_ASSIGNEE else queued.what
    return PassOn(
        (Draft(f"person:{hears}", Way.CHAT, what, queued.ticket, event=queued.event, data=dict(queued.payload)),)
    )


def may_see_card(tx: Connection, desk: Desk, queued: QueuedMessage, person: str) -> bool:
    """Whether somebody may see the card that lies in their chat, or is to."""
    found = ticket_store.find(tx, queued.ticket or 0)
    if found is None or queued.slot == REQUESTER_SLOT:
        return True
    if line := line_of(queued.slot or ""):
        return agents.is_agent(tx, desk, line, person)
    asked = pings.ping_in(queued.slot or "")
    return asked is None or pings.may_see(tx, desk, found.ticket, asked[0], person)


def card_of(tx: Connection, queued: QueuedMessage, person: str | None) -> PostedCard | None:
    """The message that is the card; not one in the chat of somebody else, who was in this place before."""
    known = cards.find(tx, queued.ticket or 0, queued.slot or "")
    if known is None or person is None:
        return known
    chat = people.chat(tx, known.conversation)
    is_theirs = chat is None or chat.person is None or chat.person in agents.ids_of(tx, person)
    return known if is_theirs else None


def as_they_are(tx: Connection, desk: Desk, then: Onlooker, language: str) -> Actor:
    """Whoever typed something, as far as they still are what they were then."""
    now = agents.as_actor(tx, desk, then.person, language)
    return replace(then.actor(language), lines=now.lines & then.lines, is_admin=now.is_admin and then.is_admin)


def slot_for_reader(tx: Connection, desk: Desk, queued: QueuedMessage, person: str) -> str | None:
    """The card that suits whoever asked for a ticket; None where they may not see it (any more)."""
    try:
        return tickets.show(
            tx, desk, agents.as_actor(tx, desk, person), queued.ticket or 0, queued.payload["slot"]
        ).slot
    except NotFound:
        return None

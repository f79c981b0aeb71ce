"""Whether those for whom a message was queued may still read it when it is sent, and who is told in their place."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.desk.model import Desk
from app.messages.message import Frame, Message
from app.messages.notice import Notice, StandIn
from app.messages.notices.needs_somebody import NeedsSomebody
from app.services import agents, pings, preventions
from app.services.access import REQUESTER_SLOT, in_charge, line_of, may_hear
from app.store import cards, history, people, tickets
from app.store.cards import PostedCard
from app.store.messages import QueuedMessage, Way
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class PassOn:
    """Whoever it is for may not hear it any more; `drafts` tell those who stand in."""

    drafts: tuple[Draft, ...] = ()


def may_be_told(frame: Frame, message: Message[Any]) -> bool:
    """Whether the reason for which somebody was to hear of an event holds by now; queued by an earlier version it names
    no line: then the ticket's counts.
    """
    person = frame.reader.person
    found = tickets.find(frame.tx, frame.ticket) if person and frame.queued.event else None
    if found is None or person is None:
        return True
    line = _line_of(message)
    if line is None and person == found.ticket.requester:
        return True
    return may_hear(frame.tx, frame.desk, found.ticket, line or found.ticket.line, person)


def passed_on(frame: Frame, message: Message[Any]) -> PassOn:
    """The same for whoever stands in, unless they caused it themselves."""
    found, event = tickets.find(frame.tx, frame.ticket), history.find(frame.tx, frame.queued.event or 0)
    stand_in = message.stand_in if isinstance(message, Notice) else StandIn.HEARS_IT
    if found is None or event is None or stand_in is StandIn.HEARS_NOTHING:
        return PassOn()
    hears = in_charge(frame.tx, frame.desk, found.ticket, _line_of(message) or found.ticket.line)
    if hears in (None, frame.reader.person, event.actor):
        return PassOn()
    content = message if stand_in is StandIn.HEARS_IT else NeedsSomebody(_line_of(message))
    return PassOn((Draft(f"person:{hears}", Way.CHAT, content, frame.ticket, event=frame.queued.event),))


def _line_of(message: Message[Any]) -> str | None:
    return message.line if isinstance(message, Notice) else None


def may_see_card(tx: Connection, desk: Desk, queued: QueuedMessage, person: str) -> bool:
    """Whether somebody may see the card that lies in their chat, or is to."""
    found = tickets.find(tx, queued.ticket or 0)
    if found is None or queued.slot == REQUESTER_SLOT:
        return True
    if line := line_of(queued.slot or ""):
        return agents.is_agent(tx, desk, line, person)
    if action := preventions.action_in(queued.slot or ""):
        return preventions.may_see(tx, desk, action, agents.ids_of(tx, person))
    asked = pings.ping_in(queued.slot or "")
    return asked is None or pings.may_see(tx, desk, found.ticket, asked[0], person)


def thread_of(tx: Connection, queued: QueuedMessage) -> PostedCard | None:
    """The card below which a line of people may read it; nothing is said in public about what is confidential."""
    root, found = cards.find(tx, queued.ticket or 0, queued.slot or ""), tickets.find(tx, queued.ticket or 0)
    return root if found and not found.ticket.confidential else None


def card_of(tx: Connection, queued: QueuedMessage, person: str | None) -> PostedCard | None:
    """The message that is the card; not one in the chat of somebody else, who was in this place before."""
    known = cards.find(tx, queued.ticket or 0, queued.slot or "")
    if known is None or person is None:
        return known
    chat = people.chat(tx, known.conversation)
    is_theirs = chat is None or chat.person is None or chat.person in agents.ids_of(tx, person)
    return known if is_theirs else None

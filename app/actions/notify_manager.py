"""An agent tells a superior."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from app.actions.action import Act, Action, Outcome, PingRequest, Placement
from app.actions.fields import TextField
from app.actions.registry import register
from app.domain.escalation import MANAGER
from app.domain.events import Said
from app.domain.people import Role
from app.domain.ping import NOTIFY_MANAGER
from app.domain.requests import SHORT_TEXT
from app.domain.ticket import OPEN, Ticket
from app.messages.notices.manager_notified import ManagerNotifiedInThread
from app.services.outgoing import Happened, show_cards, tell_line
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class NotifyManager:
    """What the superior should know."""

    reason: str
    verb: ClassVar = "ticket.notify_manager"


@dataclass(frozen=True)
class ManagerNotified(Said):
    """What the superior was told."""


@register
class NotifyManagerAction(Action[NotifyManager]):
    """The manager is pinged; the requester does not hear of it."""

    code = NotifyManager.verb
    roles = frozenset({Role.AGENT})
    statuses = OPEN
    inputs = NotifyManager
    event = ManagerNotified
    button = Placement(rank=150, more=True)
    adds_text = True
    static_fields = (TextField(id="reason", limit=SHORT_TEXT),)

    def apply(self, ticket: Ticket, inputs: NotifyManager, act: Act) -> Outcome:
        return Outcome(ticket, ManagerNotified(inputs.reason))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell_line(change, change.after.line, ManagerNotifiedInThread())
        yield from show_cards(change)

    def ping(self, change: Happened) -> PingRequest | None:
        return PingRequest(NOTIFY_MANAGER, (MANAGER,))

"""The requester, or time, says that it works."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from app.actions.action import Act, Action, Outcome, Placement
from app.actions.registry import register
from app.domain.changing import changed
from app.domain.people import Role
from app.domain.ticket import Status, Ticket
from app.messages.notices.closed import ClosedNotice
from app.services.outgoing import Happened, show_cards, tell
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Confirm:
    """Asks for nothing."""

    verb: ClassVar = "ticket.confirm"


@register
class ConfirmAction(Action[Confirm]):
    """The ticket is closed."""

    code = Confirm.verb
    roles = frozenset({Role.REQUESTER})
    statuses = frozenset({Status.RESOLVED})
    inputs = Confirm
    button = Placement(rank=10)

    def apply(self, ticket: Ticket, inputs: Confirm, act: Act) -> Outcome:
        return Outcome(changed(ticket, status=Status.CLOSED, closed_at=act.at))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell(change, change.after.requester, ClosedNotice())
        yield from show_cards(change)

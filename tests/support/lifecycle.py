"""The life cycle as tests walk through it: by roles and requests."""

from datetime import datetime, timedelta

from app.actions import registry
from app.actions.action import Act
from app.actions.registry import check
from app.domain.events import Event
from app.domain.lifecycle import may_rate
from app.domain.people import Role
from app.domain.ticket import Ticket
from app.domain.verbs import Verb
from tests.support.requests import Request

__all__ = ["apply", "check", "may_rate", "offered"]


def offered(ticket: Ticket, role: Role) -> tuple[Verb, ...]:
    """The verbs a card shows to somebody in this role."""
    return tuple(Verb(button.code) for button in registry.offered(ticket, role))


def apply(
    ticket: Ticket, request: Request, *, actor: str, now: datetime, reopen_for: timedelta
) -> tuple[Ticket, Event]:
    """The ticket after a request, and what happened."""
    return registry.apply(ticket, request, Act(actor, now, reopen_for))

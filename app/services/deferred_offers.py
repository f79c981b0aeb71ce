"""Offers that the desk makes by itself, when a step of the escalation says so, or when what kept it from that ends."""

from datetime import datetime
from typing import Protocol

from app.actions.action import Inputs
from app.actions.escalate import Escalate
from app.desk.model import Desk
from app.domain.offering import next_offer
from app.domain.people import DESK
from app.domain.ticket import MANAGEMENT, DeferredOffer, EscalationReason, Gravity, Ticket
from app.services.unit_of_work import Change, UnitOfWork


class Apply(Protocol):
    """Carries another request out on the ticket that has just changed, and returns it; it is saved with that change."""

    def __call__(self, work: UnitOfWork, ticket: Ticket, request: Inputs, by: str, at: datetime) -> Ticket: ...


def follow_change(work: UnitOfWork, change: Change, apply: Apply) -> Ticket:
    """Make the offer that waited for what has just ended, and let go what waits for nothing any more."""
    after, offer = next_offer(change.before, change.after, work.desk.terms, work.desk.lines)
    return after if offer is None else apply(work, after, request_of(work.desk, offer), DESK, change.event.at)


def request_of(desk: Desk, offer: DeferredOffer) -> Escalate:
    """The desk can say why: a clock, and to management that no line has solved it."""
    return Escalate(
        offer.line,
        EscalationReason.TIME,
        "",
        "",
        gravity=Gravity.NO_SOLUTION if desk.lines[offer.line].level == MANAGEMENT else None,
        policy=desk.policy_digest,
        cause=offer.cause,
    )

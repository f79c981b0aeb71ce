"""Which escalation policies run for a ticket: those it started with."""

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.escalation import Policies, Policy
from app.domain.ticket import Ticket
from app.store import policies


def policies_of(tx: Connection, desk: Desk, ticket: Ticket) -> Policies:
    """The escalation policies this ticket runs under."""
    return Policies(
        of_ticket=policy_of(tx, desk, ticket.policy),
        of_offer=policy_of(tx, desk, ticket.offer.policy if ticket.offer else None),
    )


def policy_of(tx: Connection, desk: Desk, digest: str | None) -> Policy:
    """The policy of this name; the desk's own where none was written down."""
    if digest is None or digest == desk.policy_digest:
        return desk.policy
    stored = policies.find(tx, digest)
    return Policy.from_json(stored) if stored else desk.policy

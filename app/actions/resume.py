"""The waiting is over."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from app.actions.action import Act, Action, Outcome, Placement
from app.actions.registry import register
from app.domain.people import Role
from app.domain.ticket import Status, Ticket
from app.domain.transitions import return_to_work
from app.messages.notices.resumed import ResumedToYou
from app.services.outgoing import Happened, show_cards, tell_assignee
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Resume:
    """Asks for nothing."""

    verb: ClassVar = "ticket.resume"


@register
class ResumeAction(Action[Resume]):
    """Work goes on, or waits in the queue for somebody."""

    code = Resume.verb
    roles = frozenset({Role.AGENT})
    statuses = frozenset({Status.PENDING})
    during_offer = False
    inputs = Resume
    button = Placement(rank=30)

    def apply(self, ticket: Ticket, inputs: Resume, act: Act) -> Outcome:
        return Outcome(return_to_work(ticket))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell_assignee(change, ResumedToYou())
        yield from show_cards(change)

"""The assignee puts the ticket back into the line's queue."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from app.actions.action import Act, Action, Outcome, Placement
from app.actions.registry import register
from app.domain.changing import changed
from app.domain.lifecycle import WORKED_ON
from app.domain.people import Role
from app.domain.ticket import Status, Ticket
from app.domain.transitions import unassign
from app.services.outgoing import Happened, show_cards
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Asks for nothing."""

    verb: ClassVar = "ticket.give_back"


@register
class GiveBackAction(Action[GiveBack]):
    """It is new again, as if nobody had taken it."""

    code = GiveBack.verb
    roles = frozenset({Role.AGENT})
    statuses = WORKED_ON
    during_offer = False
    inputs = GiveBack
    button = Placement(rank=140, more=True)

    def apply(self, ticket: Ticket, inputs: GiveBack, act: Act) -> Outcome:
        return Outcome(changed(unassign(ticket), status=Status.NEW))

    def messages(self, change: Happened) -> Iterable[Draft]:
        return show_cards(change)

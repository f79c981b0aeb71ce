"""An agent makes the ticket their own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from app.actions.action import Act, Action, Outcome, Placement
from app.actions.registry import register
from app.domain.people import Role
from app.domain.ticket import Status, Ticket
from app.domain.transitions import assign_to, give_public_word
from app.messages.notices.taken import TakenNotice
from app.services.outgoing import Happened, show_cards, tell
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Take:
    """Asks for nothing."""

    verb: ClassVar = "ticket.take"


@register
class TakeAction(Action[Take]):
    """Whoever takes it gives the first response by that."""

    code = Take.verb
    roles = frozenset({Role.AGENT})
    statuses = frozenset({Status.NEW})
    during_offer = False
    inputs = Take
    button = Placement(rank=40)

    def apply(self, ticket: Ticket, inputs: Take, act: Act) -> Outcome:
        return Outcome(give_public_word(assign_to(ticket, act.by, act.at), act.at))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell(change, change.after.requester, TakenNotice())
        yield from show_cards(change)

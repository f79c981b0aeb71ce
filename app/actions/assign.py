"""An agent, or the desk by itself, gives the ticket to a colleague of the line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.actions.action import Act, Action, Choosable, Circumstances, Outcome, Placement
from app.actions.fields import FormPart, PersonField
from app.actions.registry import register
from app.domain.people import Role
from app.domain.ticket import OPEN, Ticket
from app.domain.transitions import assign_to, update_promise
from app.messages.notices.assigned import AssignedNotice, AssignedToYou
from app.services.outgoing import Happened, show_cards, tell
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Assign:
    """`assignee` is a person's id."""

    assignee: str
    verb: ClassVar = "ticket.assign"


@register
class AssignAction(Action[Assign]):
    """The form says who is there; the present assignee is chosen already."""

    code = Assign.verb
    roles = frozenset({Role.AGENT})
    statuses = OPEN
    during_offer = False
    inputs = Assign
    button = Placement(rank=100, more=True)
    chooses = Choosable.LINE_AGENTS
    shows_availability = True

    def fields(self, at: Circumstances) -> Sequence[FormPart]:
        assignee = at.ticket.assignee or ""
        return (PersonField(id="assignee", people=at.people, value=assignee, availability=at.availability),)

    def apply(self, ticket: Ticket, inputs: Assign, act: Act) -> Outcome:
        return Outcome(update_promise(assign_to(ticket, inputs.assignee, act.at), act.at))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell(change, change.after.requester, AssignedNotice())
        yield from tell(change, change.after.assignee, AssignedToYou(), change.after.line)
        yield from show_cards(change)

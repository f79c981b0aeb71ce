"""It does not work after all."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from app.actions.action import Act, Action, Outcome, Placement
from app.actions.fields import TextField
from app.actions.registry import register
from app.domain.changing import changed
from app.domain.events import Said
from app.domain.people import Actor, Role
from app.domain.requests import LONG_TEXT
from app.domain.ticket import Status, Ticket
from app.domain.transitions import reopen
from app.messages.notices.reopened import ReopenedInThread, ReopenedNotice, ReopenedToYou
from app.services.outgoing import Happened, show_cards, tell, tell_assignee, tell_line
from app.services.unit_of_work import UnitOfWork
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Reopen:
    """`policy` is the escalation policy its new start runs under."""

    reason: str
    policy: str | None = None
    verb: ClassVar = "ticket.reopen"


@dataclass(frozen=True)
class Reopened(Said):
    """Why."""


@register
class ReopenAction(Action[Reopen]):
    """Possible for as long as the desk says (`desk.reopen_for`); raises `ReopenTooLate` after that."""

    code = Reopen.verb
    roles = frozenset({Role.REQUESTER, Role.AGENT})
    statuses = frozenset({Status.RESOLVED})
    inputs = Reopen
    event = Reopened
    button = Placement(rank=20)
    words_field = "reason"
    static_fields = (TextField(id="reason", limit=LONG_TEXT),)

    def placement(self, role: Role) -> Placement:
        return Placement(rank=160, more=True) if role is Role.AGENT else self.button

    def complete(self, work: UnitOfWork, actor: Actor, ticket: Ticket, inputs: Reopen) -> Reopen:
        return replace(inputs, policy=work.desk.policy_digest)

    def apply(self, ticket: Ticket, inputs: Reopen, act: Act) -> Outcome:
        back = reopen(ticket, act.at, act.reopen_for)
        return Outcome(changed(back, policy=inputs.policy or ticket.policy), Reopened(inputs.reason))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell(change, change.after.requester, ReopenedNotice())
        yield from tell_assignee(change, ReopenedToYou())
        yield from tell_line(change, change.after.line, ReopenedInThread())
        yield from show_cards(change)

"""The requester asks again, with a reason, because a promise was missed or the impact changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from microsoft_teams.cards.core import CardElement

from app.actions.action import Act, Action, Circumstances, Outcome, PingRequest, Placement
from app.actions.fields import ChoiceField, FormPart, Problems, options_of
from app.actions.registry import register
from app.cards.parts import run, runs
from app.domain.changing import changed
from app.domain.escalation import LEAD
from app.domain.events import EventData
from app.domain.people import Role
from app.domain.ping import NUDGE
from app.domain.ticket import OPEN, NudgeReason, Ticket
from app.domain.views import TicketView
from app.i18n import Text
from app.messages.notices.nudged import NudgedInThread
from app.services.outgoing import Happened, show_cards, tell_line
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Nudge:
    """Why the requester asks."""

    reason: NudgeReason
    verb: ClassVar = "ticket.nudge"


@dataclass(frozen=True)
class Nudged(EventData):
    """Why."""

    reason: NudgeReason

    @property
    def reason_key(self) -> str:
        return f"nudge.{self.reason}"


@register
class NudgeAction(Action[Nudge]):
    """One tap; it goes to the lead, not to everyone. That a promise was missed can be said only when one was."""

    code = Nudge.verb
    roles = frozenset({Role.REQUESTER})
    statuses = OPEN
    inputs = Nudge
    event = Nudged
    button = Placement(rank=50)

    def is_possible(self, ticket: Ticket) -> bool:
        return ticket.may_nudge

    def fields(self, at: Circumstances) -> Sequence[FormPart]:
        missed = at.ticket.promises_missed > 0
        possible = [each for each in NudgeReason if missed or each is not NudgeReason.PROMISE_MISSED]
        return (
            ChoiceField(
                id="reason",
                options=options_of(possible, "nudge"),
                kind=NudgeReason,
                accepts=tuple(NudgeReason),
                value=possible[0] if missed else "",
                expanded=True,
            ),
        )

    def check(self, inputs: Nudge, at: Circumstances) -> Problems:
        if inputs.reason is NudgeReason.PROMISE_MISSED and not at.ticket.promises_missed:
            return {"reason": ("error.nudge_reason", {})}
        return {}

    def above_form(self, view: TicketView, t: Text, room: int, at: Circumstances) -> Iterable[CardElement]:
        return [runs(run(t("form.nudge.who"), subtle=True), spacing="Small")]

    def apply(self, ticket: Ticket, inputs: Nudge, act: Act) -> Outcome:
        return Outcome(changed(ticket, nudged=ticket.nudged + 1, impact_changed=False), Nudged(inputs.reason))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell_line(change, change.after.line, NudgedInThread())
        yield from show_cards(change)

    def ping(self, change: Happened) -> PingRequest | None:
        return PingRequest(NUDGE, (LEAD,))

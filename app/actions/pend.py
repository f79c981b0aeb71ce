"""The ticket waits for the requester, a supplier or a change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.actions.action import Act, Action, Circumstances, Outcome, Placement, requester_name
from app.actions.fields import ChoiceField, DayField, FormPart, TextField, options_of
from app.actions.registry import register
from app.domain.changing import changed
from app.domain.events import Said, UntilDay
from app.domain.lifecycle import WORKED_ON
from app.domain.people import Role
from app.domain.requests import LONG_TEXT
from app.domain.ticket import PendingReason, Status, Ticket
from app.domain.transitions import begin_wait_anew, give_public_word
from app.messages.notices.pended import AskedNotice, WaitingNotice
from app.services.outgoing import Happened, show_cards, tell
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Pend:
    """`text` is the question where it waits for the requester."""

    reason: PendingReason
    until: date | None = None
    text: str = ""
    verb: ClassVar = "ticket.pend"


@dataclass(frozen=True, kw_only=True)
class Pended(Said, UntilDay):
    """What it waits for, and what was asked."""

    reason: PendingReason

    @property
    def reason_key(self) -> str:
        return f"pending.{self.reason}"


@register
class PendAction(Action[Pend]):
    """Waiting for the requester stops the resolution clock; only then a text is required, which the server checks."""

    code = Pend.verb
    roles = frozenset({Role.AGENT})
    statuses = WORKED_ON
    during_offer = False
    inputs = Pend
    event = Pended
    button = Placement(rank=120, more=True)

    def fields(self, at: Circumstances) -> Sequence[FormPart]:
        return (
            ChoiceField(
                id="reason",
                options=options_of(PendingReason, "pending.choice", name=requester_name(at.view)),
                kind=PendingReason,
                value=PendingReason.REQUESTER,
                expanded=True,
            ),
            TextField(
                id="text",
                limit=LONG_TEXT,
                hint="form.pend.text_hint",
                required=False,
                required_if=lambda raw: raw.get("reason") in ("", None, PendingReason.REQUESTER.value),
            ),
            DayField(id="until", required=False, not_before=at.today),
        )

    def apply(self, ticket: Ticket, inputs: Pend, act: Act) -> Outcome:
        asks = inputs.reason is PendingReason.REQUESTER and bool(inputs.text)
        pending = changed(ticket, status=Status.PENDING, pending_reason=inputs.reason, pending_until=inputs.until)
        pending = changed(pending, comments=ticket.comments + asks)  # a question is a public word
        if asks and ticket.waits and ticket.pending_reason is PendingReason.REQUESTER:
            pending = changed(pending, waits=begin_wait_anew(ticket, act.at))
        return Outcome(
            give_public_word(pending, act.at), Pended(text=inputs.text, reason=inputs.reason, until=inputs.until)
        )

    def messages(self, change: Happened) -> Iterable[Draft]:
        asks = change.after.pending_reason is PendingReason.REQUESTER
        yield from tell(change, change.after.requester, AskedNotice() if asks else WaitingNotice())
        yield from show_cards(change)

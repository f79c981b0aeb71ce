"""A hand-over is offered to another line, up or down; the sending line stays responsible until it is accepted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from microsoft_teams.cards.core import CardElement

from app.actions.action import Act, Action, Choosable, Circumstances, Outcome, Placement
from app.actions.fields import ChoiceField, FormPart, Option, Part, Raw, TextField, options_of
from app.actions.prevention_fields import (
    leaves_management,
    prevention_data,
    prevention_fields,
    with_prevention,
)
from app.actions.registry import register
from app.cards import text
from app.cards.form_context import guideline_panel, similar_tickets
from app.cards.parts import run, runs
from app.domain.errors import InvalidInput
from app.domain.events import WithPrevention
from app.domain.people import Actor, Role
from app.domain.requests import HAND_OVER_TEXT, SHORT_TEXT, Prevention
from app.domain.telling import Detail, LineName, Quote, Value, Words
from app.domain.ticket import MANAGEMENT, OPEN, EscalationReason, Gravity, Offer, OfferCause, Ticket
from app.domain.transitions import offer_to_line
from app.domain.views import TicketView
from app.i18n import Text
from app.messages.notices.offered import OfferedInThread, OfferedNotice, OfferedToLead
from app.services.hand_over import hand_over_lines
from app.services.outgoing import Happened, show_cards, tell, tell_line
from app.services.unit_of_work import UnitOfWork
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Escalate:
    """`gravity`, `business_impact` and `prevention` are asked on the way into or out of level 4.

    `policy` is the escalation policy under which the offer waits, `cause` why the desk itself offers it.
    """

    line: str
    reason: EscalationReason
    tried: str
    needed: str
    gravity: Gravity | None = None
    business_impact: str = ""
    prevention: Prevention | None = None
    policy: str | None = None
    cause: OfferCause | None = None
    verb: ClassVar = "ticket.escalate"


@dataclass(frozen=True, kw_only=True)
class Escalated(WithPrevention):
    """What the other line was told."""

    to: str
    from_: str
    reason: EscalationReason
    tried: str
    needed: str
    gravity: Gravity | None = None
    business_impact: str | None = None
    because: OfferCause | None = None

    @property
    def reason_key(self) -> str:
        return f"escalation.{self.reason}"

    @property
    def other_line(self) -> str:
        return self.to

    @property
    def own_line(self) -> str:
        return self.from_

    def sentence_values(self) -> Mapping[str, Value]:
        return {**super().sentence_values(), "line": LineName(self.to)}

    def details(self) -> Iterator[Detail]:
        written = {"offer.tried": self.tried, "offer.needed": self.needed, "line.business_impact": self.business_impact}
        yield from (Quote(words, key) for key, words in written.items() if words)
        if self.because:
            clock, percent, due = self.because.clock, self.because.percent, self.because.due
            yield Words("offer.because", {"clock": Words(f"clock.{clock}"), "percent": percent, "moment": due})
        if self.gravity:
            yield Words(f"gravity.{self.gravity}", title_key="line.gravity")
        yield from super().details()


@register
class EscalateAction(Action[Escalate]):
    """Above the form stands what the company wrote about when to escalate, and what solved tickets like this one."""

    code = Escalate.verb
    roles = frozenset({Role.AGENT})
    statuses = OPEN
    during_offer = False
    inputs = Escalate
    event = Escalated
    button = Placement(rank=50)
    shows_similar = True

    def chooses_for(self, at: Circumstances) -> Choosable | None:
        return Choosable.ANSWERABLE if leaves_management(at) else None

    def fields(self, at: Circumstances) -> Sequence[FormPart]:
        lines = [at.desk.lines[line] for line in hand_over_lines(at.desk, at.ticket)]
        options = [
            Option(line.id, "form.escalate.line_choice", {"line": line.name, "level": line.level}) for line in lines
        ]
        return (
            ChoiceField(id="line", options=options, value=lines[0].id if len(lines) == 1 else ""),
            ChoiceField(id="reason", options=options_of(EscalationReason, "escalation"), kind=EscalationReason),
            TextField(id="tried", limit=HAND_OVER_TEXT),
            TextField(id="needed", limit=HAND_OVER_TEXT),
            *_gravity_fields(at, [line.level for line in lines]),
            *prevention_fields(at),
        )

    def make(self, values: Mapping[str, Any], at: Circumstances | None) -> Escalate:
        return Escalate(**with_prevention(values))

    def above_form(self, view: TicketView, t: Text, room: int, at: Circumstances) -> Iterable[CardElement]:
        until = t("form.escalate.until_accepted", line=text.name(view.line.label.text(t.language)))
        yield runs(run(until, subtle=True), spacing="Small")
        category = at.desk.categories.get(view.ticket.category)
        if category and category.guideline:
            yield guideline_panel(category.guideline, t, room)
        yield from similar_tickets(at.similar, t, room)

    def complete(self, work: UnitOfWork, actor: Actor, ticket: Ticket, inputs: Escalate) -> Escalate:
        if inputs.line not in hand_over_lines(work.desk, ticket):
            raise InvalidInput({"line": ("error.choice", {})})
        return replace(inputs, policy=work.desk.policy_digest)

    def apply(self, ticket: Ticket, inputs: Escalate, act: Act) -> Outcome:
        offer = Offer(
            line=inputs.line,
            by=act.by,
            at=act.at,
            reason=inputs.reason,
            tried=inputs.tried,
            needed=inputs.needed,
            policy=inputs.policy,
            gravity=inputs.gravity,
            business_impact=inputs.business_impact,
            cause=inputs.cause,
        )
        data = Escalated(
            to=inputs.line,
            from_=ticket.line,
            reason=inputs.reason,
            tried=inputs.tried,
            needed=inputs.needed,
            gravity=inputs.gravity,
            business_impact=inputs.business_impact if inputs.gravity else None,
            because=inputs.cause,
            **prevention_data(inputs.prevention),
        )
        return Outcome(offer_to_line(ticket, offer), data)

    def messages(self, change: Happened) -> Iterable[Draft]:
        offer = change.after.offer
        if offer is None:
            return
        yield from tell(change, change.after.requester, OfferedNotice())
        yield from tell(change, change.desk.lines[offer.line].lead, OfferedToLead(), offer.line)
        yield from tell_line(change, change.after.line, OfferedInThread())
        yield from show_cards(change)


def _gravity_fields(at: Circumstances, levels: Sequence[int]) -> tuple[FormPart, ...]:
    """What management has to know; required where it can only be management."""
    if MANAGEMENT not in levels:
        return ()
    is_certain = all(level == MANAGEMENT for level in levels)

    def to_management(raw: Raw) -> bool:
        line = at.desk.lines.get(str(raw.get("line")))
        return line is not None and line.level == MANAGEMENT

    return (
        Part("form.gravity.title", None if is_certain else "form.gravity.hint"),
        ChoiceField(
            id="gravity",
            options=options_of(Gravity, "gravity"),
            kind=Gravity,
            required=is_certain,
            required_if=to_management,
            read_if=to_management,
        ),
        TextField(
            id="business_impact",
            limit=SHORT_TEXT,
            required=is_certain,
            required_if=to_management,
            read_if=to_management,
        ),
    )

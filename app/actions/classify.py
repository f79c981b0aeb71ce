"""An agent corrects what the requester chose: category, urgency, impact, kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from app.actions.action import Act, Action, Circumstances, Outcome, Placement
from app.actions.fields import ChoiceField, FormPart, Option, options_of
from app.actions.registry import register
from app.domain.changing import changed
from app.domain.desk_events import Submitted
from app.domain.errors import InvalidInput
from app.domain.people import Actor, Role
from app.domain.priority import Impact, Priority, Urgency, priority_of
from app.domain.ticket import OPEN, Kind, Ticket
from app.services.outgoing import Happened, show_cards
from app.services.unit_of_work import UnitOfWork
from app.store import history
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Classify:
    """`priority` is what the matrix makes of it."""

    category: str
    urgency: Urgency
    impact: Impact
    kind: Kind
    priority: Priority
    verb: ClassVar = "ticket.classify"


@register
class ClassifyAction(Action[Classify]):
    """The form shows what holds now."""

    code = Classify.verb
    roles = frozenset({Role.AGENT})
    statuses = OPEN
    during_offer = False
    inputs = Classify
    button = Placement(rank=130, more=True)

    def fields(self, at: Circumstances) -> Sequence[FormPart]:
        ticket, known = at.ticket, at.desk.categories.values()
        active = [Option(category.id, name=category.name) for category in known if category.active]
        return (
            ChoiceField(
                id="category",
                label="line.category",
                options=active,
                accepts=tuple(at.desk.categories),
                value=ticket.category,
            ),
            _choice("urgency", Urgency, ticket.urgency),
            _choice("impact", Impact, ticket.impact),
            _choice("kind", Kind, ticket.kind),
        )

    def make(self, values: Mapping[str, Any], at: Circumstances | None) -> Classify:
        return Classify(**values, priority=priority_of(values["urgency"], values["impact"]))

    def complete(self, work: UnitOfWork, actor: Actor, ticket: Ticket, inputs: Classify) -> Classify:
        """The least priority that a routing rule asked for when the ticket was raised holds for all its life."""
        category = work.desk.categories.get(inputs.category)
        if inputs.category != ticket.category and not (category and category.active):
            raise InvalidInput({"category": ("error.choice", {})})
        raised = history.whole(work.tx, ticket.id, limit=1)
        floor = raised[0].data.priority_floor if raised and isinstance(raised[0].data, Submitted) else None
        return replace(inputs, priority=min(inputs.priority, floor)) if floor else inputs

    def apply(self, ticket: Ticket, inputs: Classify, act: Act) -> Outcome:
        """Only a new judgement of urgency and impact gives another priority: what an escalation raised stays raised."""
        chosen = changed(ticket, category=inputs.category, kind=inputs.kind)
        if (inputs.urgency, inputs.impact) == (ticket.urgency, ticket.impact):
            return Outcome(chosen)
        judged = changed(
            chosen,
            urgency=inputs.urgency,
            impact=inputs.impact,
            priority=inputs.priority,
            target_priority=inputs.priority,
            impact_changed=ticket.impact_changed or inputs.impact is not ticket.impact,
        )
        return Outcome(judged)

    def messages(self, change: Happened) -> Iterable[Draft]:
        return show_cards(change)


def _choice(id: str, kind: type[Urgency] | type[Impact] | type[Kind], value: str) -> ChoiceField:
    return ChoiceField(id=id, label=f"line.{id}", options=options_of(kind, id), kind=kind, value=value)

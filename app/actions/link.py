"""An agent says what the ticket is to another one; a duplicate is merged into it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from microsoft_teams.cards.core import CardElement
from sqlalchemy import Connection

from app.actions.action import Act, Action, Choosable, Circumstances, Outcome, Placement
from app.actions.fields import ChoiceField, FormPart, Problems, Raw, TextField, options_of
from app.actions.prevention_fields import (
    leaves_management,
    prevention_data,
    prevention_fields,
    with_prevention,
)
from app.actions.registry import register
from app.cards.parts import run, runs
from app.domain import ticket_number
from app.domain.changing import changed
from app.domain.errors import InvalidInput, NotFound
from app.domain.events import AboutOther, WithPrevention
from app.domain.lifecycle import NOT_ENDED
from app.domain.people import Actor, Role
from app.domain.requests import NUMBER, Prevention
from app.domain.ticket import OPEN, Relation, Ticket
from app.domain.transitions import close_as_merged, give_public_word
from app.domain.views import TicketView
from app.i18n import Text
from app.messages.notices.merged import MergedNotice
from app.services.access import access_ticket
from app.services.link_rules import LINKED_BY_AGENTS, merged_messages
from app.services.outgoing import Happened
from app.services.unit_of_work import UnitOfWork
from app.store import links
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Link:
    """`other` is the other ticket's id, `number` its number; from level 4 a duplicate leaves a preventive action."""

    other: int
    relation: Relation
    number: str = ""
    prevention: Prevention | None = None
    verb: ClassVar = "ticket.link"


@dataclass(frozen=True, kw_only=True)
class LinkedTo(AboutOther, WithPrevention):
    """The other ticket; `to_assign` tells that a merged one waited for somebody."""

    other: int
    relation: Relation
    to_assign: bool | None = None


@register
class LinkAction(Action[Link]):
    """Both tickets are looked at: nobody links what they may not see."""

    code = Link.verb
    roles = frozenset({Role.AGENT})
    statuses = NOT_ENDED
    during_offer = False
    inputs = Link
    event = LinkedTo
    button = Placement(rank=170, more=True)

    def chooses_for(self, at: Circumstances) -> Choosable | None:
        return Choosable.ANSWERABLE if leaves_management(at) else None

    def fields(self, at: Circumstances) -> Sequence[FormPart]:
        return (
            TextField(id="other", limit=NUMBER, multiline=False, hint="form.link.other_hint"),
            ChoiceField(
                id="relation", options=options_of(LINKED_BY_AGENTS, "link.choice"), kind=Relation, expanded=True
            ),
            *prevention_fields(at, only_if=_is_merging),
        )

    def make(self, values: Mapping[str, Any], at: Circumstances | None) -> Link:
        other = ticket_number.parse(values["other"]) or 0
        return Link(**{**with_prevention(values), "other": other})

    def check(self, inputs: Link, at: Circumstances) -> Problems:
        return {} if inputs.other else {"other": ("error.link_number", {})}

    def above_form(self, view: TicketView, t: Text, room: int, at: Circumstances) -> Iterable[CardElement]:
        return [runs(run(t("form.link.what_happens"), subtle=True), spacing="Small")]

    def complete(self, work: UnitOfWork, actor: Actor, ticket: Ticket, inputs: Link) -> Link:
        """The request with the other ticket's number; raise `InvalidInput` where the two cannot be linked.

        A ticket the actor may not see is refused like one that does not exist.
        """
        try:
            other = access_ticket(work.tx, work.desk, actor, inputs.other, to_change=True).ticket
        except NotFound:
            raise _refused("error.not_found") from None
        if other.id == ticket.id:
            raise _refused("error.link_itself")
        if links.are_linked(work.tx, ticket.id, other.id, LINKED_BY_AGENTS):
            raise _refused("error.link_twice", number=other.number)
        if _leads_to(work.tx, other.id, ticket.id):
            raise _refused("error.link_circle", number=other.number)
        if inputs.relation is Relation.DUPLICATE_OF and other.status not in OPEN:
            raise _refused("error.link_ended", number=other.number)
        if inputs.relation is Relation.DUPLICATE_OF and other.confidential and not ticket.confidential:
            raise _refused("error.link_confidential", number=other.number)  # its solution is told with the duplicate
        return replace(inputs, number=other.number)

    def apply(self, ticket: Ticket, inputs: Link, act: Act) -> Outcome:
        linked = changed(ticket, is_linked=True)
        merges = inputs.relation is Relation.DUPLICATE_OF
        if merges:
            linked = give_public_word(close_as_merged(linked, inputs.number, act.at), act.at)
        data = LinkedTo(
            other=inputs.other,
            relation=inputs.relation,
            number=inputs.number,
            to_assign=True if merges and ticket.to_assign else None,
            **prevention_data(inputs.prevention),
        )
        return Outcome(linked, data)

    def messages(self, change: Happened) -> Iterable[Draft]:
        return merged_messages(change, MergedNotice())


def _is_merging(raw: Raw) -> bool:
    return raw.get("relation") == Relation.DUPLICATE_OF.value


def _refused(key: str, **values: object) -> InvalidInput:
    return InvalidInput({"other": (key, values)})


def _leads_to(tx: Connection, start: int, end: int) -> bool:
    """Whether links lead from one ticket to the other."""
    met, ahead = set[int](), [start]
    while ahead:
        ticket = ahead.pop()
        if ticket == end:
            return True
        if ticket not in met:
            met.add(ticket)
            ahead.extend(links.leading_from(tx, ticket, LINKED_BY_AGENTS))
    return False

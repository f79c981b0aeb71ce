"""An agent gives the solution."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from microsoft_teams.cards.core import CardElement

from app.actions.action import Act, Action, Choosable, Circumstances, Outcome, Placement, requester_name
from app.actions.fields import ChoiceField, FormPart, TextField, options_of
from app.actions.prevention_fields import (
    leaves_management,
    prevention_data,
    prevention_fields,
    with_prevention,
)
from app.actions.registry import register
from app.cards.form_context import similar_tickets
from app.domain.events import Said, WithPrevention
from app.domain.people import Role
from app.domain.requests import LONG_TEXT, SHORT_TEXT, Prevention
from app.domain.telling import Detail, Quote
from app.domain.ticket import OPEN, FirstLineCould, Ticket
from app.domain.transitions import give_public_word, resolve
from app.domain.views import TicketView
from app.i18n import Text
from app.messages.notices.resolved import ResolvedNotice
from app.services.hand_over import asks_first_line
from app.services.outgoing import Happened, show_cards, tell
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Resolve:
    """`first_line_could` and `guide` are asked above level 1 only, `prevention` on level 4 only."""

    resolution: str
    first_line_could: FirstLineCould | None = None
    guide: str = ""
    prevention: Prevention | None = None
    verb: ClassVar = "ticket.resolve"


@dataclass(frozen=True, kw_only=True)
class Resolved(Said, WithPrevention):
    """The solution, what the first line can learn of it, and the line whose offer ended by it."""

    first_line_could: FirstLineCould | None = None
    guide: str = ""
    offer_ended: str | None = None

    def details(self) -> Iterator[Detail]:
        if self.text:
            yield Quote(self.text)
        if self.guide:
            yield Quote(self.guide, "explain.guide")
        yield from WithPrevention.details(self)


@register
class ResolveAction(Action[Resolve]):
    """The requester says whether it works."""

    code = Resolve.verb
    roles = frozenset({Role.AGENT})
    statuses = OPEN
    inputs = Resolve
    event = Resolved
    button = Placement(rank=70)
    shows_similar = True

    def chooses_for(self, at: Circumstances) -> Choosable | None:
        return Choosable.ANSWERABLE if leaves_management(at) else None

    def fields(self, at: Circumstances) -> Sequence[FormPart]:
        return (
            TextField(
                id="resolution",
                limit=LONG_TEXT,
                hint="form.resolve.resolution_hint",
                hint_values={"name": requester_name(at.view)},
            ),
            *(_LEARNING if asks_first_line(at.desk, at.ticket) else ()),
            *prevention_fields(at),
        )

    def make(self, values: Mapping[str, Any], at: Circumstances | None) -> Resolve:
        return Resolve(**with_prevention(values))

    def above_form(self, view: TicketView, t: Text, room: int, at: Circumstances) -> Iterable[CardElement]:
        return similar_tickets(at.similar, t, room)

    def apply(self, ticket: Ticket, inputs: Resolve, act: Act) -> Outcome:
        data = Resolved(
            text=inputs.resolution,
            first_line_could=inputs.first_line_could,
            guide=inputs.guide,
            offer_ended=ticket.offer.line if ticket.offer else None,
            **prevention_data(inputs.prevention),
        )
        return Outcome(give_public_word(resolve(ticket, act.by, act.at, inputs.resolution), act.at), data)

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell(change, change.after.requester, ResolvedNotice())
        yield from show_cards(change)


_LEARNING: tuple[FormPart, ...] = (
    ChoiceField(
        id="first_line_could",
        options=options_of(FirstLineCould, "could"),
        kind=FirstLineCould,
        expanded=True,
        is_optional_on_server=True,
    ),
    TextField(id="guide", limit=SHORT_TEXT, required=False),
)

"""The requester says how content they are, from 1 (bad) to 5 (very good)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from app.actions.action import Act, Action, Circumstances, Outcome, Placement
from app.actions.fields import ChoiceField, TextField, options_of
from app.actions.registry import register
from app.domain.changing import changed
from app.domain.errors import RatingTooLate
from app.domain.events import Said
from app.domain.lifecycle import has_ended, may_rate
from app.domain.people import Role
from app.domain.requests import SHORT_TEXT
from app.domain.telling import Value, Words
from app.domain.ticket import Status, Ticket
from app.services.outgoing import Happened, show_cards
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Rate:
    """`rating` is 1 to 5."""

    rating: int
    text: str = ""
    verb: ClassVar = "ticket.rate"


@dataclass(frozen=True)
class Rated(Said):
    """The rating, and the words with it."""

    rating: int

    def sentence_values(self) -> Mapping[str, Value]:
        return {"rating": Words(f"rating.{self.rating}")}


@register
class RateAction(Action[Rate]):
    """A rating can be changed for a day; raises `RatingTooLate` after that."""

    code = Rate.verb
    roles = frozenset({Role.REQUESTER})
    statuses = frozenset({Status.CLOSED})
    inputs = Rate
    event = Rated
    button = Placement(rank=30)
    keeps_version = True
    static_fields = (
        ChoiceField(id="rating", options=options_of("54321", "rating"), expanded=True),
        TextField(id="text", limit=SHORT_TEXT, required=False),
    )

    def is_possible(self, ticket: Ticket) -> bool:
        return ticket.rating is None and has_ended(ticket)

    def may_repeat(self, ticket: Ticket) -> bool:
        return ticket.rating is not None

    def make(self, values: Mapping[str, Any], at: Circumstances | None) -> Rate:
        return Rate(int(values["rating"]), values.get("text", ""))

    def apply(self, ticket: Ticket, inputs: Rate, act: Act) -> Outcome:
        if not may_rate(ticket, act.at):
            raise RatingTooLate
        first = ticket.rated_at or act.at
        rated = changed(ticket, rating=inputs.rating, rating_text=inputs.text, rated_at=first)
        return Outcome(rated, Rated(inputs.text, inputs.rating))

    def messages(self, change: Happened) -> Iterable[Draft]:
        return show_cards(change)

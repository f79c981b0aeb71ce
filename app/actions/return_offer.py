"""The other line sends the hand-over back, with a reason and perhaps advice."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from app.actions.action import Act, Action, Outcome, Placement
from app.actions.fields import ChoiceField, TextField, options_of
from app.actions.registry import register
from app.domain.changing import changed
from app.domain.events import EventData
from app.domain.people import Role
from app.domain.requests import SHORT_TEXT
from app.domain.telling import Detail, LineName, Quote, Value
from app.domain.ticket import OPEN, ReturnReason, Ticket
from app.domain.transitions import update_promise
from app.messages.notices.returned import ReturnedInThread, ReturnedNotice
from app.services.outgoing import Happened, show_cards, tell, tell_line
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Return:
    """Why it goes back."""

    reason: ReturnReason
    advice: str = ""
    verb: ClassVar = "offer.return"


@dataclass(frozen=True)
class Returned(EventData):
    """The line that did not accept (`from_`), the one that stays responsible (`to`), and why."""

    from_: str | None
    to: str
    reason: ReturnReason
    advice: str = ""

    @property
    def words(self) -> str:
        return self.advice

    @property
    def reason_key(self) -> str:
        return f"return.{self.reason}"

    @property
    def other_line(self) -> str | None:
        return self.from_

    @property
    def own_line(self) -> str:
        return self.to

    def sentence_values(self) -> Mapping[str, Value]:
        return {**super().sentence_values(), "line": LineName(self.to)}

    def details(self) -> Iterator[Detail]:
        if self.advice:
            yield Quote(self.advice, "explain.advice")


@register
class ReturnAction(Action[Return]):
    """The line that offered it keeps it."""

    code = Return.verb
    roles = frozenset({Role.RECEIVER})
    statuses = OPEN
    inputs = Return
    event = Returned
    button = Placement(rank=20)
    static_fields = (
        ChoiceField(id="reason", options=options_of(ReturnReason, "return"), kind=ReturnReason, expanded=True),
        TextField(id="advice", limit=SHORT_TEXT, required=False),
    )

    def is_possible(self, ticket: Ticket) -> bool:
        return ticket.offer is not None

    def apply(self, ticket: Ticket, inputs: Return, act: Act) -> Outcome:
        back = changed(ticket, offer=None, returned=ticket.returned + 1)
        refused_by = ticket.offer.line if ticket.offer else None
        return Outcome(update_promise(back, act.at), Returned(refused_by, ticket.line, inputs.reason, inputs.advice))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell(change, change.after.requester, ReturnedNotice())
        yield from tell_line(change, change.after.line, ReturnedInThread())
        yield from show_cards(change)

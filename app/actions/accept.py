"""The other line takes the hand-over: from now on it is responsible."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.actions.action import Act, Action, Circumstances, Outcome, Placement
from app.actions.fields import FormPart, TextField
from app.actions.registry import register
from app.domain.events import EventData
from app.domain.people import Role
from app.domain.requests import SHORT_TEXT
from app.domain.telling import Detail, Quote
from app.domain.ticket import OPEN, Ticket
from app.domain.transitions import give_public_word, move_to_offered_line
from app.messages.notices.accepted import AcceptedInThread, AcceptedNotice
from app.services.outgoing import Happened, show_cards, tell, tell_line
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Accept:
    """On level 4 it says what the matter does to the company, if nobody did."""

    business_impact: str = ""
    verb: ClassVar = "offer.accept"


@dataclass(frozen=True)
class Accepted(EventData):
    """Which line had it, and what management was told when it accepted."""

    from_: str
    business_impact: str | None = None

    @property
    def own_line(self) -> str:
        return self.from_

    def details(self) -> Iterator[Detail]:
        if self.business_impact:
            yield Quote(self.business_impact, "line.business_impact")


@register
class AcceptAction(Action[Accept]):
    """Asks for something only where the desk offered it to management by itself, and does not know what it does."""

    code = Accept.verb
    roles = frozenset({Role.RECEIVER})
    statuses = OPEN
    inputs = Accept
    event = Accepted
    button = Placement(rank=10)
    static_fields = (
        TextField(id="business_impact", label="form.escalate.business_impact", limit=SHORT_TEXT, required=False),
    )
    acts_at_once = True

    def is_possible(self, ticket: Ticket) -> bool:
        return ticket.offer is not None

    def carries_inputs(self, ticket: Ticket) -> bool:
        return ticket.offer is not None and ticket.offer.lacks_impact

    def fields_on_card(self, ticket: Ticket) -> Sequence[FormPart]:
        if not self.carries_inputs(ticket):
            return ()
        return (TextField(id="business_impact", label="form.escalate.business_impact", limit=SHORT_TEXT),)

    def fields(self, at: Circumstances) -> Sequence[FormPart]:
        return self.fields_on_card(at.ticket)

    def apply(self, ticket: Ticket, inputs: Accept, act: Act) -> Outcome:
        moved = move_to_offered_line(ticket, act.by, act.at)
        return Outcome(give_public_word(moved, act.at), Accepted(ticket.line, inputs.business_impact or None))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell(change, change.after.requester, AcceptedNotice())
        yield from tell_line(change, change.before.line, AcceptedInThread())
        yield from show_cards(change)

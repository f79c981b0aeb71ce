"""The requester no longer needs it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from microsoft_teams.cards.core import CardElement

from app.actions.action import Act, Action, Circumstances, Outcome, Placement
from app.actions.registry import register
from app.cards.parts import run, runs
from app.domain.changing import changed
from app.domain.events import EventData
from app.domain.people import Role
from app.domain.ticket import OPEN, Status, Ticket
from app.domain.views import TicketView
from app.i18n import Text
from app.messages.notices.withdrawn import WithdrawnInThread
from app.services.outgoing import Happened, show_cards, tell_line
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Asks for nothing but to be sure."""

    verb: ClassVar = "ticket.withdraw"


@dataclass(frozen=True)
class Withdrawn(EventData):
    """The line whose offer ended by it."""

    offer_ended: str | None = None


@register
class WithdrawAction(Action[Withdraw]):
    """One tap to be sure, one to do it."""

    code = Withdraw.verb
    roles = frozenset({Role.REQUESTER})
    statuses = OPEN
    inputs = Withdraw
    event = Withdrawn
    button = Placement(rank=70, more=True)
    asks_first = True

    def above_form(self, view: TicketView, t: Text, room: int, at: Circumstances) -> Iterable[CardElement]:
        return [runs(run(t("form.withdraw.question", number=view.ticket.number)))]

    def submit_title(self, t: Text) -> str:
        return t("form.withdraw.yes")

    def cancel_title(self, t: Text) -> str:
        return t("form.withdraw.no")

    def apply(self, ticket: Ticket, inputs: Withdraw, act: Act) -> Outcome:
        gone = changed(ticket, status=Status.WITHDRAWN, closed_at=act.at, offer=None)
        ended = ticket.offer.line if ticket.offer else None
        return Outcome(changed(gone, pending_reason=None, pending_until=None), Withdrawn(ended))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell_line(change, change.after.line, WithdrawnInThread())
        yield from show_cards(change)

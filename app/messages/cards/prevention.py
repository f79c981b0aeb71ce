"""Something that keeps a ticket's cause from coming back, to whoever does it or owes it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from app.cards.prevention import prevention_card, summary
from app.domain.people import Role
from app.domain.views import PreventionView, TicketView
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register
from app.services.access import PINGED_SLOT
from app.store import preventions as store


class Prevented(NamedTuple):
    """The ticket, and what is done about it."""

    ticket: TicketView
    action: PreventionView


@register
@dataclass(frozen=True, slots=True)
class PreventionCard(Message[Prevented]):
    """What was done before the card could be sent stays unsent."""

    code = "prevention"
    is_noticed = True

    def look_up(self, at: Frame) -> Prevented | None:
        from app.services import preventions  # which queues this card

        known = preventions.action_in(at.slot)
        stored, view = store.find(at.tx, known) if known else None, at.ticket_view(PINGED_SLOT)
        if stored is None or view is None or (at.is_new and stored.done_at):
            return None
        return Prevented(view, preventions.view(at.tx, at.desk, stored))

    def show(self, view: Prevented, reader: Reader) -> Shown:
        card = prevention_card(view.ticket, view.action, reader.text, reader.zone)
        return Shown(summary(view.ticket, reader.text), card=card)

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[Prevented]:
        owner, due = samples.person("lea"), (samples.at + timedelta(days=18)).date()
        ticket = samples.ticket("resolved", Role.PINGED)
        action = PreventionView(3, samples.words, owner, due, samples.person("max"))
        return Example("prevention/sample", cls(), Prevented(ticket, action))

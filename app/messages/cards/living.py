"""The living card of a ticket in one place: the requester's chat, or a line's channel."""

from dataclasses import dataclass
from typing import NamedTuple

from app.cards.story import summary
from app.domain.people import Role
from app.domain.views import LineView, TicketView
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register
from app.screens.living import card_at
from app.services.access import line_of


class PlacedTicket(NamedTuple):
    """A ticket, and the line in whose channel its card is; None in the requester's chat."""

    ticket: TicketView
    here: LineView | None = None


@dataclass(frozen=True, slots=True)
class _LivingCard(Message[PlacedTicket]):
    def look_up(self, at: Frame) -> PlacedTicket | None:
        view, here = at.ticket_view(at.slot), line_of(at.slot)
        return PlacedTicket(view, at.line_view(here) if here else None) if view else None

    def show(self, view: PlacedTicket, reader: Reader) -> Shown:
        t = reader.text
        card = card_at(view.ticket, t, reader.zone, view.here, in_public=reader.person is None)
        return Shown(summary(view.ticket, t), card=card)


@register
@dataclass(frozen=True, slots=True)
class RequesterCard(_LivingCard):
    """Where the ticket is and who has it."""

    code = "living"

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[PlacedTicket]:
        return Example("living/in_progress", cls(), PlacedTicket(samples.ticket("in_progress", Role.REQUESTER)))


@register
@dataclass(frozen=True, slots=True)
class LineCard(_LivingCard):
    """Everything to work the ticket."""

    code = "line"

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[PlacedTicket]:
        view = PlacedTicket(samples.ticket("in_progress", Role.AGENT), samples.line("first"))
        return Example("line/in_progress", cls(), view, in_public=True)

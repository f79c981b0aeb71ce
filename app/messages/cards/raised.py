"""What takes the place of the form for a new ticket once it was sent."""

from dataclasses import dataclass

from app.cards import talk
from app.cards.story import summary
from app.domain.people import Role
from app.domain.views import TicketView
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register
from app.services.access import REQUESTER_SLOT


@register
@dataclass(frozen=True, slots=True)
class TicketRaised(Message[TicketView]):
    """Number, line and the first promise; the living card carries everything else."""

    code = "raised"

    def look_up(self, at: Frame) -> TicketView | None:
        return at.ticket_view(REQUESTER_SLOT)

    def show(self, view: TicketView, reader: Reader) -> Shown:
        return Shown(summary(view, reader.text), card=talk.raised(view, reader.text, reader.zone))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[TicketView]:
        return Example("talk/raised", cls(), samples.ticket("new", Role.REQUESTER))

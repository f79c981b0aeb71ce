"""A line's channel: the notice of where it works, and what its old channel shows in place of a ticket's card."""

from dataclasses import dataclass

from app.cards.binding import binding_card, summary, taken_out_card
from app.domain.people import Role
from app.domain.views import BindingView, TicketView
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register
from app.services import agents, binding_view
from app.services.access import REQUESTER_SLOT
from app.store.copy_names import words_of_binding


@register
@dataclass(frozen=True, slots=True)
class BindingNotice(Message[BindingView]):
    """It follows what becomes of the binding."""

    binding: int
    code = "binding"

    def look_up(self, at: Frame) -> BindingView | None:
        seen = binding_view.view(at.tx, at.desk, self.binding)
        ids = agents.ids_of(at.tx, at.reader.person or "")
        return seen if seen and not ids.isdisjoint(binding_view.readers(at.desk, seen.line.id)) else None

    def show(self, view: BindingView, reader: Reader) -> Shown:
        return Shown(summary(view, reader.text), card=binding_card(view, reader.text, reader.zone))

    def words_repeated(self, at: Frame) -> str:
        return words_of_binding(self.binding)

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[BindingView]:
        line, by = samples.line("network"), samples.person("mara")
        view = BindingView(3, line, "Tickets", "Contoso IT", by, samples.at, former="Netz", now_in="Tickets")
        return Example("binding/bound", cls(3), view)


@register
@dataclass(frozen=True, slots=True)
class TakenOut(Message[TicketView]):
    """The channel that the line has left reads no more of the ticket."""

    code = "taken_out"

    def look_up(self, at: Frame) -> TicketView | None:
        return at.ticket_view(REQUESTER_SLOT)

    def show(self, view: TicketView, reader: Reader) -> Shown:
        return Shown(view.ticket.number, card=taken_out_card(view.ticket.number, reader.text))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[TicketView]:
        return Example("binding/taken_out", cls(), samples.ticket("in_progress", Role.AGENT))

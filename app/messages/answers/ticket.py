"""A ticket that somebody asked for by its number, in the form that suits where they asked."""

from dataclasses import dataclass

from app.cards.story import summary
from app.domain.errors import NotFound
from app.domain.people import Role
from app.domain.views import LineView, TicketView
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register
from app.screens.living import asked_card_at
from app.services import agents, tickets
from app.services.access import check_known_at, line_of


@dataclass(frozen=True, slots=True)
class AskedView:
    """The ticket, and the line in whose channel it is shown; None for a ticket that is not there."""

    ticket: TicketView | None
    here: LineView | None = None


@register
@dataclass(frozen=True, slots=True)
class AskedTicket(Message[AskedView]):
    """`slot` is the card that it is."""

    slot: str
    code = "ticket"

    def look_up(self, at: Frame) -> AskedView:
        slot = self._slot_of(at, at.reader.person)
        if slot is None:
            return AskedView(None)
        here = line_of(slot)
        return AskedView(at.ticket_view(slot), at.line_view(here) if here else None)

    def _slot_of(self, at: Frame, person: str | None) -> str | None:
        """The card that suits whoever asked, or the channel where they did; None where nobody there may see the ticket
        (any more).
        """
        try:
            if person is None:
                check_known_at(at.tx, at.ticket, at.reader.line)
                return self.slot
            actor = agents.as_actor(at.tx, at.desk, person)
            return tickets.show(at.tx, at.desk, actor, at.ticket, self.slot).slot
        except NotFound:
            return None

    def show(self, view: AskedView, reader: Reader) -> Shown:
        t = reader.text
        if view.ticket is None:
            return Shown.sentence(t("error.not_found"))
        card = asked_card_at(view.ticket, t, reader.zone, view.here, in_channel=reader.person is None)
        return Shown(summary(view.ticket, t), card=card)

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[AskedView]:
        view = AskedView(samples.ticket("offered", Role.AGENT), samples.line("first"))
        return Example("line/asked", cls("line:first"), view, in_public=True)

"""The messages that could not be delivered, for an admin."""

from dataclasses import dataclass

from app.cards import admin
from app.domain.views import Delivery, PassedOver
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register
from app.services import agents, deliveries


@dataclass(frozen=True, slots=True)
class UndeliverableView:
    """The oldest of them, how many there are in all, and whom pings passed over."""

    oldest: tuple[Delivery, ...]
    total: int
    absent: tuple[PassedOver, ...] = ()


@register
@dataclass(frozen=True, slots=True)
class UndeliverableMessages(Message[UndeliverableView]):
    """Of a confidential ticket an admin is told no more than a stranger."""

    code = "deliveries"

    def look_up(self, at: Frame) -> UndeliverableView | None:
        ids = agents.ids_of(at.tx, at.reader.person or "")
        if ids.isdisjoint(at.desk.admins):
            return None
        oldest, total = deliveries.undeliverable(at.tx, at.desk, ids)
        return UndeliverableView(oldest, total, deliveries.passed_over(at.tx, at.desk, ids))

    def show(self, view: UndeliverableView, reader: Reader) -> Shown:
        t = reader.text
        card = admin.deliveries(view.oldest, t, reader.zone, total=view.total, absent=view.absent)
        return Shown(t("admin.title"), card=card)

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[UndeliverableView]:
        stuck = Delivery(7, "INC-1042", "Alex Wilber", "living", "dead", "blocked", 1, samples.at, samples.at)
        return Example("admin/one_delivery", cls(), UndeliverableView((stuck,), 1))

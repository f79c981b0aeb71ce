"""What the auditor found, to every admin."""

from dataclasses import dataclass
from datetime import datetime

from app.cards import admin
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register
from app.services import agents


@register
@dataclass(frozen=True, slots=True)
class Alarm(Message["Alarm"]):
    """What stands still, how often, one example, and since when."""

    fault: str
    count: int
    since: datetime
    example: str | None = None
    code = "alarm"

    def look_up(self, at: Frame) -> "Alarm | None":
        is_admin = not agents.ids_of(at.tx, at.reader.person or "").isdisjoint(at.desk.admins)
        return self if is_admin else None

    def show(self, view: "Alarm", reader: Reader) -> Shown:
        said = admin.alarm(view.fault, view.count, view.example, view.since, reader.text, reader.zone)
        return Shown.sentence(said)

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example["Alarm"]:
        alarm = cls("dispatcher_silent", 3, samples.at, "INC-1042")
        return Example("admin/alarm", alarm, alarm)

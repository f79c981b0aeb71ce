"""That somebody gets no tickets and no pings for a while."""

from dataclasses import dataclass
from datetime import date

from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class AbsenceNoted(Message[date]):
    """`until` is the last day of it."""

    until: date
    code = "absence"

    def look_up(self, at: Frame) -> date:
        return self.until

    def show(self, view: date, reader: Reader) -> Shown:
        return Shown.sentence(reader.text("absence.noted", date=reader.text.date(view)))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[date]:
        until = samples.at.date()
        return Example("talk/absence", cls(until), until)

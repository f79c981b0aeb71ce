"""The words one can type."""

from dataclasses import dataclass

from app.cards import talk
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class Help(Message["Help"]):
    """What there is to say depends on where it is asked and who asks."""

    in_channel: bool
    is_agent: bool
    code = "help"

    def look_up(self, at: Frame) -> "Help":
        return self

    def show(self, view: "Help", reader: Reader) -> Shown:
        card = talk.help_card(reader.text, in_channel=view.in_channel, is_agent=view.is_agent)
        return Shown(reader.text("help.title"), card=card)

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example["Help"]:
        asked = cls(in_channel=False, is_agent=False)
        return Example("talk/help", asked, asked)

"""One sentence of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class Sentence(Message["Sentence"]):
    """`values` fill in the sentence's placeholders."""

    key: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    code = "sentence"

    def look_up(self, at: Frame) -> "Sentence":
        return self

    def show(self, view: "Sentence", reader: Reader) -> Shown:
        return Shown.sentence(reader.text(view.key, **view.values))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example["Sentence"]:
        only = cls("talk.only_in_chat")
        return Example("talk/sentence", only, only)

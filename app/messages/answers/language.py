"""Which languages there are, to whoever asked for none of them."""

from dataclasses import dataclass

from app.cards import talk
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register

LanguageNames = tuple[tuple[str, str], ...]
"""Every language's code and its own name for itself."""


@register
@dataclass(frozen=True, slots=True)
class LanguageChoice(Message[LanguageNames]):
    """One button for each."""

    code = "language"

    def look_up(self, at: Frame) -> LanguageNames:
        return at.texts.names

    def show(self, view: LanguageNames, reader: Reader) -> Shown:
        return Shown(reader.text("language.title"), card=talk.language_card(reader.text, view))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[LanguageNames]:
        return Example("talk/language", cls(), (("de", "Deutsch"), ("en", "English")))

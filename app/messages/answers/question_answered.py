"""What takes the place of the question for whom words are, once it is answered."""

from dataclasses import dataclass

from app.cards.conversation import told_card
from app.domain.verbs import Verb
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class QuestionAnswered(Message[str]):
    """`verb` is what became of the words."""

    verb: str
    code = "told"

    def look_up(self, at: Frame) -> str:
        return self.verb

    def show(self, view: str, reader: Reader) -> Shown:
        return Shown(reader.text("talk.which"), card=told_card(reader.text, view))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[str]:
        return Example("talk/told_reply", cls(Verb.REPLY.value), Verb.REPLY.value)

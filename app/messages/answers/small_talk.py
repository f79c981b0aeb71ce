"""Answers to a greeting and to thanks."""

from dataclasses import dataclass

from app.cards.conversation import greeting_card, thanks_card
from app.domain.views import OwnTicket
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register
from app.services import conversation


@register
@dataclass(frozen=True, slots=True)
class Greeting(Message[str]):
    """`name` is that of whoever said hello."""

    name: str
    code = "greeting"

    def look_up(self, at: Frame) -> str:
        return self.name

    def show(self, view: str, reader: Reader) -> Shown:
        return Shown(reader.text("talk.greeting_nobody"), card=greeting_card(reader.text, view))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[str]:
        name = samples.person("alex").name
        return Example("talk/greeting", cls(name), name)


@register
@dataclass(frozen=True, slots=True)
class ThanksAnswer(Message[list[OwnTicket]]):
    """What is resolved can be closed right here."""

    person: str
    code = "thanks"

    def look_up(self, at: Frame) -> list[OwnTicket]:
        return conversation.resolved_tickets(at.tx, self.person)

    def show(self, view: list[OwnTicket], reader: Reader) -> Shown:
        return Shown(reader.text("talk.thanks"), card=thanks_card(reader.text, view))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[list[OwnTicket]]:
        return Example("talk/thanks", cls("alex"), [])

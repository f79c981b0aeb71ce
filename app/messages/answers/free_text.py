"""What can become of words that somebody said freely."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.cards.conversation import free_text_card, withdrawn_card
from app.domain.people import Role
from app.domain.views import FreeTextView, OwnTicket
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.onlooker import Onlooker, gathered
from app.messages.registry import register
from app.services import conversation
from app.store.copy_names import words_of_draft


def withdrawn(reader: Reader) -> Shown:
    """What takes the place of a message about words that were deleted."""
    return Shown(reader.text("talk.withdrawn"), card=withdrawn_card(reader.text))


@register
@dataclass(frozen=True, slots=True)
class FreeTextAnswer(Message[FreeTextView]):
    """Articles that fit, tickets it may belong to, and the form. `draft` is the key under which the words are kept."""

    draft: str
    onlooker: Onlooker
    code = "free_text"
    version = 2

    @classmethod
    def upgrade(cls, payload: Mapping[str, Any], version: int) -> Mapping[str, Any]:
        return gathered(payload)

    def look_up(self, at: Frame) -> FreeTextView | None:
        actor = self.onlooker.actor_now(at.tx, at.desk, at.reader.text.language)
        return conversation.offer(at.tx, at.desk, actor, self.draft)

    def show(self, view: FreeTextView, reader: Reader) -> Shown:
        return Shown(reader.text("talk.free_text"), card=free_text_card(view, reader.text, reader.zone))

    def words_repeated(self, at: Frame) -> str:
        return words_of_draft(self.draft)

    def taken_back(self, at: Frame) -> Shown:
        return withdrawn(at.reader)

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[FreeTextView]:
        ticket = samples.ticket("in_progress", Role.REQUESTER).ticket
        own = OwnTicket(ticket.id, ticket.number, ticket.title, ticket.version, waits_for_requester=True)
        asked = cls("k3y", Onlooker("alex"))
        return Example("talk/free_text_ticket", asked, FreeTextView("k3y", samples.words, tickets=(own,)))

"""For whom words in a ticket's thread are."""

from dataclasses import dataclass
from typing import NamedTuple

from app.cards.conversation import which_card
from app.domain.people import Role
from app.domain.views import TicketView
from app.messages.answers.free_text import withdrawn
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register
from app.services import conversation
from app.services.access import line_slot
from app.store.copy_names import words_of_draft


class QuestionView(NamedTuple):
    """The ticket, and what was said in its thread."""

    ticket: TicketView
    words: str


@register
@dataclass(frozen=True, slots=True)
class WhomFor(Message[QuestionView]):
    """`draft` is the key under which the words are kept."""

    draft: str
    code = "which"

    def look_up(self, at: Frame) -> QuestionView | None:
        view, words = at.ticket_view(line_slot("")), conversation.said_under(at.tx, self.draft)
        return QuestionView(view, words) if view and words is not None else None

    def show(self, view: QuestionView, reader: Reader) -> Shown:
        card = which_card(view.ticket, view.words, self.draft, reader.text)
        return Shown(reader.text("talk.which"), card=card)

    def words_repeated(self, at: Frame) -> str:
        return words_of_draft(self.draft)

    def taken_back(self, at: Frame) -> Shown:
        return withdrawn(at.reader)

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[QuestionView]:
        return Example("talk/which", cls("k3y"), QuestionView(samples.ticket("in_progress", Role.AGENT), samples.words))

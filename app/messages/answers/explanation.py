"""What happens to a ticket, for those who work on it."""

from dataclasses import dataclass

from app.cards.explain import explain_card, summary
from app.domain.errors import DomainError, NotFound
from app.domain.explanation import Explanation
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register
from app.services import agents, explain


@register
@dataclass(frozen=True, slots=True)
class ExplanationAnswer(Message[Explanation | DomainError]):
    """`line` is that of the channel it was asked in, which the ticket may have left by now."""

    line: str | None = None
    code = "explain"

    def look_up(self, at: Frame) -> Explanation | DomainError:
        try:
            if at.reader.person is None and self.line != at.reader.line:
                return NotFound()
            if self.line:
                explain.check_channel(at.tx, at.ticket, self.line)
            if at.reader.person:
                actor = agents.as_actor(at.tx, at.desk, at.reader.person)
                explain.check_reader(at.tx, at.desk, actor, at.ticket)
            return explain.explain(at.tx, at.desk, at.ticket, at.now)
        except DomainError as refused:
            return refused

    def show(self, view: Explanation | DomainError, reader: Reader) -> Shown:
        if isinstance(view, DomainError):
            return Shown.sentence(reader.text(view.key))
        return Shown(summary(view, reader.text), card=explain_card(view, reader.text, reader.zone))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[Explanation | DomainError]:
        return Example("explain/escalating", cls(), samples.explanation())

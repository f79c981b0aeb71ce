"""A requester has said something."""

from dataclasses import dataclass

from app.domain.verbs import Verb
from app.messages.notice import Notice, NoticeSample
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class CommentedInThread(Notice):
    """To the line, which answers right here."""

    code = "thread_commented"
    key = "notice.thread.commented"
    quotes = True
    buttons = (Verb.REPLY,)
    answers = True
    in_thread = True
    mentions = True
    sample = NoticeSample(by="alex", words=("Bei Priya auch.", "Priya has it as well."))


@register
@dataclass(frozen=True, slots=True)
class DuplicateCommentedInThread(Notice):
    """To the line that has the ticket with which the commented one is handled."""

    code = "thread_duplicate_commented"
    key = "notice.thread.duplicate_commented"
    quotes = True
    in_thread = True
    mentions = True
    sample = NoticeSample(
        by="alex",
        words=("Auch im Homeoffice.", "Auch im Homeoffice."),
        files=("Fehler.png",),
        number="INC-1043",
    )

"""Somebody of the line has made a note."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class NotedInThread(Notice):
    """To the line alone."""

    code = "thread_noted"
    key = "notice.thread.noted"
    quotes = True
    in_thread = True
    sample = NoticeSample(words=("Zertifikat gültig bis 2027.", "Certificate valid until 2027."))

"""Somebody of the line has informed the manager."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class ManagerNotifiedInThread(Notice):
    """To the line."""

    code = "thread_notified"
    key = "notice.thread.notified"
    quotes = True
    in_thread = True
    sample = NoticeSample(words=("Die ganze Abteilung steht still.", "The whole department is at a standstill."))

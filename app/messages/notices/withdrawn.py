"""A requester has taken a ticket back."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class WithdrawnInThread(Notice):
    """To the line."""

    code = "thread_withdrawn"
    key = "notice.thread.withdrawn"
    in_thread = True
    sample = NoticeSample("withdrawn", "alex")

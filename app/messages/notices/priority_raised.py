"""A ticket has become more urgent."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class PriorityRaisedInThread(Notice):
    """To the line."""

    code = "thread_raised"
    key = "notice.thread.raised"
    in_thread = True
    sample = NoticeSample("late", "desk")

"""A requester asks again."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample, SampleData
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class NudgedInThread(Notice):
    """To the line: why."""

    code = "thread_nudged"
    key = "notice.thread.nudged"
    in_thread = True
    mentions = True
    sample = NoticeSample("late", "alex", data=SampleData(reason="nudge.promise_missed"), mentions="mara")

"""A requester has changed what a ticket says."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class EditedInThread(Notice):
    """To the line."""

    code = "thread_edited"
    key = "notice.thread.edited"
    in_thread = True
    sample = NoticeSample(by="alex")

"""Another line has taken a ticket over."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample
from app.messages.registry import register


@dataclass(frozen=True, slots=True)
class _Accepted(Notice):
    sample = NoticeSample("accepted", "jonas", line="network")


@register
@dataclass(frozen=True, slots=True)
class AcceptedNotice(_Accepted):
    """To the requester."""

    code = "accepted"
    key = "notice.accepted"
    estimates = True


@register
@dataclass(frozen=True, slots=True)
class AcceptedInThread(_Accepted):
    """To the line that had it."""

    code = "thread_accepted"
    key = "notice.thread.accepted"
    in_thread = True

"""A ticket is handled together with another one, or by itself again."""

from dataclasses import dataclass

from app.domain.events import AboutOther
from app.messages.notice import Notice, NoticeSample
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class MergedNotice(Notice):
    """To the requester."""

    code = "merged"
    key = "notice.merged"
    sample = NoticeSample("merged", data=AboutOther("INC-1031"))


@register
@dataclass(frozen=True, slots=True)
class UnmergedNotice(Notice):
    """To the requester."""

    code = "unmerged"
    key = "notice.unmerged"
    sample = NoticeSample(data=AboutOther("INC-1031"))

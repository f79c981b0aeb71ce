"""Another line was asked to take a ticket; the one that asks stays responsible until it is accepted."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample, SampleData
from app.messages.registry import register

_OFFER = SampleData(reason="escalation.permission", other="network", own="first")


@dataclass(frozen=True, slots=True)
class _Offered(Notice):
    sample = NoticeSample("offered", data=_OFFER, line="network")


@register
@dataclass(frozen=True, slots=True)
class OfferedNotice(_Offered):
    """To the requester."""

    code = "offered"
    key = "notice.offered"
    estimates = True


@register
@dataclass(frozen=True, slots=True)
class OfferedToLead(_Offered):
    """To the lead of the line that was asked."""

    code = "lead_offered"
    key = "notice.lead_offered"
    opens = True


@register
@dataclass(frozen=True, slots=True)
class OfferedInThread(_Offered):
    """To the line that asks."""

    code = "thread_offered"
    key = "notice.thread.offered"
    in_thread = True

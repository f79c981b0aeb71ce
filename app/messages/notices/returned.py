"""Another line does not take a ticket over."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample, SampleData
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class ReturnedNotice(Notice):
    """To the requester."""

    code = "returned"
    key = "notice.returned"
    estimates = True
    sample = NoticeSample("returned", "jonas", data=SampleData(own="first"), line="network")


@register
@dataclass(frozen=True, slots=True)
class ReturnedInThread(Notice):
    """To the responsible line, with what it is advised."""

    code = "thread_returned"
    key = "notice.thread.returned"
    quotes = True
    in_thread = True
    sample = NoticeSample(
        "returned",
        "jonas",
        ("Bitte den Gateway-Namen ergänzen.", "Please add the name of the gateway."),
        SampleData(reason="return.missing_information", own="first"),
        "network",
    )

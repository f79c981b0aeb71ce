"""A ticket that was solved is open again."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample, StandIn
from app.messages.registry import register

_SAID = ("Seit heute wieder.", "It came back today.")


@register
@dataclass(frozen=True, slots=True)
class ReopenedNotice(Notice):
    """To the requester: who takes care of it."""

    code = "reopened"
    key = "notice.reopened"
    sample = NoticeSample(line="first")


@register
@dataclass(frozen=True, slots=True)
class ReopenedToYou(Notice):
    """To whoever had it."""

    code = "reopened_to_you"
    key = "notice.reopened_to_you"
    quotes = True
    opens = True
    stand_in = StandIn.HEARS_IT_NEEDS_SOMEBODY
    sample = NoticeSample(by="alex", words=_SAID)


@register
@dataclass(frozen=True, slots=True)
class ReopenedInThread(Notice):
    """To the line."""

    code = "thread_reopened"
    key = "notice.thread.reopened"
    quotes = True
    in_thread = True
    sample = NoticeSample(by="alex", words=_SAID)

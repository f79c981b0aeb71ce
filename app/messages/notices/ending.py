"""A ticket ends by itself unless its requester says something."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from app.domain.desk_events import EndingReached
from app.domain.verbs import Verb
from app.i18n import Text
from app.messages.notice import Notice, NoticeSample, Told
from app.messages.registry import register


@dataclass(frozen=True, slots=True)
class _Ending(Notice):
    names_title = True

    def values(self, told: Told, t: Text, zone: tzinfo) -> dict[str, object]:
        data = told.event.data
        ends = data.ends if isinstance(data, EndingReached) else None
        return {"ends": t.moment(ends, zone) if ends else "?"}


_ENDS = EndingReached(datetime(2026, 12, 7, 8, 12, tzinfo=UTC))


@register
@dataclass(frozen=True, slots=True)
class AnswerReminder(_Ending):
    """Their answer is waited for."""

    code = "remind_answer"
    key = "notice.remind_answer"
    buttons = (Verb.COMMENT,)
    sample = NoticeSample("pending_requester", "desk", data=_ENDS)


@register
@dataclass(frozen=True, slots=True)
class AnswerWarning(_Ending):
    """The same for the last time."""

    code = "warn_answer"
    key = "notice.warn_answer"
    buttons = (Verb.COMMENT,)
    sample = NoticeSample("pending_requester", "desk", data=_ENDS)


@register
@dataclass(frozen=True, slots=True)
class ClosingWarning(_Ending):
    """What is solved closes soon."""

    code = "warn_closing"
    key = "notice.warn_closing"
    buttons = (Verb.CONFIRM, Verb.REOPEN)
    sample = NoticeSample("resolved", "desk", data=_ENDS)

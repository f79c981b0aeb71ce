"""Something was promised by a time, and did not come."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from app.domain.clocks import Clock
from app.domain.desk_events import OfClock, PromiseMissed
from app.domain.verbs import Verb
from app.i18n import Text
from app.messages.notice import Notice, NoticeSample, Told
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class PromiseMissedNotice(Notice):
    """To the requester: by when there will be news."""

    code = "promise_missed"
    key = "notice.promise_missed"
    buttons = (Verb.NUDGE, Verb.COMMENT)
    names_title = True
    sample = NoticeSample(
        "late", "desk", data=PromiseMissed(Clock.NEXT_UPDATE, datetime(2026, 11, 23, 10, 12, tzinfo=UTC))
    )

    @classmethod
    def text_keys(cls) -> tuple[str, ...]:
        return (cls.key, f"{cls.key}_resolution", f"delivery.what.{cls.code}")

    def key_of(self, told: Told) -> str:
        data = told.event.data
        is_resolution = isinstance(data, OfClock) and data.clock is Clock.RESOLUTION
        return f"{self.key}_resolution" if is_resolution else self.key

    def values(self, told: Told, t: Text, zone: tzinfo) -> dict[str, object]:
        data, promised = told.event.data, told.ticket.promise(Clock.NEXT_UPDATE)
        return {
            "due": t.moment(data.due, zone) if isinstance(data, OfClock) else "?",
            "by": t.moment(promised.due_at, zone) if promised and promised.due_at else "?",
        }

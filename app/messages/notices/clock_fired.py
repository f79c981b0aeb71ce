"""So much of a promise is used up that somebody should look."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from app.domain.clocks import Clock
from app.domain.desk_events import ClockFired
from app.i18n import Text
from app.messages.notice import Notice, NoticeSample, Told
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class ClockFiredInThread(Notice):
    """To the line."""

    code = "thread_clock"
    key = "notice.thread.clock"
    in_thread = True
    mentions = True
    sample = NoticeSample(
        by="desk",
        data=ClockFired(
            clock=Clock.FIRST_RESPONSE, due=datetime(2026, 11, 23, 9, 12, tzinfo=UTC), percent=50, line="first"
        ),
        mentions="mara",
    )

    @classmethod
    def text_keys(cls) -> tuple[str, ...]:
        return (cls.key, f"{cls.key}_overdue", "delivery.what.thread")

    def key_of(self, told: Told) -> str:
        fired = told.event.data
        return f"{self.key}_overdue" if isinstance(fired, ClockFired) and fired.is_late else self.key

    def values(self, told: Told, t: Text, zone: tzinfo) -> dict[str, object]:
        fired = told.event.data
        if not isinstance(fired, ClockFired):
            return {}
        return {"clock": t(f"clock.{fired.clock}"), "percent": fired.percent, "due": t.moment(fired.due, zone)}

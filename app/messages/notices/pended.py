"""A ticket waits: for its requester, or for something else."""

from dataclasses import dataclass
from datetime import date, tzinfo

from app.domain.events import UntilDay
from app.domain.verbs import Verb
from app.i18n import Text
from app.messages.notice import Notice, NoticeSample, SampleData, Told
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class AskedNotice(Notice):
    """To the requester, who is asked."""

    code = "asked"
    key = "notice.asked"
    quotes = True
    buttons = (Verb.COMMENT,)
    sample = NoticeSample(
        "pending_requester",
        words=("Welche Meldung erscheint?", "Which message is shown?"),
    )


@dataclass(frozen=True)
class _SampleWait(SampleData, UntilDay):
    """Waits for something until a day."""


@register
@dataclass(frozen=True, slots=True)
class WaitingNotice(Notice):
    """To the requester: for what, and until when where that is known."""

    code = "waiting"
    key = "notice.waiting"
    sample = NoticeSample("pending_supplier", data=_SampleWait(reason="pending.supplier", until=date(2026, 11, 26)))

    @classmethod
    def text_keys(cls) -> tuple[str, ...]:
        return (cls.key, f"{cls.key}_until", f"delivery.what.{cls.code}")

    def key_of(self, told: Told) -> str:
        return f"{self.key}_until" if _until(told) else self.key

    def values(self, told: Told, t: Text, zone: tzinfo) -> dict[str, object]:
        until = _until(told)
        return {"date": t.date(until)} if until else {}


def _until(told: Told) -> date | None:
    return told.event.data.until if isinstance(told.event.data, UntilDay) else None

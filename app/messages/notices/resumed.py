"""A ticket waits no longer."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample, StandIn
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class ResumedToYou(Notice):
    """To whoever has it."""

    code = "resumed_to_you"
    key = "notice.resumed_to_you"
    opens = True
    stand_in = StandIn.HEARS_IT_NEEDS_SOMEBODY
    sample = NoticeSample(by="desk")

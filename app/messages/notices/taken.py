"""Somebody takes care of a ticket."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample, StandIn
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class TakenNotice(Notice):
    """To the requester."""

    code = "taken"
    key = "notice.taken"
    sample = NoticeSample()


@register
@dataclass(frozen=True, slots=True)
class TakenFromYou(Notice):
    """To whoever had it before. Nobody else needs to know that."""

    code = "taken_from_you"
    key = "notice.taken_from_you"
    opens = True
    stand_in = StandIn.HEARS_NOTHING
    sample = NoticeSample("at_management", "max")

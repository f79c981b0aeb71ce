"""Somebody was given a ticket."""

from dataclasses import dataclass

from app.domain.people import Person
from app.messages.notice import Notice, NoticeSample, StandIn, Told
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class AssignedNotice(Notice):
    """To the requester: who has it now."""

    code = "assigned"
    key = "notice.assigned"
    sample = NoticeSample(by="ben")

    def person(self, told: Told) -> Person:
        return told.ticket.assignee or told.event.actor


@register
@dataclass(frozen=True, slots=True)
class AssignedToYou(Notice):
    """To whoever was given it."""

    code = "assigned_to_you"
    key = "notice.assigned_to_you"
    opens = True
    stand_in = StandIn.HEARS_IT_NEEDS_SOMEBODY
    sample = NoticeSample(by="ben")

"""Urgency × impact = priority, by one printed matrix."""

from enum import StrEnum


class Urgency(StrEnum):
    """How pressing it is for the requester, asked in plain words."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Impact(StrEnum):
    """Who is affected; asked of the requester, corrected by agents."""

    ME = "me"
    TEAM = "team"
    SITE = "site"
    COMPANY = "company"


class Priority(StrEnum):
    """P1 is worked first. The values sort in that order."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


_MATRIX: dict[Urgency, tuple[Priority, Priority, Priority, Priority]] = {
    #                   me           team         site         company
    Urgency.LOW: (Priority.P4, Priority.P4, Priority.P3, Priority.P3),
    Urgency.NORMAL: (Priority.P3, Priority.P3, Priority.P2, Priority.P2),
    Urgency.HIGH: (Priority.P2, Priority.P2, Priority.P1, Priority.P1),
}


def priority_of(urgency: Urgency, impact: Impact, *, floor: Priority | None = None) -> Priority:
    """Return the matrix's priority, or `floor` (set by a routing rule) where that is more urgent."""
    priority = _MATRIX[urgency][list(Impact).index(impact)]
    return min(priority, floor) if floor else priority

"""Duplicates: a ticket that is handled together with another one, until that one is solved."""

import re
from dataclasses import dataclass
from datetime import date

from app.domain.events import UNCHANGED, Properties
from app.domain.ticket import PendingReason, Status, Ticket
from app.domain.waiting import NO_ANSWER

_TOGETHER = re.compile(r"\(together with ([A-Z]{3}-\d{1,15})\)")


@dataclass(frozen=True, slots=True)
class BeforeMerging:
    """What merging changes of a ticket, as it was; `to_assign`: it waited for somebody."""

    status: Status
    resolution: str | None = None
    pending_reason: PendingReason | None = None
    pending_until: date | None = None
    to_assign: bool = False


def before_merging(old: Properties, *, to_assign: bool) -> BeforeMerging | None:
    """The same from the old values of what changed; None where nothing was merged."""
    if old.status is UNCHANGED:
        return None
    return BeforeMerging(
        old.status,
        None if old.resolution is UNCHANGED else old.resolution,
        None if old.pending_reason is UNCHANGED else old.pending_reason,
        None if old.pending_until is UNCHANGED else old.pending_until,
        to_assign,
    )


def together_with(number: str) -> str:
    """The resolution of a ticket that was merged into another one; cards say it in the reader's words."""
    return f"(together with {number})"


def main_ticket(resolution: str) -> str | None:
    """The number of the ticket that a resolution says it is handled with; None for any other resolution."""
    found = _TOGETHER.fullmatch(resolution)
    return found[1] if found else None


def merged_into(ticket: Ticket) -> str | None:
    """The number of the ticket this one is handled with and waits for; None where it stands for itself."""
    if ticket.status is not Status.CLOSED or not ticket.is_linked:
        return None
    return main_ticket(ticket.resolution or "")


def teaches(ticket: Ticket) -> bool:
    """Whether others may learn what solved it: not where no answer came, where another ticket tells it, or where it is
    confidential.
    """
    words = ticket.resolution or ""
    is_solved = ticket.status in (Status.RESOLVED, Status.CLOSED) and bool(words)
    return is_solved and words != NO_ANSWER and main_ticket(words) is None and not ticket.confidential

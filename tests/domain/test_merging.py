"""Duplicates: closed with another ticket, solved with it, or separated again as if nothing had been."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.domain.errors import UndoTooLate
from app.domain.merging import before_merging, main_ticket, merged_into, together_with
from app.domain.people import Role
from app.domain.ticket import PendingReason, Relation, Status, Ticket, Wait
from app.domain.verbs import Verb
from tests.domain.samples import NOON, a_ticket, after
from tests.support import lifecycle, requests

ONE, THREE = NOON + timedelta(hours=1), NOON + timedelta(hours=3)
MERGE = requests.Link(1000, Relation.DUPLICATE_OF, "INC-1000")
ASKED = {"pending_reason": PendingReason.REQUESTER, "pending_until": NOON.date(), "waits": (Wait(NOON),)}


def undone(ticket: Ticket, *, hours: float = 3) -> Ticket:
    """Merged an hour after noon and separated again."""
    merged, event = after(ticket, MERGE)
    request = requests.Unlink("INC-1000", Relation.DUPLICATE_OF, before_merging(event.changes.old, to_assign=False))
    return after(merged, request, hours=hours)[0]


@pytest.mark.parametrize("status", [Status.NEW, Status.IN_PROGRESS, Status.PENDING, Status.RESOLVED])
def test_a_merged_ticket_is_closed_and_says_with_which_one_it_is_handled(status: Status) -> None:
    merged, _ = after(a_ticket(status), MERGE)
    assert (merged.status, merged.closed_at, merged.pending_reason) == (Status.CLOSED, ONE, None)
    assert merged_into(merged) == "INC-1000"
    assert set(lifecycle.offered(merged, Role.REQUESTER)) == {Verb.COMMENT}
    assert set(lifecycle.offered(merged, Role.AGENT)) == {Verb.REPLY, Verb.NOTE, Verb.UNLINK}


@pytest.mark.parametrize(
    ("status", "more"),
    [(Status.NEW, {}), (Status.IN_PROGRESS, {}), (Status.PENDING, {}), (Status.RESOLVED, {}), (Status.PENDING, ASKED)],
)
def test_undoing_restores_status_assignee_and_waiting(status: Status, more: dict[str, Any]) -> None:
    ticket = a_ticket(status, **more)
    again = undone(ticket)
    for name in ("status", "assignee", "pending_reason", "pending_until", "resolution", "resolved_at", "closed_at"):
        assert getattr(again, name) == getattr(ticket, name), name


def test_the_time_while_a_ticket_was_merged_is_not_owed() -> None:
    assert undone(a_ticket(Status.IN_PROGRESS)).waits == (Wait(ONE, THREE),)
    assert undone(a_ticket(Status.PENDING, **ASKED)).waits == (Wait(NOON, ONE), Wait(ONE, THREE), Wait(THREE))
    assert undone(a_ticket(Status.RESOLVED)).waits == ()


def test_a_ticket_solved_with_another_one_is_resolved_like_any_other() -> None:
    merged, _ = after(a_ticket(Status.IN_PROGRESS), MERGE)
    solved, _ = after(merged, requests.Resolve("Neu gestartet"), hours=3)
    assert (solved.status, solved.resolution, solved.closed_at) == (Status.RESOLVED, "Neu gestartet", None)
    assert solved.waits == (Wait(ONE, THREE),)
    assert {Verb.CONFIRM, Verb.REOPEN} <= set(lifecycle.offered(solved, Role.REQUESTER))


def test_tickets_can_be_separated_as_long_as_they_can_be_reopened() -> None:
    assert undone(a_ticket(), hours=1 + 14 * 24).status is Status.NEW
    with pytest.raises(UndoTooLate):
        undone(a_ticket(), hours=1 + 14 * 24 + 0.1)


def test_words_that_only_look_like_a_merged_ticket_are_a_solution_as_any_other() -> None:
    assert main_ticket(together_with("REQ-7")) == "REQ-7"
    assert main_ticket("see (together with INC-7)") is None
    assert merged_into(a_ticket(Status.CLOSED, resolution=together_with("INC-7"))) is None
    merged, _ = after(a_ticket(), MERGE)
    assert merged_into(replace(merged, status=Status.RESOLVED)) is None

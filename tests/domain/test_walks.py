"""Whatever people do, in whatever order: what must stay true of every ticket."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import RatingTooLate, ReopenTooLate, UndoTooLate
from app.domain.merging import BeforeMerging, before_merging, merged_into
from app.domain.people import Role
from app.domain.ticket import OPEN, EscalationReason, PendingReason, Relation, Status, Ticket
from app.domain.verbs import Verb
from app.store.event_data import encode
from tests.domain.samples import FORTNIGHT, NOON, REQUESTS, a_ticket
from tests.support import lifecycle, requests

PEOPLE = {Role.REQUESTER: "ada", Role.AGENT: "mara", Role.RECEIVER: "nina", Role.PINGED: "lea"}
STEPS = st.lists(st.tuples(st.integers(0, 60), st.sampled_from(PendingReason), st.integers(1, 48)), max_size=40)
ENDED = {Status.CLOSED, Status.WITHDRAWN}


def moves(ticket: Ticket) -> list[tuple[Role, Verb]]:
    return [(role, verb) for role in Role for verb in lifecycle.offered(ticket, role)]


def request_for(
    ticket: Ticket, verb: Verb, reason: PendingReason, was: BeforeMerging | None = None, *, merges: bool = False
) -> requests.Request:
    if verb is Verb.LINK and reason is PendingReason.SUPPLIER and merges:
        return requests.Link(1000, Relation.DUPLICATE_OF, "INC-1000")
    if verb is Verb.UNLINK and merged_into(ticket):
        return requests.Unlink("INC-1000", Relation.DUPLICATE_OF, was)
    if verb is Verb.PEND:
        return requests.Pend(reason, None, "?")
    if verb is Verb.ESCALATE:
        other = "network" if ticket.line == "first" else "first"
        return requests.Escalate(other, EscalationReason.SKILL, "a", "b")
    if verb is Verb.TAKE_OVER:
        return requests.TakeOver(accepts=reason is PendingReason.REQUESTER)
    return REQUESTS[verb]


def assert_is_consistent(ticket: Ticket) -> None:
    assert (ticket.status is Status.PENDING) == (ticket.pending_reason is not None)
    assert ticket.pending_until is None or ticket.status is Status.PENDING
    is_merged = merged_into(ticket) is not None
    assert ticket.assignee is not None or ticket.status in (Status.NEW, Status.WITHDRAWN) or is_merged
    assert (ticket.assignee is None) == (ticket.assigned_at is None)
    assert (ticket.resolution is not None) == (ticket.status in (Status.RESOLVED, Status.CLOSED))
    assert (ticket.resolution is None) == (ticket.resolved_at is None) or is_merged
    assert (ticket.closed_at is not None) == (ticket.status in ENDED)
    assert ticket.offer is None or (ticket.status in OPEN and ticket.offer.line != ticket.line)
    assert ticket.rating is None or ticket.status is Status.CLOSED
    waits_now = bool(ticket.waits) and ticket.waits[-1].end is None
    assert waits_now == (ticket.pending_reason is PendingReason.REQUESTER)
    ends = [each for wait in ticket.waits for each in (wait.start, wait.end) if each]
    assert ends == sorted(ends)
    assert ticket.responded_at is not None or ticket.promised_since is None


@given(steps=STEPS)
@settings(max_examples=250, deadline=None)
def test_whatever_people_do_a_ticket_stays_whole_and_its_history_without_a_gap(
    steps: list[tuple[int, PendingReason, int]],
) -> None:
    ticket, now = a_ticket(), NOON
    last_known: dict[str, Any] = {}
    was: BeforeMerging | None = None
    for pick, reason, hours in steps:
        now += timedelta(hours=hours)
        possible = moves(ticket)
        if not possible:
            assert ticket.status is Status.WITHDRAWN or ticket.rating is not None, "a dead end"
            break
        role, verb = possible[pick % len(possible)]
        try:
            request = request_for(ticket, verb, reason, was, merges=True)
            following, event = lifecycle.apply(ticket, request, actor=PEOPLE[role], now=now, reopen_for=FORTNIGHT)
        except (ReopenTooLate, RatingTooLate, UndoTooLate):
            continue
        assert_is_consistent(following)
        assert following.version in (ticket.version, ticket.version + 1)
        assert following.updated_at == now
        assert ticket.responded_at in (None, following.responded_at)
        assert verb is not Verb.NUDGE or ticket.may_nudge
        assert ticket.status not in ENDED or following.status is ticket.status or verb is Verb.UNLINK
        if verb is Verb.LINK:
            was = before_merging(event.changes.old, to_assign=False)
        stored = encode(event)
        for name, old in stored.get("old", {}).items():
            assert old == last_known.get(name, old)
            assert old != stored["new"][name]
        last_known |= stored.get("new", {})
        for name, value in last_known.items():
            now_is = getattr(following, name)
            assert value == (now_is.isoformat() if hasattr(now_is, "isoformat") else now_is)
        ticket = following


@given(steps=STEPS)
@settings(max_examples=100, deadline=None)
def test_from_every_open_ticket_both_its_line_and_its_requester_can_bring_it_to_an_end(
    steps: list[tuple[int, PendingReason, int]],
) -> None:
    ticket = a_ticket()
    for pick, reason, _ in steps:
        open_moves = [(role, verb) for role, verb in moves(ticket) if verb not in (Verb.WITHDRAW, Verb.CONFIRM)]
        role, verb = open_moves[pick % len(open_moves)]
        request = request_for(ticket, verb, reason)
        ticket, _ = lifecycle.apply(ticket, request, actor=PEOPLE[role], now=NOON, reopen_for=FORTNIGHT)
        if ticket.status in OPEN:
            assert Verb.RESOLVE in lifecycle.offered(ticket, Role.AGENT)
            assert Verb.WITHDRAW in lifecycle.offered(ticket, Role.REQUESTER)
        else:
            assert Verb.CONFIRM in lifecycle.offered(ticket, Role.REQUESTER)

"""What the escalation offers while an offer is open: asked in turn, and only as long as it still counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.changing import changed
from app.domain.clocks import Clock, Terms, promises
from app.domain.duration import Duration
from app.domain.escalation import Due, Step, promised_anew
from app.domain.offering import defer_offer, next_offer, wanted_offer
from app.domain.priority import Priority
from app.domain.ticket import Offer, Status, Ticket
from app.domain.transitions import move_to_offered_line
from tests.domain.samples import NOON, OFFER, a_ticket
from tests.domain.test_clocks import ALWAYS

LINES = ("first", "network", "second", "management")
LATER = NOON + timedelta(hours=9)
OFFERED = a_ticket(Status.IN_PROGRESS, offer=OFFER, responded_at=NOON)


def terms_of(line: str, priority: Priority) -> Terms:
    """The same for every line, but the second has more time."""
    hours = Duration(16 if line == "second" else 8, "h")
    return Terms(Duration(1, "h"), hours, Duration(2, "h"), Duration(1, "h"), "always", ALWAYS)


def deferred(ticket: Ticket, line: str, clock: Clock = Clock.RESOLUTION) -> Ticket:
    """The ticket when a step of this clock wanted to offer it to the line."""
    due = due_of(ticket, line, clock)
    offer = wanted_offer(ticket, due, LINES)
    assert offer
    return defer_offer(ticket, offer)


def due_of(ticket: Ticket, line: str, clock: Clock = Clock.RESOLUTION) -> Due:
    promise = next(each for each in promises(ticket, terms_of) if each.clock is clock)
    return Due(LATER, 100, promise, Step(3, clock, 100, ("lead",), offer_to=line))


def lines_asked(before: Ticket, after: Ticket) -> tuple[list[str], list[str]]:
    """The line that is asked now, and those that are asked later."""
    ticket, offer = next_offer(before, after, terms_of, LINES)
    return [offer.line] if offer else [], [each.line for each in ticket.deferred_offers]


def returned(ticket: Ticket) -> Ticket:
    return changed(ticket, offer=None, promised_since=LATER, promises_missed=0)


def test_each_line_the_policy_named_is_asked_in_turn() -> None:
    waiting = deferred(deferred(OFFERED, "second"), "management")
    assert lines_asked(waiting, waiting) == ([], ["second", "management"])
    left, asked = next_offer(waiting, returned(waiting), terms_of, LINES)
    assert asked
    to_second = changed(left, offer=Offer("second", "desk", LATER, OFFER.reason, "", ""))
    assert lines_asked(left, to_second) == ([], ["management"])
    assert lines_asked(to_second, returned(to_second)) == (["management"], [])


def test_a_line_that_two_steps_named_is_asked_once_by_the_later_one() -> None:
    both = deferred(deferred(OFFERED, "management", Clock.NEXT_UPDATE), "management")
    assert [each.cause.clock for each in both.deferred_offers] == ["resolution"]


@pytest.mark.parametrize("line", ["first", "network", "closed down"])
def test_nobody_offers_a_ticket_to_where_it_is_or_is_offered_already(line: str) -> None:
    assert wanted_offer(OFFERED, due_of(OFFERED, line), LINES) is None


@pytest.mark.parametrize("clock", [Clock.RESOLUTION, Clock.ACCEPTANCE, Clock.NEXT_UPDATE])
def test_whichever_clock_was_over_management_is_asked_when_the_offer_is_returned(clock: Clock) -> None:
    waiting = deferred(OFFERED, "management", clock)
    missed = promised_anew(waiting, LATER)
    still, _ = next_offer(waiting, missed, terms_of, LINES)
    assert lines_asked(still, returned(still)) == (["management"], [])


def test_who_accepts_gets_until_the_next_promise_is_missed() -> None:
    waiting = deferred(deferred(OFFERED, "management"), "second", Clock.ACCEPTANCE)
    accepted = changed(move_to_offered_line(waiting, "nina", LATER), promised_since=LATER)
    mine, asked = next_offer(waiting, accepted, terms_of, LINES)
    assert asked is None
    assert [each.line for each in mine.deferred_offers] == ["management"], "the clock of the acceptance is over"
    assert lines_asked(mine, promised_anew(mine, LATER + timedelta(hours=1))) == (["management"], [])


def test_who_accepts_with_another_target_has_a_clock_of_their_own() -> None:
    to_second = changed(OFFERED, offer=replace(OFFER, line="second"))
    waiting = deferred(to_second, "management")
    assert lines_asked(waiting, move_to_offered_line(waiting, "nina", LATER)) == ([], [])


def test_a_word_to_the_requester_ends_what_only_its_lack_had_asked_for() -> None:
    waiting = promised_anew(deferred(OFFERED, "management", Clock.NEXT_UPDATE), LATER)
    replied = changed(waiting, promised_since=LATER, promises_missed=0)
    assert lines_asked(waiting, replied) == ([], [])


def test_somebody_who_offers_it_there_by_hand_has_asked() -> None:
    waiting = deferred(OFFERED, "management")
    by_hand = changed(waiting, offer=replace(OFFER, line="management"))
    assert lines_asked(changed(waiting, offer=None), by_hand) == ([], [])


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN])
def test_nobody_is_asked_about_what_is_over(status: Status) -> None:
    waiting = deferred(OFFERED, "management")
    assert lines_asked(waiting, changed(waiting, status=status, offer=None)) == ([], [])

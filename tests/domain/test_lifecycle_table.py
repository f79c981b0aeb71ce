"""Every cell of the life cycle, held against a table written from the specification, not from the code."""

from typing import Any

import pytest

from app.actions import registry
from app.domain.errors import NotAllowed, NotNow
from app.domain.people import Role
from app.domain.ticket import OPEN, Status
from app.domain.verbs import Verb
from tests.domain.samples import OFFER, REQUESTS, a_ticket
from tests.support import lifecycle

# who may do what, in each status, once it is linked to others and a promise was missed: first without an open offer,
# then while one is open
LEGAL = {
    "new": {
        "requester": ("comment edit withdraw nudge", "comment edit withdraw nudge"),
        "agent": (
            "take assign reply note classify escalate resolve notify_manager link unlink",
            "reply note resolve notify_manager",
        ),
        "receiver": ("", "accept return"),
        "pinged": ("take_over", "take_over"),
    },
    "in_progress": {
        "requester": ("comment edit withdraw nudge", "comment edit withdraw nudge"),
        "agent": (
            "assign give_back reply note pend classify escalate resolve notify_manager link unlink",
            "reply note resolve notify_manager",
        ),
        "receiver": ("", "accept return"),
        "pinged": ("take_over", "take_over"),
    },
    "pending": {
        "requester": ("comment edit withdraw nudge", "comment edit withdraw nudge"),
        "agent": (
            "assign give_back reply note pend resume classify escalate resolve notify_manager link unlink",
            "reply note resolve notify_manager",
        ),
        "receiver": ("", "accept return"),
        "pinged": ("take_over", "take_over"),
    },
    "resolved": {
        "requester": ("comment confirm reopen", "comment confirm reopen"),
        "agent": ("reply note reopen link unlink", "reply note reopen"),
        "receiver": ("", ""),
        "pinged": ("", ""),
    },
    "closed": {"requester": ("rate", "rate"), "agent": ("", ""), "receiver": ("", ""), "pinged": ("", "")},
    "withdrawn": {"requester": ("", ""), "agent": ("", ""), "receiver": ("", ""), "pinged": ("", "")},
}
CELLS = [(status, role, is_offered) for status in Status for role in Role for is_offered in (False, True)]


def is_expected(status: Status, role: Role, is_offered: bool, verb: Verb) -> bool:
    return verb.value.partition(".")[2] in LEGAL[status.value][role.value][is_offered].split()


def test_the_table_above_knows_every_status_role_and_verb() -> None:
    assert set(LEGAL) == {status.value for status in Status}
    assert all(set(roles) == {role.value for role in Role} for roles in LEGAL.values())
    named = " ".join(cell for roles in LEGAL.values() for cells in roles.values() for cell in cells).split()
    assert set(named) == {verb.value.partition(".")[2] for verb in Verb}


@pytest.mark.parametrize(("status", "role", "is_offered"), CELLS)
def test_a_card_offers_exactly_what_the_table_allows(status: Status, role: Role, is_offered: bool) -> None:
    ticket = a_ticket(status, offer=OFFER if is_offered else None, promises_missed=1, is_linked=True)
    expected = {verb for verb in Verb if is_expected(status, role, is_offered, verb)}
    assert set(lifecycle.offered(ticket, role)) == expected


@pytest.mark.parametrize(("status", "role", "is_offered"), CELLS)
def test_a_verb_is_refused_exactly_where_the_table_says(status: Status, role: Role, is_offered: bool) -> None:
    ticket = a_ticket(status, offer=OFFER if is_offered else None, promises_missed=1, is_linked=True)
    for verb in Verb:
        if is_expected(status, role, is_offered, verb):
            lifecycle.check(ticket, verb, frozenset({role}))
        else:
            with pytest.raises((NotAllowed, NotNow)):
                lifecycle.check(ticket, verb, frozenset({role}))


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("status", Status)
def test_a_stranger_is_told_it_is_not_theirs_and_never_how_the_ticket_stands(status: Status, verb: Verb) -> None:
    with pytest.raises(NotAllowed):
        lifecycle.check(a_ticket(status), verb, frozenset())


def test_an_agent_with_a_ticket_of_their_own_has_both_roles() -> None:
    both = frozenset({Role.REQUESTER, Role.AGENT})
    lifecycle.check(a_ticket(), Verb.TAKE, both)
    lifecycle.check(a_ticket(), Verb.WITHDRAW, both)


def test_a_ticket_is_rated_from_a_card_once_but_its_rating_may_be_corrected() -> None:
    rated = a_ticket(Status.CLOSED, rating=2)
    assert lifecycle.offered(rated, Role.REQUESTER) == ()
    lifecycle.check(rated, Verb.RATE, frozenset({Role.REQUESTER}))
    with pytest.raises(NotAllowed):
        lifecycle.check(rated, Verb.RATE, frozenset({Role.AGENT}))


@pytest.mark.parametrize(
    ("why", "is_possible"),
    [({}, False), ({"promises_missed": 1}, True), ({"impact_changed": True}, True), ({"nudged": 1}, False)],
)
@pytest.mark.parametrize("status", sorted(OPEN))
def test_a_requester_asks_again_only_after_a_missed_promise_or_a_changed_impact(
    status: Status, why: dict[str, Any], is_possible: bool
) -> None:
    ticket = a_ticket(status, **why)
    assert (Verb.NUDGE in lifecycle.offered(ticket, Role.REQUESTER)) is is_possible
    if is_possible:
        lifecycle.check(ticket, Verb.NUDGE, frozenset({Role.REQUESTER}))
    else:
        with pytest.raises(NotNow):
            lifecycle.check(ticket, Verb.NUDGE, frozenset({Role.REQUESTER}))


def test_every_verb_has_a_rule_and_an_example() -> None:
    assert set(registry.actions()) == set(Verb) == set(REQUESTS)

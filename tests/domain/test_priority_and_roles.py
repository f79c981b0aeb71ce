"""The printed matrix, and who somebody is to a ticket."""

import pytest

from app.domain.people import Actor, Role, roles
from app.domain.priority import Impact, Priority, Urgency, priority_of
from app.domain.ticket import Status
from app.services.access import PINGED_SLOT, line_of, line_shown, line_slot, own_slot, role_at, slot_for
from tests.domain.samples import OFFER, a_ticket

MATRIX = """
        me team site company
low     P4 P4   P3   P3
normal  P3 P3   P2   P2
high    P2 P2   P1   P1
"""
COLUMNS, *ROWS = [line.split() for line in MATRIX.strip().splitlines()]
CELLS = [(row[0], impact, cell) for row in ROWS for impact, cell in zip(COLUMNS, row[1:], strict=True)]


@pytest.mark.parametrize(("urgency", "impact", "priority"), CELLS)
def test_urgency_and_impact_make_the_printed_priority(urgency: str, impact: str, priority: str) -> None:
    assert priority_of(Urgency(urgency), Impact(impact)) == Priority(priority)


@pytest.mark.parametrize("floor", Priority)
@pytest.mark.parametrize(("urgency", "impact", "priority"), CELLS)
def test_a_floor_makes_a_ticket_more_urgent_and_never_less(
    urgency: str, impact: str, priority: str, floor: Priority
) -> None:
    assert priority_of(Urgency(urgency), Impact(impact), floor=floor) == min(priority, floor.value)


def test_the_matrix_is_complete() -> None:
    assert len(CELLS) == len(Urgency) * len(Impact)


def somebody(id: str, *lines: str) -> Actor:
    return Actor(id, id.title(), "de", frozenset(lines))


@pytest.mark.parametrize(
    ("actor", "is_offered", "expected"),
    [
        (somebody("ada"), False, {Role.REQUESTER}),
        (somebody("ada"), True, {Role.REQUESTER}),
        (somebody("mara", "first"), False, {Role.AGENT}),
        (somebody("mara", "first"), True, {Role.AGENT}),
        (somebody("nina", "network"), False, set()),
        (somebody("nina", "network"), True, {Role.RECEIVER}),
        (somebody("both", "first", "network"), True, {Role.AGENT, Role.RECEIVER}),
        (somebody("ada", "first"), False, {Role.REQUESTER, Role.AGENT}),
        (somebody("sam"), True, set()),
        (somebody("sam", "other"), True, set()),
    ],
)
def test_a_person_is_to_a_ticket_what_they_are_and_where_it_stands(
    actor: Actor, is_offered: bool, expected: set[Role]
) -> None:
    assert roles(actor, a_ticket(offer=OFFER if is_offered else None)) == expected


def test_an_admin_has_no_role_in_a_ticket_by_that_alone() -> None:
    assert roles(Actor("alma", "Alma", "de", is_admin=True), a_ticket()) == frozenset()


@pytest.mark.parametrize(
    ("slot", "is_offered", "expected"),
    [
        ("requester", True, Role.REQUESTER),
        ("line:first", False, Role.AGENT),
        ("line:first", True, Role.AGENT),
        ("line:network", True, Role.RECEIVER),
        ("line:network", False, Role.AGENT),
        ("line:network/1", True, Role.RECEIVER),
        ("pinged", True, Role.PINGED),
    ],
)
def test_a_card_speaks_to_the_role_of_its_place(slot: str, is_offered: bool, expected: Role) -> None:
    assert role_at(a_ticket(offer=OFFER if is_offered else None), slot) is expected


@pytest.mark.parametrize(
    ("actor", "is_offered", "expected"),
    [
        (somebody("ada"), False, "requester"),
        (somebody("ada", "first"), True, "requester"),
        (somebody("mara", "first"), False, "line:first"),
        (somebody("mara", "first"), True, "line:first"),
        (somebody("nina", "network"), True, "line:network"),
        (somebody("both", "first", "network"), True, "line:first"),
        (somebody("paul", "printing"), False, "line:printing"),
    ],
)
def test_in_a_chat_everybody_gets_the_card_that_is_theirs(actor: Actor, is_offered: bool, expected: str) -> None:
    ticket = a_ticket(Status.IN_PROGRESS, offer=OFFER if is_offered else None)
    assert own_slot(actor, ticket, roles(actor, ticket)) == expected


def test_a_slot_names_its_line() -> None:
    assert line_of(line_slot("network")) == "network"
    assert line_of(f"{line_slot('management')}/2") == "management"
    assert line_of("requester") is None
    assert line_of("ping:7:0") is None


@pytest.mark.parametrize(
    ("actor", "place", "expected"),
    [
        (somebody("ada"), "line:first", "requester"),
        (somebody("ada", "first"), "line:first", "line:first"),
        (somebody("mara", "first"), "line:first", "line:first"),
        (somebody("mara", "first"), "line:network", "line:first"),
        (somebody("mara", "first"), "requester", "line:first"),
        (somebody("nina", "network"), "line:first", "line:network"),
        (somebody("ada"), None, "requester"),
    ],
)
def test_a_card_shows_what_its_reader_may_see_wherever_they_look_at_it(
    actor: Actor, place: str | None, expected: str
) -> None:
    ticket = a_ticket(offer=OFFER)
    assert slot_for(actor, ticket, place, roles(actor, ticket)) == expected


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (somebody("lea"), "pinged"),
        (somebody("paul", "printing"), "pinged"),
        (somebody("mara", "first"), "line:first"),
        (somebody("nina", "network"), "line:network"),
        (somebody("ada"), "requester"),
    ],
)
@pytest.mark.parametrize("place", [None, "line:elsewhere"])
def test_whoever_was_pinged_sees_the_ticket_unless_they_have_a_card_of_their_own(
    actor: Actor, expected: str, place: str | None
) -> None:
    ticket = a_ticket(offer=OFFER)
    theirs = roles(actor, ticket) | {Role.PINGED}
    assert slot_for(actor, ticket, place, theirs) == expected


def test_the_card_that_a_ping_leads_to_is_the_responsible_lines() -> None:
    assert line_shown(PINGED_SLOT, a_ticket(offer=OFFER)) == "first"
    assert line_shown("line:network", a_ticket()) == "network"
    assert line_shown("requester", a_ticket()) is None

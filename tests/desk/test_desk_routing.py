"""Every ticket gets exactly one line: that of the first rule that matches."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.desk.load import load_text
from app.desk.model import Desk, Rule, When
from app.desk.problems import DeskFileError
from app.desk.routing import Facts, route
from app.domain.priority import Priority
from app.domain.ticket import Kind

MONDAY_NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)  # 12:00 in Berlin


def a_ticket(
    title: str = "VPN is slow",
    description: str = "",
    *,
    category: str = "other",
    kind: Kind = Kind.INCIDENT,
    priority: Priority = Priority.P3,
    at: datetime = MONDAY_NOON,
    department: str | None = None,
    site: str | None = None,
    language: str | None = None,
) -> Facts:
    return Facts(category, kind, priority, title, description, at, department, site, language)


def a_desk(desk_text: str, rule: str) -> Desk:
    """The usual desk with one rule for the network line, and everything else for the first line."""
    start = desk_text.index("routing:")
    end = desk_text.index("targets:")
    return load_text(f"{desk_text[:start]}routing:\n  - {rule}\n  - line: first\n{desk_text[end:]}")


@pytest.mark.parametrize(
    ("conditions", "ticket", "line"),
    [
        ("category: vpn", a_ticket(category="vpn"), "network"),
        ("category: vpn", a_ticket(category="other"), "first"),
        ("category: [vpn, other]", a_ticket(category="other"), "network"),
        ("kind: request", a_ticket(kind=Kind.REQUEST), "network"),
        ("kind: request", a_ticket(kind=Kind.INCIDENT), "first"),
        ("priority: [P1, P2]", a_ticket(priority=Priority.P2), "network"),
        ("priority: [P1, P2]", a_ticket(priority=Priority.P3), "first"),
        ("words: offline", a_ticket("Everything OFFLINE!"), "network"),
        ("words: offline", a_ticket("", "since noon\n(offline)"), "network"),
        ("words: offline", a_ticket("My offliner app"), "first"),
        ("words: [no connection]", a_ticket("There is no connection here"), "network"),
        ("words: [no connection]", a_ticket("no", "connection"), "first"),
        ("words: [no connection]", a_ticket("connection: no"), "first"),
        ("words: [Störung]", a_ticket("STÖRUNG im Büro"), "network"),
        ("words: [Störung]", a_ticket("Stoerung"), "network"),
        ("words: [stoerung]", a_ticket("Sto\u0308rung"), "network"),
        ("words: [Anschluss]", a_ticket("Anschluß defekt"), "network"),
        ("words: [cafe]", a_ticket("Im Café"), "network"),
        ("words: [Ausfall]", a_ticket("VPN-Ausfall"), "network"),
        ("words: [c++ build]", a_ticket("the C build"), "network"),
        ("department: [Geschäftsführung]", a_ticket(department="GESCHAEFTSFUEHRUNG"), "network"),
        ("department: Sales", a_ticket(department="Sales EMEA"), "first"),
        ("department: Sales", a_ticket(department=None), "first"),
        ("site: [Ulm, Bonn]", a_ticket(site="bonn"), "network"),
        ("language: de", a_ticket(language="de-AT"), "network"),
        ("language: de", a_ticket(language=None), "first"),
        ("category: vpn, words: offline", a_ticket("offline"), "first"),
        ("category: vpn, words: offline", a_ticket("offline", category="vpn"), "network"),
    ],
)
def test_a_rule_matches_when_all_its_conditions_hold(desk_text: str, conditions: str, ticket: Facts, line: str) -> None:
    desk = a_desk(desk_text, f"{{when: {{{conditions}}}, line: network}}")
    assert route(desk, ticket).line == line


@pytest.mark.parametrize(
    ("hours", "at", "line"),
    [
        ('{mon-fri: "08:00-17:00"}', datetime(2026, 3, 2, 7, 0, tzinfo=UTC), "network"),
        ('{mon-fri: "08:00-17:00"}', datetime(2026, 3, 2, 6, 59, tzinfo=UTC), "first"),
        ('{mon-fri: "08:00-17:00"}', datetime(2026, 3, 2, 16, 0, tzinfo=UTC), "first"),
        ('{mon-fri: "08:00-17:00"}', datetime(2026, 7, 6, 6, 0, tzinfo=UTC), "network"),  # summer time
        ('{mon-fri: "08:00-17:00"}', datetime(2026, 3, 1, 11, 0, tzinfo=UTC), "first"),  # a Sunday
        ('{sun: "22:00-06:00"}', datetime(2026, 3, 1, 22, 0, tzinfo=UTC), "network"),
        ('{sun: "22:00-06:00"}', datetime(2026, 3, 2, 4, 59, tzinfo=UTC), "network"),  # Monday, 05:59
        ('{sun: "22:00-06:00"}', datetime(2026, 3, 2, 5, 0, tzinfo=UTC), "first"),
        ('{sun: "22:00-06:00"}', datetime(2026, 3, 3, 3, 0, tzinfo=UTC), "first"),
    ],
)
def test_hours_are_those_of_the_desks_time_zone(desk_text: str, hours: str, at: datetime, line: str) -> None:
    desk = a_desk(desk_text, f"{{when: {{hours: {hours}}}, line: network}}")
    assert route(desk, a_ticket(at=at)).line == line


def test_a_route_carries_what_its_rule_says_besides_the_line(desk_text: str) -> None:
    rule = "{when: {category: vpn}, line: network, priority: P2, tags: [site-wide, vpn], confidential: true}"
    found = route(a_desk(desk_text, rule), a_ticket(category="vpn"))
    assert (found.rule_index, found.priority_floor, found.tags) == (0, Priority.P2, ("site-wide", "vpn"))
    assert found.confidential
    default = route(a_desk(desk_text, rule), a_ticket())
    assert (default.rule_index, default.priority_floor, default.tags, default.confidential) == (1, None, (), False)


WORDS = ["vpn", "offline", "drucker", "vpn offline"]
conditions = st.fixed_dictionaries(
    {},
    optional={
        "category": st.lists(st.sampled_from(["vpn", "other"]), min_size=1, unique=True).map(tuple),
        "kind": st.sampled_from(Kind).map(lambda kind: (kind,)),
        "priority": st.lists(st.sampled_from(Priority), min_size=1, unique=True).map(tuple),
        "words": st.lists(st.sampled_from(WORDS), min_size=1, unique=True).map(tuple),
        "site": st.sampled_from([("Ulm",), ("Ulm", "Bonn")]),
    },
)
tickets = st.builds(
    a_ticket,
    st.lists(st.sampled_from(["VPN", "is", "offline", "Drucker"]), max_size=4).map(" ".join),
    category=st.sampled_from(["vpn", "other"]),
    kind=st.sampled_from(Kind),
    priority=st.sampled_from(Priority),
    site=st.sampled_from([None, "Ulm", "Bonn", "Kiel"]),
)
BASE = Desk.model_validate(
    {
        "desk": {"name": "IT", "language": "de", "timezone": "Europe/Berlin", "admins": ["ada-1"]},
        "calendars": {"always": {"hours": {"mon-sun": "00:00-24:00"}}},
        "lines": {"first": {"level": 1, "name": "First", "calendar": "always", "lead": "lea-1"}},
        "categories": {
            "vpn": {"name": "VPN", "escalate_to": ["first"]},
            "other": {"name": "O", "escalate_to": ["first"]},
        },
        "routing": [{"line": "first"}],
        "targets": {p: {"first_response": "1h", "resolution": "8h", "acceptance": "1h"} for p in Priority},
    }
)


def holds(when: dict[str, tuple[str, ...]], ticket: Facts) -> bool:
    """The rule's conditions once more, spelt out without any of the code under test."""
    spoken = ticket.title.lower()
    return all(
        {
            "category": ticket.category in values,
            "kind": ticket.kind in values,
            "priority": ticket.priority in values,
            "words": any(f" {word} " in f" {spoken} " for word in values),
            "site": ticket.site in values,
        }[key]
        for key, values in when.items()
    )


@settings(deadline=None)
@given(rules=st.lists(conditions, max_size=6), ticket=tickets)
def test_every_ticket_gets_the_line_of_the_first_rule_that_matches(
    rules: list[dict[str, tuple[str, ...]]], ticket: Facts
) -> None:
    routing = tuple(Rule(line="first", when=When.model_validate(when)) for when in [*rules, {}])
    desk = BASE.model_copy(update={"routing": routing})
    first = next(index for index, when in enumerate([*rules, {}]) if holds(when, ticket))
    assert route(desk, ticket).rule_index == first


@settings(deadline=None)
@given(rules=st.lists(conditions, min_size=1, max_size=4), ticket=tickets)
def test_a_rule_refused_as_unreachable_is_never_reached(rules: list[dict[str, tuple[str, ...]]], ticket: Facts) -> None:
    from app.desk.reach import rules_that_never_match

    routing = tuple(Rule(line="first", when=When.model_validate(when)) for when in [*rules, {}])
    desk = BASE.model_copy(update={"routing": routing})
    unreachable = {never.rule for never in rules_that_never_match(desk)}
    assert route(desk, ticket).rule_index not in unreachable


def test_a_desk_without_a_default_route_is_never_loaded(desk_text: str) -> None:
    with pytest.raises(DeskFileError, match="no default route"):
        load_text(desk_text.replace("  - line: first\n", ""))

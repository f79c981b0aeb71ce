"""What a button says of a list is anybody's: it is understood or left out, and never an error."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lists import Assigned, ListName, ListQuery, Wanted
from app.domain.priority import Priority

WORDS = (
    "",
    "all",
    "queue",
    "mine",
    "P1",
    "P9.1",
    "first",
    "line:first",
    "level:2",
    "level:x",
    "me",
    "x" * 99,
    "😀",
    "١",
)
ODD = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(WORDS))
JSON = st.one_of(ODD, st.lists(ODD, max_size=4), st.dictionaries(st.sampled_from(WORDS), ODD, max_size=2))
NAMES = list(ListQuery.__dataclass_fields__)


@given(st.dictionaries(st.sampled_from([*NAMES, "place", "narrow"]), JSON))
def test_anything_in_a_buttons_data_makes_a_query(data: dict[str, Any]) -> None:
    query = ListQuery.from_json(data)
    assert ListQuery.from_json(query.as_json()) == query


@pytest.mark.parametrize("name", ListName)
def test_a_query_comes_back_from_a_button_as_it_went(name: ListName) -> None:
    full = ListQuery(
        name,
        line="network",
        priority=Priority.P2,
        category="vpn",
        status=Wanted.NEW,
        assigned=Assigned.ME,
        after="P2.7",
        back=("", "P1.3"),
        view=4,
    )
    back = ListQuery.from_json(full.as_json())
    assert (back.list, back.after, back.back, back.view) == (name, "P2.7", ("", "P1.3"), 4)
    assert ListQuery.from_json(back.as_json()) == back


def test_a_filter_that_the_list_does_not_have_is_left_out() -> None:
    work = ListQuery.from_json({"list": "work", "assigned": "nobody", "priority": "P1"})
    assert (work.assigned, work.priority) == (None, Priority.P1)


def test_choosing_all_takes_a_filter_away_and_begins_from_the_beginning() -> None:
    deep = ListQuery(line="first", priority=Priority.P1, category="vpn", after="P1.9", back=("",))
    assert deep.narrowed({"place": "all", "priority": "all"}) == ListQuery(category="vpn")
    assert deep.narrowed({"place": "level:2", "list": "resolved"}).place == "level:2"
    assert deep.narrowed({"place": "level:2", "list": "resolved"}).list is ListName.QUEUE


def test_who_leafs_very_far_can_still_go_back_a_good_way_and_the_button_stays_small() -> None:
    query = ListQuery()
    for turn in range(500):
        query = query.following(f"P1.{turn}")
    assert len(query.back) == 20
    assert query.page == 501
    before = query.previous()
    assert before is not None
    assert (before.after, before.back, before.page) == ("P1.498", query.back[:-1], 500)
    assert ListQuery.from_json(query.as_json()) == query
    assert query.first() == ListQuery()

"""Teams' limits: 7 in 1 s, 8 in 2 s, 60 in 30 s and 1800 in an hour per chat or channel, 30 in 1 s overall."""

import pytest
from sqlalchemy import insert

from app.delivery.limits import Limits, Window
from app.store.schema import outbox as table
from tests.delivery.office import Office, most_within, sentence
from tests.support.desk import FIRST


async def test_one_chat_never_gets_more_than_teams_allows_and_no_less(office: Office) -> None:
    await office.queue(*(sentence("person:ada", f"m{number:03}") for number in range(100)))
    await office.run(office.dispatcher(), 45)
    times = office.teams.times("a:ada")
    assert [most_within(times, seconds) for seconds in (1, 2, 30)] == [7, 8, 60]
    assert office.teams.words() == sorted(office.teams.words())


async def test_the_threads_of_a_channel_and_its_cards_count_together(office: Office) -> None:
    for number in range(6):
        await office.queue(sentence("line:first", f"l{number}"))
        await office.queue(sentence(f"chat:{FIRST};messageid={number % 3}", f"t{number}"))
    await office.run(office.dispatcher(), 10)
    times = office.teams.times(FIRST)
    assert len(times) == 12
    assert [most_within(times, seconds) for seconds in (1, 2)] == [7, 8]


async def test_no_more_than_thirty_leave_in_a_second_to_whomever(office: Office) -> None:
    people = [f"p{number}" for number in range(95)]
    await office.meet(*(f"a:{person}" for person in people))
    await office.queue(*(sentence(f"person:{person}", person) for person in people))
    await office.run(office.dispatcher(), 4)
    times = [call.at for call in office.teams.calls]
    assert len(times) == 95
    assert most_within(times, 1) == 30
    assert times[-1] - times[0] < 3.5


async def test_opening_a_chat_counts_as_a_call_of_its_own(office: Office) -> None:
    strangers = [f"s{number}" for number in range(25)]
    await office.queue(*(sentence(f"person:{person}", person) for person in strangers))
    await office.run(office.dispatcher(), 3)
    assert sorted(call.kind for call in office.teams.calls) == ["open"] * 25 + ["send"] * 25
    assert most_within([call.at for call in office.teams.calls], 1) == 30


async def test_a_new_process_counts_what_the_one_before_sent(office: Office) -> None:
    await office.queue(*(sentence("person:ada", f"m{number}") for number in range(12)))
    await office.dispatcher().deliver_due()
    assert len(office.teams.calls) == 7
    await office.run(office.dispatcher(), 0.9)
    assert len(office.teams.calls) == 7
    await office.run(office.dispatcher(), 5)
    assert most_within(office.teams.times("a:ada"), 2) == 8
    assert len(office.teams.calls) == 12


async def test_the_hour_counts_over_a_restart_too(office: Office) -> None:
    """1800 left in the last half hour: the next leaves when the first of them is an hour old."""
    past = {"target": "line:first", "kind": "say", "what": "x", "data": {}, "state": "sent", "attempts": 1}
    past |= {"ambiguous": 0, "due_at": office.clock.now(), "created_at": office.clock.now()}
    sent = [past | {"done_at": office.later(number - 1800)} for number in range(1800)]
    await office.database.write(lambda tx: tx.execute(insert(table), sent))
    await office.queue(sentence("line:first", "next"), sentence("person:ada", "other"))
    await office.dispatcher().deliver_due()
    assert [call.place for call in office.teams.calls] == ["a:ada"]
    office.clock.advance(seconds=1799)
    await office.dispatcher().deliver_due()
    assert not office.teams.times(FIRST)
    office.clock.advance(seconds=2)
    await office.dispatcher().deliver_due()
    assert len(office.teams.times(FIRST)) == 1


async def test_a_conversation_at_its_limit_with_a_thousand_waiting_starves_nobody(office: Office) -> None:
    await office.queue(*(sentence("person:ada", f"m{number}") for number in range(1000)))
    dispatcher = office.dispatcher()
    await dispatcher.deliver_due()
    await office.queue(sentence("person:bob", "hello"))
    await dispatcher.deliver_due()
    assert office.teams.times("a:bob") == office.teams.times("a:ada")[:1]
    assert len(office.teams.times("a:ada")) == 7


async def test_three_hundred_conversations_at_their_limit_starve_nobody(office: Office) -> None:
    people = [f"p{number}" for number in range(300)]
    await office.meet(*(f"a:{person}" for person in people))
    await office.queue(*(sentence(f"person:{person}", person) for person in people))
    await office.queue(sentence("person:bob", "hello"))
    limits = Limits()
    for person in people:
        limits.hold(f"person:{person}", office.later(60).timestamp())
    await office.dispatcher(limits=limits).deliver_due()
    assert office.teams.words() == [office.teams.words("a:bob")[0]]


@pytest.mark.parametrize(("most", "seconds"), [(7, 1), (8, 2), (60, 30), (1800, 3600)])
def test_each_window_holds_by_itself(most: int, seconds: float) -> None:
    limits = Limits()
    for number in range(most):
        limits.begin()
        limits.end("chat", 1000.0 + number * 1e-4)
    assert limits.wait("chat", 1000.5) == pytest.approx(seconds - 0.5)
    assert limits.wait("chat", 1000.0 + seconds) <= 0
    assert limits.wait("other", 1000.5) == 0


def test_a_call_counts_when_it_ends_because_teams_may_have_taken_it_late() -> None:
    limits = Limits()
    for _ in range(7):
        limits.begin()
        limits.end("chat", 0.9)
    assert limits.wait("chat", 1.5) == pytest.approx(0.4)


def test_calls_under_way_count_overall_as_long_as_they_last() -> None:
    limits = Limits()
    for _ in range(30):
        limits.begin()
    assert limits.wait_overall(100.0) > 0
    limits.end("chat", 100.0)
    assert limits.wait_overall(100.5) == pytest.approx(0.5)
    assert limits.wait_overall(101.0) == 0
    assert limits.wait_overall(101.0, chosen=1) > 0


def test_what_no_longer_counts_is_forgotten_and_nothing_else() -> None:
    limits = Limits(per_conversation=(Window(1, 100),))
    limits.end("old", 0.0)
    limits.end("new", 90.0)
    limits.hold("held", 150.0)
    limits.forget(101.0)
    assert [limits.wait(place, 102.0) for place in ("old", "new", "held")] == [0, 88.0, 48.0]

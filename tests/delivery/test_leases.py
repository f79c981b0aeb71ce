"""Who may send, and what is left when a sender vanishes."""

import asyncio
from typing import Any

from sqlalchemy import event

from app.delivery.dispatcher import LEADS_FOR, LEASE
from app.domain.delivery import TryLater
from app.store import outbox
from tests.delivery.office import Office, sentence
from tests.support.edge import Clock


async def _stuck(office: Office, holder: str = "first", clock: Clock | None = None) -> Any:
    """A dispatcher in the middle of a message to Ada."""
    office.teams.held["a:ada"] = asyncio.Event()
    await office.queue(sentence("person:ada", "one"))
    dispatcher = office.dispatcher(holder, clock=clock)
    await dispatcher.start_due()
    async with office.teams.arrived, asyncio.timeout(5):
        await office.teams.arrived.wait_for(lambda: office.teams.calls)
    return dispatcher


async def test_only_one_replica_sends_and_another_takes_over_when_its_lease_ends(shared: Office) -> None:
    first, second = shared.dispatcher("first"), shared.dispatcher("second")
    await shared.queue(sentence("person:ada", "one"))
    assert await first.start_due() == 1
    await first.deliver_due()
    await shared.queue(sentence("person:ada", "two"))
    assert await second.start_due() == 0
    shared.clock.advance(seconds=LEADS_FOR.total_seconds() + 0.1)
    await second.deliver_due()
    assert len(shared.teams.calls) == 2
    assert await first.start_due() == 0


async def test_a_replica_that_stops_hands_over_at_once(shared: Office) -> None:
    first, second = shared.dispatcher("first"), shared.dispatcher("second")
    await first.deliver_due()
    await first.stop()
    await shared.queue(sentence("person:ada", "one"))
    await second.deliver_due()
    assert await shared.states() == ["sent"]


async def test_a_frozen_replica_writes_nothing_when_it_wakes(shared: Office) -> None:
    """It froze inside the call: the message goes out once more, and what the frozen one knows no longer counts."""
    frozen = await _stuck(shared)
    held = shared.teams.held.pop("a:ada")
    shared.clock.advance(seconds=LEASE.total_seconds() + 1)
    second = shared.dispatcher("second")
    await second.deliver_due()
    before = await shared.rows("state, done_at, attempts")
    shared.clock.advance(seconds=1)
    held.set()
    await frozen.stop()
    assert await shared.rows("state, done_at, attempts") == before
    assert [state for state, *_ in before] == ["sent"]
    assert len(shared.teams.calls) == 2


async def test_a_replica_that_stood_still_before_the_call_does_not_make_it(office: Office) -> None:
    """Between claiming and sending so much time went by that somebody else may send the message any moment."""
    await office.queue(sentence("person:ada", "one"))
    slow = Clock()
    dispatcher = office.dispatcher(clock=slow)
    assert await dispatcher.start_due() == 1
    slow.advance(seconds=LEASE.total_seconds())
    while dispatcher._busy:
        await asyncio.wait(set(dispatcher._busy))
    assert not office.teams.calls
    assert await office.rows("state, attempts") == [("pending", 0)]


async def test_after_a_crash_before_the_call_the_message_leaves_once(office: Office) -> None:
    await office.queue(sentence("person:ada", "one"), sentence("person:ada", "two"))
    until = office.clock.now() + LEASE
    await office.database.write(lambda tx: outbox.claim(tx, [1], until=until))  # and here the process ended
    office.clock.advance(seconds=LEASE.total_seconds() + 1)
    await office.dispatcher("next").deliver_due()
    assert ["one" in words for words in office.teams.words()] == [True, False]
    assert await office.states() == ["sent", "sent"]


async def test_after_a_crash_inside_the_call_the_message_is_sent_once_more(office: Office) -> None:
    crashed = await _stuck(office)
    for task in list(crashed._busy):
        task.cancel()
    office.teams.held.clear()
    office.clock.advance(seconds=LEASE.total_seconds() + 1)
    await office.dispatcher("next").deliver_due()
    assert len(office.teams.calls) == 2
    assert await office.states() == ["sent"]


async def test_a_message_that_ends_every_process_that_sends_it_is_given_up(office: Office) -> None:
    await office.queue(sentence("person:ada", "poison"))
    for number in range(4):
        until = office.clock.now() + LEASE
        assert await office.database.write(lambda tx, until=until: outbox.claim(tx, [1], until=until))
        office.clock.advance(seconds=LEASE.total_seconds() + 1)
        await office.dispatcher(f"holder {number}")._rescue_sometimes(office.clock.now())
    assert (await office.rows("state, reason"))[0] == ("dead", "ends_process")
    assert not office.teams.calls


async def test_stopping_waits_for_what_is_being_sent(office: Office) -> None:
    dispatcher = await _stuck(office)
    stopping = asyncio.create_task(dispatcher.stop())
    await asyncio.wait([stopping], timeout=0.05)
    assert not stopping.done()
    office.teams.held["a:ada"].set()
    await stopping
    assert await office.states() == ["sent"]


async def test_what_teams_did_while_the_database_was_away_is_written_down_later(shared: Office) -> None:
    """The answer comes when every connection is lost: the message is not sent again."""
    dispatcher = await _stuck(shared)
    engine = shared.database._engine.sync_engine  # type: ignore[attr-defined]

    def refuse(*_: Any) -> None:
        raise OSError("away")

    event.listen(engine, "begin", refuse)
    shared.teams.held.pop("a:ada").set()
    while dispatcher._busy:
        await asyncio.wait(set(dispatcher._busy))
    event.remove(engine, "begin", refuse)
    assert await shared.states() == ["sending"]
    await dispatcher.deliver_due()
    assert await shared.states() == ["sent"]
    assert len(shared.teams.calls) == 1


async def test_the_order_in_a_chat_holds_when_the_first_fails(office: Office) -> None:
    office.teams.refuses["a:ada"] = [TryLater("http_503"), TryLater("unreachable")]
    await office.queue(*(sentence("person:ada", f"m{number}") for number in range(4)))
    await office.run(office.dispatcher(), 30)
    said = [word for words in office.teams.words() for word in ("m0", "m1", "m2", "m3") if word in words]
    assert said == ["m0", "m0", "m0", "m1", "m2", "m3"]


async def test_an_idle_desk_writes_nothing(office: Office) -> None:
    """Nothing waits: looking again changes not one row, and each look is a second after the last."""
    dispatcher = office.dispatcher()
    await dispatcher.deliver_due()
    written: list[str] = []
    engines = [getattr(office.database, name, None) for name in ("_writer", "_engine")]
    engine: Any = next(getattr(each, "sync_engine", each) for each in engines if each is not None)
    event.listen(engine, "before_cursor_execute", lambda *told: written.append(told[2]))
    for _ in range(20):
        assert await dispatcher.start_due() == 0
        assert dispatcher.pause() == 1.0
        office.clock.advance(seconds=0.1)
    reads = ("SELECT", "WITH RECURSIVE")
    assert not [statement for statement in written if not statement.lstrip().startswith(reads)]

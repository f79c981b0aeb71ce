"""Messages that cannot be rendered in time, or end whoever renders them: put aside, and nobody else waits for them."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection

from app.delivery.dispatcher import LEASE, Dispatcher
from app.delivery.render import Renderer, Step
from app.delivery.sender import Sender
from app.i18n import Texts
from app.messages.answers.question_answered import QuestionAnswered
from app.store import outbox
from app.store.messages import QueuedMessage, Way
from tests.delivery.office import Office, sentence

SECONDS_MAX = 0.2


class ProcessEnds(BaseException):
    """What a fault that ends the process looks like from within."""


@dataclass(frozen=True)
class TroubledRenderer(Renderer):
    """Renders like any other, but some words are too much for it."""

    trouble: Callable[[], None]

    def step(self, tx: Connection, queued: QueuedMessage, now: Any) -> Step:
        if "trouble" in str(queued.content):
            self.trouble()
        return super().step(tx, queued, now)


def troubled(office: Office, trouble: Callable[[], None], holder: str = "alone") -> Dispatcher:
    renderer = TroubledRenderer(office.desk, Texts.load(office.desk.desk.language), trouble)
    now = office.clock.now
    sender = Sender(office.database, renderer, office.teams, now=now, render_seconds_max=SECONDS_MAX)
    return Dispatcher(office.database, office.desk, sender, now=now, holder=holder)


def work_for_long() -> None:
    end = time.thread_time() + SECONDS_MAX * 1.5
    while time.thread_time() < end:
        pass


def wait_for_long() -> None:
    threading.Event().wait(SECONDS_MAX * 2)


async def test_a_message_that_takes_too_long_to_render_is_put_aside_and_those_behind_it_go_on(office: Office) -> None:
    await office.queue(sentence("person:ada", "trouble"), sentence("person:ada", "a"), sentence("person:bob", "b"))
    dispatcher = troubled(office, work_for_long)
    await office.run(dispatcher, 1)
    rows = await office.rows("state, reason", "target IN ('person:ada', 'person:bob')")
    assert rows == [("dead", "too_slow"), ("sent", None), ("sent", None)]
    assert len(office.teams.times(f"a:{office.cast.admin.aad_id}")) == 1


async def test_an_admin_sends_a_message_again_that_renders_in_time_by_now(office: Office) -> None:
    await office.queue(sentence("person:ada", "trouble"))
    await troubled(office, work_for_long).deliver_due()
    now = office.clock.now()
    assert await office.database.write(lambda tx: outbox.retry(tx, 1, now=now))
    await office.dispatcher().deliver_due()
    assert (await office.states())[0] == "sent"


async def test_a_database_that_is_slow_is_not_the_messages_fault(office: Office) -> None:
    """So is a machine that stands still: only the processor's time counts."""
    await office.queue(sentence("person:ada", "trouble"))
    await troubled(office, wait_for_long).deliver_due()
    assert await office.states() == ["sent"]


async def test_what_never_ends_in_a_thread_is_put_aside_meanwhile(office: Office) -> None:
    if office.database.is_shared:
        pytest.skip("rendered on the event loop")
    end = threading.Event()

    def never_end() -> None:
        while not end.is_set():
            pass

    await office.queue(sentence("person:ada", "trouble"), sentence("person:bob", "b"))
    dispatcher = troubled(office, never_end)
    try:
        await dispatcher.deliver_due()
        rows = await office.rows("state, reason", "target IN ('person:ada', 'person:bob')")
    finally:
        end.set()
    assert rows == [("dead", "too_slow"), ("sent", None)]


async def test_an_edit_that_ends_every_process_that_renders_it_is_given_up(office: Office) -> None:
    edit = outbox.Draft("line:first", Way.EDIT, QuestionAnswered("ticket.note"), replaces="1")
    await office.queue(edit)
    for _ in range(4):
        until = office.clock.now() + LEASE
        assert await office.database.write(lambda tx, until=until: outbox.claim(tx, [1], until=until))  # type: ignore[misc]
        office.clock.advance(seconds=LEASE.total_seconds() + 1)
        await office.dispatcher("next")._rescue_sometimes(office.clock.now())
    assert (await office.rows("state, reason"))[0] == ("dead", "ends_process")


async def test_of_all_that_was_in_hand_only_what_ends_processes_is_given_up(office: Office) -> None:
    """Whenever a process ends, others' messages are in its hand, too: they are not suspected for ever."""
    has_ended, teams = asyncio.Event(), office.teams
    loop = asyncio.get_running_loop()

    def end_process() -> None:
        loop.call_soon_threadsafe(has_ended.set)
        raise ProcessEnds

    people = [f"p{number}" for number in range(6)]
    await office.meet(*(f"a:{person}" for person in people))
    await office.queue(*(sentence(f"person:{person}", "fine") for person in people[:3]))
    await office.queue(sentence("person:ada", "trouble"))
    await office.queue(*(sentence(f"person:{person}", "fine") for person in people[3:]))
    for number in range(6):
        has_ended.clear()
        teams.held = {f"a:{person}": asyncio.Event() for person in people}
        dispatcher = troubled(office, end_process, f"process {number}")
        working, ending = asyncio.create_task(dispatcher.deliver_due()), asyncio.create_task(has_ended.wait())
        await asyncio.wait([ending], timeout=0.2)
        if not ending.done():  # Teams takes its time; nothing happens before it has answered
            for held in teams.held.values():
                held.set()
            await asyncio.wait([working, ending], return_when=asyncio.FIRST_COMPLETED)
        for task in [working, ending, *dispatcher._busy]:
            task.cancel()
        await asyncio.wait([working, ending])
        office.clock.advance(seconds=LEASE.total_seconds() + 20)
    rows = await office.rows("target, state, reason", "what = 'sentence'")
    assert [row for row in rows if row[0] != "person:ada"] == [(f"person:{person}", "sent", None) for person in people]
    assert ("person:ada", "dead", "ends_process") in rows

"""What `explain` says of pings is what the timers then do, for policies, lines and absences of every kind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import Connection, text

from app.delivery.timers import Timers
from app.desk.model import Desk
from app.domain.desk_events import PingSent
from app.domain.explanation import Explanation, PingAhead, StepAhead, Told
from app.domain.ping import Ping, PingMove, PingState
from app.domain.priority import Impact, Urgency
from app.domain.ticket import Kind
from app.services import explain, pings, tickets
from app.services.tickets import Submission, Turn
from app.services.unit_of_work import TimeSource, UnitOfWork
from app.store import absences, history
from app.store import pings as ping_store
from app.store import tickets as ticket_store
from app.store.connect import connect
from app.store.database import Database
from tests.journeys.keeping import keeping_desk
from tests.services.prepared import actor
from tests.support import requests
from tests.support.desk import Cast, read_desk
from tests.support.edge import Clock

CASES = 2
Moved = tuple[PingMove, frozenset[str]]
"""What a ping did, and to whom."""


@dataclass
class Story:
    """A ticket nobody looks after, on a desk made up for it."""

    database: Database
    desk: Desk
    cast: Cast
    clock: Clock
    ticket: int

    async def explained(self) -> Explanation:
        now = self.clock.now()
        return await self.database.read(lambda tx: explain.explain(tx, self.desk, self.ticket, now))

    async def pings(self) -> dict[int, Ping]:
        known = await self.database.read(lambda tx: ping_store.of_ticket(tx, self.ticket))
        return {ping.id: ping for ping in known}

    async def tick(self) -> None:
        timers = Timers(self.database, self.desk, time=TimeSource(self.clock.now, False), fired=lambda: None)
        await timers.tick()

    async def next_due(self) -> datetime | None:
        def read(tx: Connection) -> datetime | None:
            ahead = (ticket_store.next_timer(tx), ping_store.next_due(tx))
            return min((at for at in ahead if at), default=None)

        return await self.database.read(read)

    async def moves_since(self, before: dict[int, Ping], last: int) -> dict[int, set[Moved]]:
        """What each ping has done since then, as its row and the history have it."""
        after = await self.pings()
        done: dict[int, set[Moved]] = {id: set() for id in after}
        for id, ping in after.items():
            was = before.get(id)
            if was and ping.reminders > was.reminders and ping.asked == was.asked:
                done[id].add((PingMove.REMINDER, frozenset(ping.now_asked)))
            if ping.state is PingState.EXHAUSTED and not (was and was.state is PingState.EXHAUSTED):
                done[id].add((PingMove.GIVE_UP, frozenset()))
        for event in await self.database.read(lambda tx: history.whole(tx, self.ticket, limit=1000)):
            if event.id > last and isinstance(event.data, PingSent):
                kind = PingMove.ABSENT if len(event.data.to) == len(event.data.absent) else PingMove.ASK
                done[event.data.ping].add((kind, frozenset(event.data.to)))
        return done

    async def last_event(self) -> int:
        events = await self.database.read(lambda tx: history.whole(tx, self.ticket, limit=1000))
        return max(event.id for event in events)


def people_of(whom: Told) -> frozenset[str]:
    return frozenset(person.id for person in (*whom.people, *whom.otherwise))


def desk_of(dice: Random, cast: Cast) -> Desk:
    """Steps, chain and line as they fall."""
    own = {
        "deputy": dice.choice([None, cast.deputy, cast.lead]),
        "manager": dice.choice([None, cast.manager, cast.deputy]),
    }
    first = ", ".join(f'{role}: "{person.aad_id}"' for role, person in own.items() if person) or " "
    roles = ["assignee", "line", "lead", "deputy", "manager", "admin", f'"{cast.stranger.aad_id}"']

    def tell() -> str:
        return ", ".join([*dice.sample(roles, dice.randint(0, 2)), dice.choice(["admin", "manager"])])

    steps = [f"clock: resolution, at: {at}%, tell: [{tell()}]" for at in (25, 50, 100)]
    remind_after, reminders, loops = dice.choice(["20m", "45m", "2h"]), dice.randint(0, 2), dice.randint(1, 3)
    chain = f"{{remind_after: {remind_after}, reminders: {reminders}, loops: {loops}}}"
    return read_desk(keeping_desk(cast, escalation=steps, pings=chain, first=first))


async def story_of(dice: Random, database: Database) -> Story:
    cast, clock = Cast(), Clock()
    desk = desk_of(dice, cast)
    form = Submission("VPN geht nicht", "Seit heute früh.", "vpn", Urgency.NORMAL, Impact.ME, Kind.INCIDENT)
    everybody = (cast.lead, cast.deputy, cast.manager, cast.admin, cast.stranger, cast.mara)
    away = {person.aad_id: clock.now() + timedelta(hours=dice.randint(1, 12)) for person in dice.sample(everybody, 3)}
    mara = Turn(actor(cast.mara, "first"), clock.now())
    is_taken, tells_manager = dice.random() < 0.5, dice.random() < 0.5

    def begin(tx: Connection) -> int:
        ticket = tickets.submit(tx, desk, Turn(actor(cast.requester), clock.now()), form).ticket.id
        for person, ends_at in away.items():
            absences.announce(tx, person, until=ends_at.date(), ends_at=ends_at)
        if is_taken:
            tickets.act(tx, desk, mara, ticket, requests.Take())
        if tells_manager:
            tickets.act(tx, desk, mara, ticket, requests.NotifyManager("Bitte helfen"))
        return ticket

    return Story(database, desk, cast, clock, await database.write(begin))


async def assert_foretold(story: Story, dice: Random) -> int:
    """From one moment at which something is due to the next: what was announced for it is what happens. Now and then
    somebody cannot be reached, which nobody can foretell; what follows from it can be. Returned is how much happened.
    """
    happened, begun = 0, story.clock.now()
    for _ in range(200):
        at = await story.next_due()
        if at is None or at > begun + timedelta(hours=12):
            break
        seen, before, last = await story.explained(), await story.pings(), await story.last_event()
        story.clock.moment = max(at, story.clock.moment)
        await story.tick()
        done = await story.moves_since(before, last)
        due = [each for each in seen.ahead if each.at == story.clock.moment]
        told = {people_of(each.told) for each in due if isinstance(each, StepAhead)}
        for id, moves in done.items():
            announced = {
                (each.move, people_of(each.told)) for each in due if isinstance(each, PingAhead) and each.ping.id == id
            }
            if id in before:
                assert moves == announced
            else:
                asked = [people for kind, people in moves if kind in (PingMove.ASK, PingMove.ABSENT)]
                assert not asked or any(people in told for people in asked)
            happened += len(moves)
        await _lose_somebody(story, dice)
    return happened


async def _lose_somebody(story: Story, dice: Random) -> None:
    open_ones = [ping for ping in (await story.pings()).values() if ping.state is PingState.OPEN and ping.now_asked]
    if open_ones and dice.random() < 0.1:
        ping = dice.choice(open_ones)
        index, now = ping.asked.index(dice.choice(ping.now_asked)), story.clock.now()
        await story.database.write(lambda tx: pings.note_undelivered(UnitOfWork(tx, story.desk, now), ping.id, index))


@pytest.mark.parametrize("seed", range(4))
async def test_whoever_asks_what_pings_will_do_is_told_what_they_then_do(address: str, seed: int) -> None:
    dice = Random(seed)
    database = connect(address)
    try:
        happened = 0
        for _ in range(CASES):
            story = await story_of(dice, database)
            happened += await assert_foretold(story, dice)
            await database.write(lambda tx: tx.execute(text("UPDATE tickets SET next_at = NULL")))
            await database.write(lambda tx: tx.execute(text("UPDATE pings SET state = 'stopped'")))
        assert happened > 5 * CASES
    finally:
        await database.close()

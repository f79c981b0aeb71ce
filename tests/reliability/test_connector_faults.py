"""A connector that fails in every way Teams can fail only delays messages."""

import random
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry

from app.bot.out.addresses import ServiceHosts
from app.bot.out.connector import Connector, client_session
from app.delivery.dispatcher import Dispatcher
from app.delivery.render import Renderer
from app.delivery.sender import Sender
from app.i18n import Texts
from tests.delivery.office import Office, most_within, open_office, sentence
from tests.support.databases import fresh_database
from tests.support.edge import Clock
from tests.support.teams import Failure, FakeTeams

CHATS, EACH = 100, 2


class FaultyTeams(FakeTeams):
    """Every second or third call fails; the odds are those of a very bad day."""

    def __init__(self, clock: Clock, seed: int) -> None:
        super().__init__()
        self.clock = clock
        self.chance = random.Random(seed)
        self.closed_until: dict[str, float] = {}
        self.too_early = 0
        self.taken: list[float] = []
        self.doubtful = 0

    async def _obstacle(self, request: web.Request, kind: str, where: str) -> Failure | None:
        now = self.clock.monotonic()
        self.too_early += now < self.closed_until.get(where, 0) - 1e-6
        failure = self._draw(where, now)
        if failure is None:
            self.taken.append(now)
            return None
        self.doubtful += failure.mode.startswith("accept_")
        await self._play(request, failure, "")
        return failure

    def _draw(self, where: str, now: float) -> Failure | None:
        drawn = self.chance.random()
        if drawn < 0.30:
            seconds = self.chance.randint(1, 5)
            self.closed_until[where] = now + seconds
            return Failure(429, headers={"Retry-After": str(seconds)})
        for status in (412, 500, 502, 503, 504):
            drawn -= 0.05
            if drawn < 0.30:
                return Failure(status)
        for share, mode in ((0.03, "reset"), (0.02, "accept_reset"), (0.01, "hang"), (0.01, "accept_hang")):
            drawn -= share
            if drawn < 0.30:
                return Failure(mode=mode)
        return None


async def test_throttling_errors_resets_and_silence_only_delay(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    print("seed", seed)  # noqa: T201 - shown when the test fails
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(fresh_database("sqlite", tmp_path))
        office = await stack.enter_async_context(open_office(address))
        teams = await stack.enter_async_context(FaultyTeams(office.clock, seed))
        session = await stack.enter_async_context(client_session())
        dispatcher = _dispatcher(office, teams, session)
        people = [f"p{number}" for number in range(CHATS)]
        await office.meet(*(f"a:{person}" for person in people), service_url=teams.service_url)
        for number in range(EACH):
            await office.queue(*(sentence(f"person:{person}", f"{person}-{number}.") for person in people))
        await office.run(dispatcher, 15 * 60)
        rows = await office.rows("state, reason", "target LIKE 'person:p%'")
        seen = Counter(str(message.activity["text"]) for chat in teams.messages.values() for message in chat.values())
    # given up is only what Teams left open twice; it is shown to an admin
    assert {row for row in rows if row[0] != "sent"} <= {("dead", "ambiguous")}
    given_up = sum(1 for state, _ in rows if state == "dead")
    assert len(seen) >= CHATS * EACH - given_up
    assert sum(seen.values()) - len(seen) <= teams.doubtful
    assert teams.too_early == 0
    assert most_within(teams.taken, 1) <= 30
    for chat in teams.messages.values():
        order = list(dict.fromkeys(str(message.activity["text"]) for message in chat.values()))
        assert order == sorted(order)


def _dispatcher(office: Office, teams: FakeTeams, session: aiohttp.ClientSession) -> Dispatcher:
    connector: Any = Connector(
        session,
        ServiceHosts([teams.host]),
        tokens=None,
        scope="",
        now=office.clock.now,
        registry=CollectorRegistry(),
        timeout=aiohttp.ClientTimeout(total=0.5),
    )
    texts = Texts.load(office.desk.desk.language)
    sender = Sender(office.database, Renderer(office.desk, texts), connector, now=office.clock.now)
    return Dispatcher(office.database, office.desk, sender, now=office.clock.now, holder="alone")

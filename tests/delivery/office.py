"""A dispatcher, a real database and a Teams that answers as told, at a time that moves by hand."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.delivery.dispatcher import Dispatcher
from app.delivery.limits import Limits
from app.delivery.render import Renderer
from app.delivery.sender import Sender
from app.desk.model import Desk
from app.i18n import Texts
from app.messages.answers.sentence import Sentence
from app.services.outgoing import say
from app.store import outbox, people
from app.store.connect import connect
from app.store.database import Database
from app.store.outbox import Draft
from tests.support.desk import FIRST, Cast, desk_file, read_desk
from tests.support.edge import Clock

SERVICE = "https://smba.trafficmanager.net/teams/"


@dataclass(frozen=True)
class Call:
    """What Teams was asked for: `kind` is send, update, thread or open."""

    at: float
    kind: str
    place: str
    words: str


@dataclass
class LocalTeams:
    """Carries out what it is asked, at once, unless told otherwise for a conversation."""

    clock: Clock
    calls: list[Call] = field(default_factory=list)
    refuses: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def send(self, service_url: str, conversation_id: str, activity: Any) -> str:
        await self._take("send", conversation_id, activity)
        return f"m{len(self.calls)}"

    async def update(self, service_url: str, conversation_id: str, activity_id: str, activity: Any) -> None:
        await self._take("update", conversation_id, activity)

    async def post_to_channel(
        self, service_url: str, channel_id: str, tenant_id: str, activity: Any
    ) -> tuple[str, str]:
        await self._take("thread", channel_id, activity)
        return f"{channel_id};messageid=m{len(self.calls)}", f"m{len(self.calls)}"

    async def open_chat(self, service_url: str, tenant_id: str, bot_id: str, person_id: str) -> str:
        await self._take("open", person_id, {})
        return f"a:{person_id}"

    async def _take(self, kind: str, place: str, activity: Any) -> None:
        self.calls.append(Call(self.clock.monotonic(), kind, place, str(activity.get("text", ""))))
        async with self.arrived:
            self.arrived.notify_all()
        if place in self.held:
            await self.held[place].wait()
        if self.refuses[place]:
            raise self.refuses[place].pop(0)

    def times(self, base: str) -> list[float]:
        return [call.at for call in self.calls if call.place.partition(";messageid=")[0] == base]

    def words(self, place: str | None = None) -> list[str]:
        return [call.words for call in self.calls if place in (None, call.place)]


@dataclass
class Office:
    """Where messages are queued and leave."""

    database: Database
    desk: Desk
    cast: Cast
    clock: Clock
    teams: LocalTeams

    def dispatcher(self, holder: str = "alone", limits: Limits | None = None, clock: Clock | None = None) -> Dispatcher:
        renderer = Renderer(self.desk, Texts.load(self.desk.desk.language))
        now = (clock or self.clock).now
        sender = Sender(self.database, renderer, self.teams, now=now)
        return Dispatcher(self.database, self.desk, sender, now=now, holder=holder, limits=limits)

    async def meet(self, *chats: str, kind: str = "personal", service_url: str = SERVICE) -> None:
        """Let the bot know these people's chats, or channels."""
        known = {"tenant": "t", "bot": "28:b", "service_url": service_url, "updated_at": self.clock.now(), "kind": kind}

        def write(tx: Any) -> None:
            for chat in chats:
                person = chat.removeprefix("a:") if kind == "personal" else None
                people.meet(tx, {**known, "id": chat, "person": person})

        await self.database.write(write)

    async def queue(self, *drafts: Draft, by: str | None = None) -> None:
        now = self.clock.now()
        await self.database.write(lambda tx: outbox.put(tx, drafts, now=now, correlation=None, by=by))

    async def run(self, dispatcher: Dispatcher, seconds: float) -> None:
        """Let the dispatcher work while time goes by."""
        end = self.clock.monotonic() + seconds
        while True:
            await dispatcher.deliver_due()
            pause = dispatcher.pause()
            if self.clock.monotonic() + pause > end:
                self.clock.advance(seconds=end - self.clock.monotonic())
                return await dispatcher.deliver_due()
            self.clock.advance(seconds=pause)

    async def rows(self, columns: str = "state", where: str = "1 = 1") -> list[Any]:
        query = text(f"SELECT {columns} FROM outbox WHERE {where} ORDER BY id")  # noqa: S608 - ours
        return await self.database.read(lambda tx: [tuple(row) for row in tx.execute(query)])

    async def states(self) -> list[str]:
        return [state for (state,) in await self.rows()]

    def later(self, seconds: float) -> datetime:
        clock = Clock()
        clock.moment = self.clock.moment
        clock.advance(seconds=seconds)
        return clock.now()


def sentence(target: str, words: str, **more: Any) -> Draft:
    """A message whose text holds these words."""
    return say(target, Sentence("error.unknown_line", {"line": words, "lines": ""}), **more)


def most_within(times: list[float], seconds: float) -> int:
    """How many calls came within any window of this length."""
    return max(
        (sum(1 for at in times[index:] if at - start < seconds - 1e-5) for index, start in enumerate(times)), default=0
    )


@asynccontextmanager
async def open_office(address: str) -> AsyncIterator[Office]:
    cast, clock = Cast(), Clock()
    database = connect(address)
    try:
        office = Office(database, read_desk(desk_file(cast)), cast, clock, LocalTeams(clock))
        await office.meet("a:ada", "a:bob", f"a:{cast.admin.aad_id}")
        await office.meet(FIRST, kind="channel")
        yield office
    finally:
        await database.close()

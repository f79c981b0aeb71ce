"""People at work while processes die: employees raise tickets, agents take and answer them; and who checks afterwards.

What a client was told, what the database holds and what Teams accepted must agree in the end.
"""

import asyncio
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
from sqlalchemy import Executable, text

from app.store.connect import connect
from tests.delivery.office import most_within
from tests.reliability.processes import Bot
from tests.support.desk import FORM, Cast, desk_file, number_in
from tests.support.entra import FakeEntra
from tests.support.inbound import Caller, Inbound, Json, Person
from tests.support.teams import FakeTeams

LINES = 6
INSISTS_EVERY = 0.1


def channel_of(line: int) -> str:
    return f"19:c{line}@thread.tacv2"


def busy_desk() -> str:
    """A desk with a line for each word `w0`, `w1`, …, so that no channel's limit holds everybody up."""
    cast = Cast()
    lines = "".join(
        f'  l{n}: {{level: 1, name: Line {n}, channel: "{channel_of(n)}", team: "19:t{n}@thread.tacv2",'
        f' calendar: office, lead: "{cast.lead.aad_id}"}}\n'
        for n in range(LINES)
    )
    rules = "".join(f"  - {{when: {{words: [w{n}]}}, line: l{n}}}\n" for n in range(LINES))
    return desk_file(cast).replace("categories:\n", f"{lines}categories:\n").replace("routing:\n", f"routing:\n{rules}")


@dataclass
class Told:
    """What clients saw: the truth of "the user was told"."""

    numbers: dict[str, str] = field(default_factory=dict)
    """Form → number."""
    answered: list[str] = field(default_factory=list)
    """Replies whose answer said they were done."""


class Hands:
    """People's clicks, at one replica after the other."""

    def __init__(self, bots: Sequence[Bot], teams: FakeTeams, entra: FakeEntra) -> None:
        self.statuses: Counter[int | None] = Counter()
        self._bots = itertools.cycle(bots)
        self._entra = entra
        self._inbound = Inbound(teams.service_url)

    async def click(
        self, session: aiohttp.ClientSession, person: Person, verb: str, data: Json, **where: Any
    ) -> Any | None:
        """The answer's value, or None when nobody could say whether it was done."""
        status, answer = await self._post(session, self._inbound.card_action(person, verb, data, **where))
        return answer["value"] if status == 200 else None

    async def insist(self, session: aiohttp.ClientSession, person: Person, verb: str, data: Json, **where: Any) -> Any:
        """Click again and again, until somebody answers."""
        while True:
            answer = await self.click(session, person, verb, data, **where)
            if answer is not None:
                return answer
            await asyncio.sleep(INSISTS_EVERY)

    async def write(self, session: aiohttp.ClientSession, person: Person, words: str) -> bool:
        """Type something to the bot; whether it was taken."""
        status, _ = await self._post(session, self._inbound.message(person, words))
        return status is not None and status < 300

    async def _post(self, session: aiohttp.ClientSession, activity: Json) -> tuple[int | None, Any]:
        caller = Caller(session, f"{next(self._bots).url}/api/messages", self._entra)
        try:
            status, answer = await caller.post(activity)
        except (aiohttp.ClientError, OSError, TimeoutError):
            self.statuses[None] += 1
            return None, None
        self.statuses[status] += 1
        return status, answer


class Load:
    """Everybody at work, each at their own line, until `stop` is set."""

    def __init__(self, bots: Sequence[Bot], teams: FakeTeams, entra: FakeEntra, *, pause: float) -> None:
        self.told = Told()
        self.stop = asyncio.Event()
        self.employees = [Person(f"Employee {n}") for n in range(LINES)]
        self.agents = [Person(f"Agent {n}") for n in range(LINES)]
        for n, agent in enumerate(self.agents):
            teams.roster(f"19:t{n}@thread.tacv2", agent)
            teams.channel(channel_of(n), f"19:t{n}@thread.tacv2")
        self._hands = Hands(bots, teams, entra)
        self._pause = pause
        self._open: list[asyncio.Queue[str]] = [asyncio.Queue() for _ in range(LINES)]

    async def run(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=8)) as session:
            work = [self._employee(session, n) for n in range(LINES)] + [self._agent(session, n) for n in range(LINES)]
            await asyncio.gather(*work)

    async def _employee(self, session: aiohttp.ClientSession, n: int) -> None:
        while not self.stop.is_set():
            form = uuid4().hex
            data = {**FORM, "category": "other", "title": f"w{n} {form}", "desk": {"form": form}}
            # nobody answered: people press the button again
            while (answer := await self._click(session, self.employees[n], "ticket.submit", data)) is None:
                if self.stop.is_set():
                    return
            number = self.told.numbers[form] = number_in(answer)
            self._open[n].put_nowait(number)
            await self._breathe()

    async def _agent(self, session: aiohttp.ClientSession, n: int) -> None:
        while not self.stop.is_set():
            try:
                number = await asyncio.wait_for(self._open[n].get(), 0.2)
            except TimeoutError:
                continue
            desk = {"desk": {"ticket": int(number.partition("-")[2])}}
            place = {"channel": channel_of(n)}
            await self._click(session, self.agents[n], "ticket.take", desk, **place)
            for _ in range(2):
                words = f"reply-{uuid4().hex}"
                answer = await self._click(session, self.agents[n], "ticket.reply", {**desk, "text": words}, **place)
                if answer is not None and "AdaptiveCard" in str(answer):
                    self.told.answered.append(words)

    async def _click(
        self, session: aiohttp.ClientSession, person: Person, verb: str, data: Json, **where: Any
    ) -> Any | None:
        answer = await self._hands.click(session, person, verb, data, **where)
        if answer is None:
            await self._breathe()
        return answer

    async def _breathe(self) -> None:
        try:
            await asyncio.wait_for(self.stop.wait(), self._pause)
        except TimeoutError:
            return


@dataclass(frozen=True)
class Verdict:
    """What the three logs say together. All but `tickets`, `sends` and `repeated` must be empty or zero."""

    tickets: int
    sends: int
    repeated: int
    """Messages that people see twice."""
    unexplained: int
    """…of which no sender had vanished or gone without an answer."""
    not_stored: list[str]
    not_delivered: list[str]
    not_caused: list[str]
    stale_cards: list[str]
    unfinished: list[Any]
    most_in_a_second: int


def is_sound(verdict: Verdict) -> bool:
    """Whether nothing is lost, stale, uncaused, or told twice without a reason."""
    empty = (verdict.not_stored, verdict.not_delivered, verdict.not_caused, verdict.stale_cards, verdict.unfinished)
    return not any(empty) and not verdict.unexplained and verdict.most_in_a_second <= 30


async def rows(database: str, statement: str | Executable) -> list[Any]:
    query = text(statement) if isinstance(statement, str) else statement
    opened = connect(database)
    try:
        return await opened.read(lambda tx: list(tx.execute(query).all()))
    finally:
        await opened.close()


async def unsent(database: str) -> int:
    [(count,)] = await rows(database, "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')")
    return int(count)


async def check(database: str, load: Load, teams: FakeTeams, logs: str) -> Verdict:
    """Compare what clients were told, what is stored, and what Teams accepted."""
    tickets = await rows(database, "SELECT id, prefix, title, version, line FROM tickets")
    events = await rows(database, "SELECT code, data FROM events")
    said = re.findall(r"reply-[0-9a-f]{32}", " ".join(str(data) for _code, data in events))
    posted = [each for each in teams.accepted if each.kind != "update"]
    in_chats = _mentions(posted, "a:")
    in_threads = _mentions(posted, "19:")
    stored = {f"{prefix}-{number}" for number, prefix, *_ in tickets}
    forms = Counter(title.split()[1] for _, _, title, *_ in tickets)
    repeated = sum(times - 1 for found in (in_chats, in_threads) for times in found.values() if times > 1)
    repeated += sum(len(cards) - 1 for cards in _cards(teams).values())
    explained = logs.count('"posts_again":true') + logs.count('"reason":"timeout"') + logs.count("connection_lost")
    return Verdict(
        tickets=len(tickets),
        sends=len(teams.accepted),
        repeated=repeated,
        unexplained=max(0, repeated - explained),
        not_stored=sorted(set(load.told.numbers.values()) - stored)
        + sorted(form for form, times in forms.items() if times > 1)
        + sorted(set(load.told.answered) - set(said)),
        not_delivered=sorted(words for words in set(said) if words not in in_chats or words not in in_threads)
        + [f"{prefix}-{number} {where}" for number, prefix, *_ in tickets for where in _unseen(teams, number)],
        not_caused=sorted((set(in_chats) | set(in_threads)) - set(said)),
        stale_cards=[str(number) for number, _, _, version, _ in tickets if not _shows(teams, number, version)],
        unfinished=await rows(database, "SELECT id, state, reason FROM outbox WHERE state NOT IN ('sent', 'dropped')"),
        most_in_a_second=most_within([each.at for each in teams.accepted], 1),
    )


def _mentions(posted: Sequence[Any], places: str) -> Counter[str]:
    """Replies → messages that tell of them; a card that quotes one is no such message."""
    found: Counter[str] = Counter()
    for each in posted:
        if each.conversation_id.startswith(places):
            found.update(re.findall(r"reply-[0-9a-f]{32}", each.activity["summary"]))
    return found


def _cards(teams: FakeTeams) -> dict[tuple[str, str], list[Any]]:
    """Ticket and kind of place → messages whose buttons name the ticket and its version."""
    found: dict[tuple[str, str], list[Any]] = {}
    for place, messages in teams.messages.items():
        for message in messages.values():
            card = str(message.card)
            named = re.search(r"'ticket': (\d+)", card)
            verb = "ticket.escalate" if place.startswith("19:") else "ticket.withdraw"
            first = str(message.edits[0] if message.edits else message.activity)
            if named and (verb in card or verb in first):
                found.setdefault((named[1], place[:2]), []).append(message)
    return found


def _unseen(teams: FakeTeams, number: int) -> list[str]:
    cards = _cards(teams)
    return [where for where in ("a:", "19") if (str(number), where) not in cards]


def _shows(teams: FakeTeams, number: int, version: int) -> bool:
    """Whether one of the line's cards shows the ticket as it is now."""
    cards = _cards(teams).get((str(number), "19"), [])
    return any(f"'version': {version}" in str(message.card) for message in cards)

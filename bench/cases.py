"""What is measured. Each case takes a `Bench` and returns rows; sides alternate within each round."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from bench import load, replicas, searching, sending, servers, size, sweep, world
from bench.ours import Desk, card_of
from bench.peers import AGENTS_SDK, DJANGO_HELPDESK, PEERS, STOCK, Peer
from bench.report import Row
from bench.servers import CannotMeasureError, NotHereError, Server
from bench.teams import Teams

TICKETS = 1600
WARM_UP = 160
MESSAGES = {AGENTS_SDK.name: 1000, STOCK.name: 120}
ACTIONS = {AGENTS_SDK.name: 1500, STOCK.name: 300}
STEADY_PER_SECOND = 25
STEADY_SECONDS = 20
SETTLE_SECONDS = 1.0


@dataclass(frozen=True)
class Bench:
    """Where a case runs: the Microsoft side, a folder of its own, the number of rounds."""

    teams: Teams
    folder: Path
    rounds: int
    earlier: Path | None = None
    """A checkout of an earlier version, to be measured in turn with this one."""

    def fresh(self, name: str) -> Path:
        """Return an empty folder; a server that starts in it starts from nothing."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


@dataclass(frozen=True)
class Rates:
    """Activities per second of one server in one round."""

    messages: float
    actions: float


async def speed(bench: Bench) -> list[Row]:
    """ticket.submit and ticket.take against the echo of the Agents SDK and of stock botbuilder."""
    ours: list[Rates] = []
    theirs: dict[str, list[Rates]] = {peer.name: [] for peer in PEERS}
    for peer in PEERS:
        peer.install()
    for _ in range(bench.rounds):
        ours.append(await _our_rates(bench))
        for peer in PEERS:
            theirs[peer.name].append(await _peer_rates(bench, peer))
    rows = []
    for peer, least in ((AGENTS_SDK, 1.0), (STOCK, 4.0)):
        rows.append(_faster("ticket.take, 16 at once", ours, theirs[peer.name], peer, least, "actions"))
    for peer, least in ((AGENTS_SDK, 0.8), (STOCK, 8.0)):
        rows.append(_faster("ticket.submit, 16 at once", ours, theirs[peer.name], peer, least, "messages"))
    return rows


async def earlier(bench: Bench) -> list[Row]:
    """ticket.submit and ticket.take against an earlier version of ours, in turn (`--earlier CHECKOUT`)."""
    if bench.earlier is None:
        raise NotHereError("it compares with a checkout of an earlier version: --earlier CHECKOUT")
    now: list[Rates] = []
    then: list[Rates] = []
    for turn in range(bench.rounds):
        sides = [(now, servers.ROOT), (then, bench.earlier)]
        for rates, program in sides if turn % 2 else reversed(sides):  # nobody is always the first on a cool machine
            rates.append(await _our_rates(bench, program))
    return [
        Row(
            f"{verb}, 16 at once",
            "/s",
            [getattr(rates, kind) for rates in now],
            least,
            at_least=True,
            against="earlier version",
            theirs=[getattr(rates, kind) for rates in then],
        )
        for verb, kind, least in (("ticket.take", "actions", 1.15), ("ticket.submit", "messages", 1.0))
    ]


async def peers(bench: Bench) -> list[Row]:
    """The peers alone: their absolute figures on this machine, the lean one against the stock one."""
    rates: dict[str, list[Rates]] = {peer.name: [] for peer in PEERS}
    swept: list[dict[str, float]] = []
    for peer in PEERS:
        peer.install()
    folder = bench.fresh("sweep")
    await sweep.prepare_peer(folder)
    for _ in range(bench.rounds):
        for peer in PEERS:
            rates[peer.name].append(await _peer_rates(bench, peer))
        swept.append(await sweep.sweep_peer(folder))
    lean, stock = rates[AGENTS_SDK.name], rates[STOCK.name]
    return [
        _faster(f"{AGENTS_SDK.name}: echo of a card action", lean, stock, STOCK, 1.0, "actions"),
        _faster(f"{AGENTS_SDK.name}: echo of a message", lean, stock, STOCK, 1.0, "messages"),
        Row(
            f"{DJANGO_HELPDESK.name}: escalate_tickets, {sweep.DUE:,} of {sweep.OPEN:,} due",
            "s",
            [told["seconds"] for told in swept],
            1.0,
            at_least=True,
            against="nothing due",
            theirs=[told["seconds_nothing_due"] for told in swept],
        ),
    ]


async def steady(bench: Bench) -> list[Row]:
    """Slowest against usual answer of ticket.take at 25/s."""
    figures: list[float] = []
    usual: list[float] = []
    for _ in range(bench.rounds):
        async with servers.ticketbot(bench.teams, bench.fresh("steady")) as server:
            desk = Desk(server, bench.teams)
            await desk.open()
            _, tickets = await desk.submit(STEADY_PER_SECOND * STEADY_SECONDS + WARM_UP)
            await desk.take(tickets[:WARM_UP])
            run = await desk.take_steadily(tickets[WARM_UP:], STEADY_PER_SECOND)
        hundredths = quantiles((answer.seconds for answer in run.answers), n=100)
        usual.append(hundredths[49] * 1000)
        figures.append(hundredths[98] / hundredths[49])
    against = f"own p50 {min(usual):.1f}–{max(usual):.1f} ms"
    return [Row(f"ticket.take at {STEADY_PER_SECOND}/s: p99 ÷ p50", "×", figures, 5, at_least=False, against=against)]


async def start(bench: Bench) -> list[Row]:
    """Spawn to ready, and memory then: with a new database and with the one that was there."""
    first, again, memory = [], [], []
    async with servers.ticketbot(bench.teams, bench.fresh("start")):
        pass  # the first start of all compiles the modules; an installation has that behind it
    for _ in range(bench.rounds):
        folder = bench.fresh("start")
        async with servers.ticketbot(bench.teams, folder) as server:
            first.append(server.seconds_to_ready)
        async with servers.ticketbot(bench.teams, folder) as server:
            again.append(server.seconds_to_ready)
            await asyncio.sleep(SETTLE_SECONDS)
            memory.append(server.resident_megabytes)
    return [
        Row("start to ready, new database", "s", first, 3, at_least=False),
        Row("start to ready, existing database", "s", again, 3, at_least=False),
        Row("resident memory after start", "MB", memory, 130, at_least=False),
    ]


async def growth(bench: Bench) -> list[Row]:
    """My tickets, one ticket and the queue with 1,000,000 tickets against 1,000."""
    return await size.measure(bench.teams, bench.folder, bench.rounds)


async def found(bench: Bench) -> list[Row]:
    """Searches over 100,000 tickets against 1,000, on SQLite and on PostgreSQL where one answers."""
    return await searching.measure(bench.fresh("search"), bench.rounds)


async def shared(bench: Bench) -> list[Row]:
    """Two replicas on PostgreSQL against one process on SQLite; needs a PostgreSQL."""
    return await replicas.measure(bench.teams, bench.folder, bench.rounds)


async def timers(bench: Bench) -> list[Row]:
    """A sweep of 100,000 open tickets against django-helpdesk's; a tick with nothing due, by open tickets."""
    return await sweep.measure(bench.teams, bench.folder, bench.rounds)


async def delivery(bench: Bench) -> list[Row]:
    """The dispatcher without Teams' limits against a bare client posting the same bytes."""
    return await sending.measure(bench.teams, bench.folder, bench.rounds)


CASES: dict[str, Callable[[Bench], Awaitable[list[Row]]]] = {
    "speed": speed,
    "steady": steady,
    "start": start,
    "growth": growth,
    "timers": timers,
    "search": found,
    "delivery": delivery,
    "shared": shared,
    "peers": peers,
    "earlier": earlier,
}
#: What a run without arguments measures; the peers alone are for looking at, an earlier version has to be named.
PROMISES = [name for name in CASES if name not in ("peers", "earlier")]


async def _our_rates(bench: Bench, program: Path = servers.ROOT) -> Rates:
    async with servers.ticketbot(bench.teams, bench.fresh("speed"), program=program) as server:
        await _sees_forgery(bench.teams, server)
        desk = Desk(server, bench.teams)
        await desk.open()
        _, warm = await desk.submit(WARM_UP)
        raised, tickets = await desk.submit(TICKETS)
        await desk.take(warm)
        taken = await desk.take(tickets)
    return Rates(messages=raised.per_second, actions=taken.per_second)


async def _peer_rates(bench: Bench, peer: Peer) -> Rates:
    async with servers.peer(peer, bench.teams, bench.fresh("peer")) as server:
        await _sees_forgery(bench.teams, server)
        messages = _echoes(bench.teams, MESSAGES[peer.name])
        actions = _actions(bench.teams, ACTIONS[peer.name])
        await load.together(server.port, messages[: WARM_UP // 4])
        before = bench.teams.sent
        said = await load.together(server.port, messages)
        if bench.teams.sent - before != len(messages) or any(answer.status >= 300 for answer in said.answers):
            raise CannotMeasureError(f"{peer.name} answered {bench.teams.sent - before} of {len(messages)} messages")
        await load.together(server.port, actions[: WARM_UP // 4])
        pressed = await load.together(server.port, actions)
        for answer in pressed.answers:
            card_of(answer)
    return Rates(messages=said.per_second, actions=pressed.per_second)


async def _sees_forgery(teams: Teams, server: Server) -> None:
    """Refuse to measure a server that does not check who signed the token."""
    activity = world.message(teams.service_url, world.requester(0), "hallo")
    run = await load.together(server.port, [load.prepare(activity, teams.forged_token())])
    if run.answers[0].status < 400:
        raise CannotMeasureError(f"{server.name} let a forged token pass with {run.answers[0].status}")


def _echoes(teams: Teams, many: int) -> list[bytes]:
    token = teams.token()
    texts = ((world.requester(n), f"Seit heute Morgen bricht VPN ab, Rechner {n:07}") for n in range(many))
    return [load.prepare(world.message(teams.service_url, who, text), token) for who, text in texts]


def _actions(teams: Teams, many: int) -> list[bytes]:
    token = teams.token()
    presses = ((world.agent(n), {"desk": {"ticket": n, "version": 1}}) for n in range(many))
    return [load.prepare(world.line_action(teams.service_url, who, "echo", data), token) for who, data in presses]


def _faster(case: str, ours: list[Rates], theirs: list[Rates], peer: Peer, least: float, kind: str) -> Row:
    mine = [getattr(rates, kind) for rates in ours]
    other = [getattr(rates, kind) for rates in theirs]
    name = f"{peer.name} echo {'of a message' if kind == 'messages' else 'of a card action'}"
    return Row(case, "/s", mine, least, at_least=True, against=name, theirs=other)

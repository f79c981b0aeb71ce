"""Who checks what the clocks did: what must have fired with what did, and that with what people were told."""

import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import literal_column, select

from app.domain.events import CLOCK_FIRED, PING_SENT, PROMISE_MISSED
from app.store.schema import cards, events, outbox, pings, tickets
from tests.reliability.load import rows
from tests.reliability.promises import IN_THREAD, Desk, Targets
from tests.support.teams import FakeTeams


@dataclass
class Kept:
    """What database and Teams say together."""

    timers: int
    fired: int
    late: list[float]
    """Seconds from due to fired, of every timer."""
    kills: int = 0
    told_late: list[float] = field(default_factory=list)
    """Seconds from fired to the message that pings somebody."""
    repeated: int = 0
    """Messages that people see twice because a sender vanished between sending and writing down that it had."""
    faults: dict[str, list[Any]] = field(default_factory=dict)
    """What must not be, by its name."""

    def blame(self, name: str, found: Iterable[Any]) -> None:
        """Note faults of one kind, if there are any."""
        if listed := list(found):
            self.faults.setdefault(name, []).extend(listed)


async def check_promises(desk: Desk, raised: Sequence[int]) -> Kept:
    """Compare what must have fired with what did, and that with what people were told."""
    kept = await check_fired(desk.address, desk.targets, raised)
    kept.kills = desk.kills
    unfinished = select(outbox.c.id, outbox.c.state, outbox.c.reason).where(outbox.c.state.not_in(("sent", "dropped")))
    kept.blame("not sent", await rows(desk.address, unfinished))
    await _compare_messages(desk, kept)
    return kept


async def check_fired(address: str, targets: Targets, raised: Sequence[int]) -> Kept:
    """Compare what must have fired with what did."""
    stored = await rows(address, select(tickets.c.id, tickets.c.created_at))
    due = {step.key: step for ticket, at in stored for step in targets.due(ticket, at)}
    found = await fired(address)
    known = [(each, due[each.key]) for each in found if each.key in due]
    times = Counter(each.key for each in found)
    late = [(each.at - step.due).total_seconds() for each, step in known]
    kept = Kept(timers=len(due), fired=len(found), late=late)
    kept.blame("not raised", set(raised) ^ {ticket for ticket, _ in stored})
    kept.blame("not fired", (step for key, step in due.items() if key not in times))
    kept.blame("fired twice", (key for key, count in times.items() if count > 1))
    kept.blame("fired without being due", (each for each in found if each.key not in due))
    kept.blame("fired early", (each for each, step in known if min(each.at, each.seen) < step.due))
    kept.blame("another due time", (each for each, step in known if each.reached != step.due))
    kept.blame("out of order", _out_of_order(found))
    return kept


class Fired(NamedTuple):
    """A step that fired: `at` as the product says, `seen` as PostgreSQL's own clock does."""

    key: tuple[int, str, int]
    at: datetime
    seen: datetime
    reached: datetime


async def fired(address: str) -> list[Fired]:
    """Every step that fired, in the order in which the history has them."""
    is_sqlite = address.startswith("sqlite")
    seen = events.c.at if is_sqlite else literal_column("(SELECT at FROM witness WHERE event = events.id)")
    query = select(events.c.ticket, events.c.data, events.c.at, seen).where(events.c.code == CLOCK_FIRED)
    return [
        Fired((ticket, data["clock"], data["percent"]), at, witnessed, datetime.fromisoformat(data["reached"]))
        for ticket, data, at, witnessed in await rows(address, query.order_by(events.c.id))
    ]


def _out_of_order(fired: Sequence[Fired]) -> list[int]:
    """Tickets whose steps did not fire in the order in which they fell due."""
    of_ticket: dict[int, list[datetime]] = {}
    for each in fired:
        of_ticket.setdefault(each.key[0], []).append(each.reached)
    return [ticket for ticket, reached in of_ticket.items() if reached != sorted(reached)]


async def _compare_messages(desk: Desk, kept: Kept) -> None:
    """One message for each ping and round, each promise that was missed, and each step told in the thread."""
    asked, at_least, began = await _asked(desk)
    pinged, first = _pinged(desk.teams)
    _compare("ping", asked, at_least, pinged, kept)
    kept.told_late = [(first[key] - at).total_seconds() for key, at in began.items() if key in first]
    missed = await _missed(desk)
    promises = select(events.c.ticket).where(events.c.code == PROMISE_MISSED)
    promised_anew = Counter(ticket for (ticket,) in await rows(desk.address, promises))
    kept.blame("promised anew", (each for each in missed if promised_anew[each] != missed[each]))
    told = Counter({("requester", ticket): 1 + times for ticket, times in missed.items()})
    told.update({("thread", ticket): IN_THREAD for ticket in missed})
    _compare("message", told, told, await _seen(desk), kept)
    log = desk.log
    explained = sum(log.count(why) for why in ('"posts_again":true', '"reason":"timeout"', "connection_lost"))
    kept.blame("told twice without a reason", range(explained, kept.repeated))


def _compare(what: str, most: Counter[Any], least: Counter[Any], seen: Counter[Any], kept: Kept) -> None:
    """What people saw more often than they should is either the ambiguous window, or a fault."""
    kept.blame(f"{what} missing", ((key, count, seen[key]) for key, count in least.items() if seen[key] < count))
    kept.blame(f"{what} never caused", (key for key in seen if key not in most))
    kept.repeated += sum(max(0, seen[key] - count) for key, count in most.items())


async def _asked(desk: Desk) -> tuple[Counter[Any], Counter[Any], dict[Any, datetime]]:
    """Ping and person → messages they get at most and at least, and when they were asked.

    It is one for being asked and one for each reminder. Those that wait together are one, and a ping that is settled
    before its message leaves is not sent.
    """
    known = {row.id: row for row in await rows(desk.address, select(pings))}
    most: Counter[Any] = Counter()
    least: Counter[Any] = Counter()
    began: dict[Any, datetime] = {}
    sent = select(events.c.at, events.c.data).where(events.c.code == PING_SENT).order_by(events.c.id)
    for at, data in await rows(desk.address, sent):
        ping = known[data["ping"]]
        for person in data["to"]:
            times = 1 + (ping.reminders if person in ping.now_asked else desk.targets.reminders)
            most[ping.id, person] += times
            least[ping.id, person] += ping.state != "stopped"
            began.setdefault((ping.id, person), at)
    return most, least, began


async def _missed(desk: Desk) -> Counter[int]:
    """Ticket → how often its requester is owed a new promise: two that break at the same look are one."""
    query = select(events.c.ticket, events.c.at, events.c.data).where(events.c.code == CLOCK_FIRED)
    looks = {
        (ticket, at)
        for ticket, at, data in await rows(desk.address, query)
        if data["percent"] == 100 and data["clock"] in ("next_update", "resolution")
    }
    return Counter(ticket for ticket, _ in looks)


def _pinged(teams: FakeTeams) -> tuple[Counter[Any], dict[Any, datetime]]:
    """Ping and person → messages in their chat; and when the first came."""
    began = datetime.now(UTC) - timedelta(seconds=time.monotonic())
    seen: Counter[Any] = Counter()
    first: dict[Any, datetime] = {}
    for each in teams.accepted:
        named = re.search(r"'ping': (\d+)", str(each.activity))
        if each.kind == "send" and named:
            key = (int(named[1]), each.conversation_id.removeprefix("a:"))
            seen[key] += 1
            first.setdefault(key, began + timedelta(seconds=each.at))
    return seen, first


async def _seen(desk: Desk) -> Counter[Any]:
    """Messages to requesters and in threads, by ticket."""
    in_lines = select(cards.c.conversation, cards.c.ticket).where(cards.c.slot.like("line:%"))
    threads = {row.conversation: row.ticket for row in await rows(desk.address, in_lines)}
    others = {f"a:{each.aad_id}" for each in (*desk.people.leads, *desk.people.managers, desk.people.admin)}
    seen: Counter[Any] = Counter()
    for each in desk.teams.accepted:
        if each.kind != "send" or each.conversation_id in others:
            continue
        if each.conversation_id in threads:
            seen["thread", threads[each.conversation_id]] += 1
        elif named := re.search(r"'ticket': (\d+)", str(each.activity)):
            seen["requester", int(named[1])] += 1
    return seen

"""What happens to INC-12: what is told of the past is the whole history, and what is announced is what then happens."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, select

from app.cli import story
from app.domain.clocks import Clock, State
from app.domain.errors import NotFound
from app.domain.events import (
    CLOCK_FIRED,
    COUNT_REACHED,
    PING_ACKNOWLEDGED,
    PING_SENT,
    PING_UNDELIVERED,
    PREVENTION_DONE,
    PROMISE_MISSED,
)
from app.domain.events import PRIORITY_RAISED as RAISED
from app.domain.explanation import (
    Ahead,
    EndingAhead,
    Explanation,
    PingAhead,
    PreventionAhead,
    StepAhead,
    Told,
)
from app.domain.ping import PingMove, PingState
from app.domain.verbs import SUBMIT, Verb
from app.domain.waiting import Ending
from app.i18n import Text, Texts
from app.services import explain
from app.store import pings, preventions, tickets
from app.store.schema import events, outbox
from tests.services.prepared import on
from tests.support.desk import FIRST, NETWORK, Cast, World, escalating_desk, verbs, world
from tests.support.inbound import Person

BERLIN = ZoneInfo("Europe/Berlin")
HAND_OVER = {"line": "network", "reason": "skill", "tried": "Neu verbunden", "needed": "Tunnel prüfen"}


@asynccontextmanager
async def met(address: str, cast: Cast, text: str | None = None) -> AsyncIterator[World]:
    """A running desk that escalates, in which everybody can be reached."""
    async with world(address, cast=cast, desk_text=text or escalating_desk(cast)) as running:
        for person in (*(cast.requester, cast.mara, cast.nina, cast.lead, cast.deputy, cast.manager, cast.admin),):
            await running.write(person, "hilfe")
        yield running


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    async with met(address, Cast()) as running:
        yield running


PATIENT = ("remind_after: 10m, reminders: 2", "remind_after: 8h, reminders: 1")
"""Fewer moves in the same time, so that days pass quickly."""


async def explained(desk: World, number: str) -> Explanation:
    return await desk.database.read(lambda tx: explain.explain(tx, desk.desk, id_of(number), desk.clock.now()))


async def told(desk: World, number: str, language: str = "en") -> list[str]:
    """Every line of it as the command line prints it."""
    return list(story.lines(await explained(desk, number), Texts.load().language(language), BERLIN))


def id_of(number: str) -> int:
    return int(number.partition("-")[2])


def names(whom: Told) -> list[str]:
    return [person.name for person in (*whom.people, *whom.otherwise)]


# --- the past


async def test_the_listing_tells_a_story_from_the_beginning_to_now(desk: World) -> None:
    ada, mara, nina, lead = desk.cast.requester, desk.cast.mara, desk.cast.nina, desk.cast.lead
    number = await desk.submit()
    about = on(id_of(number))
    await desk.click(mara, "ticket.take", about, channel=FIRST)
    await desk.click(mara, "ticket.pend", {**about, "reason": "requester", "text": "Which\ndevice?"}, channel=FIRST)
    desk.clock.advance(minutes=30)
    before = await told(desk, number)
    await desk.click(ada, "ticket.comment", {**about, "text": "Laptop 7"})
    await desk.click(mara, "ticket.escalate", {**about, **HAND_OVER}, channel=FIRST)
    desk.clock.advance(hours=2)
    await desk.settle()
    ping = next(each for each in desk.messages(lead.chat_id) if "ping.acknowledge" in verbs(each.card))
    await desk.press(lead, ping, "ping.acknowledge")
    returned = {**about, "reason": "first_line_can", "advice": "See guide 7"}
    await desk.click(nina, "offer.return", returned, channel=NETWORK)
    after = await told(desk, number)
    assert past(before) == [
        "  Fri 20 Nov, 13:00  Ada Lovelace raised it: ◇ P3 normal, with First line",
        "  Fri 20 Nov, 13:00  Mara Klein took it",
        "      Status: ○ New → ◐ In progress · Assigned to: – → Mara Klein",
        "  Fri 20 Nov, 13:00  Mara Klein set it to pending for an answer",
        "      Status: ◐ In progress → ◔ Pending",
        "      “Which device?”",
    ]
    assert past(after) == [
        *past(before),
        "  Fri 20 Nov, 13:30  Ada Lovelace added information",
        "      Status: ◔ Pending → ◐ In progress",
        "      “Laptop 7”",
        "  Fri 20 Nov, 13:30  Mara Klein offers it to Network: Special knowledge is missing",
        "      What was tried: “Neu verbunden”",
        "      What is needed: “Tunnel prüfen”",
        "  Fri 20 Nov, 15:30  Acceptance: 100 % of the time used, overdue since Fri 20 Nov, 15:30",
        "      Told: lead (rule 6 of the escalation)",
        "  Fri 20 Nov, 15:30  Asked: Lea Leitner (Acceptance)",
        "  Fri 20 Nov, 15:30  Lea Leitner looks after it (Acceptance)",
        "  Fri 20 Nov, 15:30  Nina Netz returned it to First line: The first line can do it",
        "      Advice: “See guide 7”",
    ]


def past(listing: list[str]) -> list[str]:
    """The section on what happened."""
    return listing[listing.index("What happened") + 1 : listing.index("What is running") - 1]


async def test_everything_that_can_happen_to_a_ticket_has_words(desk: World) -> None:
    codes = {code for language in ("de", "en") for code in _without_words(Texts.load().language(language))}
    assert codes == set()


def _without_words(t: Text) -> list[str]:
    happen = [SUBMIT, *Verb, CLOCK_FIRED, PROMISE_MISSED, COUNT_REACHED, PING_SENT, PING_ACKNOWLEDGED, PING_UNDELIVERED]
    return [code for code in (*happen, *Ending, PREVENTION_DONE, RAISED) if not t.has(f"explain.event.{code}")]


async def test_a_message_that_did_not_arrive_is_told_with_its_reason(desk: World) -> None:
    desk.teams.blocked.add(desk.cast.requester.chat_id)
    number = await desk.submit()
    await desk.click(desk.cast.mara, "ticket.take", on(id_of(number)), channel=FIRST)
    listing = "\n".join(await told(desk, number))
    assert "Message “Ticket card” to Ada Lovelace: undeliverable" in listing
    assert "The person blocked the bot" in listing


async def test_hostile_words_stay_on_one_line_of_the_terminal(desk: World) -> None:
    number = await desk.submit(title="\x1b[2J" + "x" * 90)
    about = on(id_of(number))
    hostile = "\x1b]0;owned\x07\r\n\u2028What will happen\n" + "long " * 200
    await desk.click(desk.cast.mara, "ticket.note", {**about, "text": hostile}, channel=FIRST)
    listing = await told(desk, number)
    assert all(len(line) <= 120 and line.isprintable() for line in listing)
    assert listing.count("What will happen") == 1


# --- what runs


async def test_a_clock_that_stands_still_tells_since_when_and_what_is_left_of_it(desk: World) -> None:
    number = await desk.submit(urgency="high")
    about = on(id_of(number))
    await desk.click(desk.cast.mara, "ticket.take", about, channel=FIRST)
    desk.clock.advance(hours=2, minutes=30)
    await desk.click(desk.cast.mara, "ticket.pend", {**about, "reason": "requester", "text": "?"}, channel=FIRST)
    paused_at = desk.clock.now()
    desk.clock.advance(hours=20)
    clock = next(each for each in (await explained(desk, number)).clocks if each.clock is Clock.RESOLUTION)
    assert (clock.state, clock.used, clock.due_at) == (State.PAUSED, 31, None)
    assert (clock.paused_since, timedelta(seconds=clock.left)) == (paused_at, timedelta(hours=5, minutes=30))
    assert "goes on with 5 hours 30 minutes left." in "\n".join(await told(desk, number)).replace("\n    ", " ")
    await desk.click(desk.cast.requester, "ticket.comment", {**about, "text": "Laptop"})
    running = next(each for each in (await explained(desk, number)).clocks if each.clock is Clock.RESOLUTION)
    assert running.state is State.RUNNING
    assert running.due_at == datetime(2026, 11, 23, 13, 30, tzinfo=UTC)  # Monday: 4 h before lunch, 1 h 30 min after


async def test_a_resolved_ticket_can_be_reopened_for_a_fortnight_and_then_closes(desk: World) -> None:
    number = await desk.submit()
    await desk.click(desk.cast.mara, "ticket.resolve", {**on(id_of(number)), "resolution": "Fixed"}, channel=FIRST)
    seen = await explained(desk, number)
    assert [each.ending for each in seen.ahead if isinstance(each, EndingAhead)] == [Ending.CLOSING, Ending.CLOSED]
    assert len(seen.ahead) == 2
    assert seen.reopen_until == desk.clock.now() + timedelta(days=14)
    desk.clock.advance(days=14, seconds=1)
    assert (await explained(desk, number)).reopen_until is None


async def test_a_ticket_that_escalates_by_an_earlier_desk_file_says_so(address: str) -> None:
    cast = Cast()
    async with met(address, cast) as desk:
        number = await desk.submit()
        assert not (await explained(desk, number)).is_older_policy
    changed = escalating_desk(cast).replace("tell: [lead, manager], raise_priority: true", "tell: [admin]")
    async with met(address, cast, changed) as desk:
        seen = await explained(desk, number)
        steps = [each for each in seen.ahead if isinstance(each, StepAhead) and each.rule.number]
        assert seen.is_older_policy
        assert steps
        assert all(each.rule.is_older for each in steps if each.clock is not Clock.ACCEPTANCE)
        late = next(each for each in steps if (each.clock, each.percent) == (Clock.RESOLUTION, 100))
        assert names(late.told) == ["Lea Leitner", "Max Manager"]
        fresh = await desk.submit()
        assert not (await explained(desk, fresh)).is_older_policy


async def test_a_manager_only_the_directory_knows_is_named_by_whose_manager_it_is(address: str) -> None:
    cast = Cast()
    text = escalating_desk(cast).replace(f', deputy: "{cast.deputy.aad_id}",', ",")
    text = text.replace(f'manager: "{cast.manager.aad_id}"}}\n  management', "}\n  management").replace(
        ",\n            }", "}"
    )
    async with met(address, cast, text) as desk:
        number = await desk.submit()
        await desk.click(cast.mara, "ticket.take", on(id_of(number)), channel=FIRST)
        late = next(
            each
            for each in (await explained(desk, number)).ahead
            if isinstance(each, StepAhead) and (each.clock, each.percent) == (Clock.RESOLUTION, 100)
        )
        assert late.told.manager_of
        assert (late.told.manager_of.name, names(late.told)) == ("Mara Klein", ["Lea Leitner", "Lea Leitner"])
        listing = " ".join(line.strip() for line in await told(desk, number))
        assert "the manager of Mara Klein in the directory (where it names none: Lea Leitner)" in listing


async def test_a_ticket_nobody_raised_is_not_found(desk: World) -> None:
    for number in ("INC-1", "INC-999999999999999"):
        with pytest.raises(NotFound):
            await explained(desk, number)


# --- what is announced happens


async def new(desk: World) -> str:
    return await desk.submit()


async def urgent(desk: World) -> str:
    return await desk.submit(urgency="high", impact="site")


async def taken(desk: World) -> str:
    number = await desk.submit()
    await desk.click(desk.cast.mara, "ticket.take", on(id_of(number)), channel=FIRST)
    desk.clock.advance(hours=1)
    return number


async def offered(desk: World) -> str:
    number = await taken(desk)
    await desk.click(desk.cast.mara, "ticket.escalate", {**on(id_of(number)), **HAND_OVER}, channel=FIRST)
    return number


async def pinging(desk: World) -> str:
    """Nobody answered for days: the lead was asked, then reminded once."""
    number = await desk.submit()
    await move_to(desk, datetime(2026, 11, 21, 0, 15, tzinfo=UTC))
    return number


async def nudged(desk: World) -> str:
    number = await desk.submit()
    await move_to(desk, datetime(2026, 11, 20, 16, 20, tzinfo=UTC))
    await desk.click(desk.cast.requester, "ticket.nudge", {**on(id_of(number)), "reason": "promise_missed"})
    return number


async def unanswered(desk: World) -> str:
    """Whoever was asked first cannot be reached."""
    desk.teams.blocked.add(desk.cast.lead.chat_id)
    return await pinging(desk)


async def away(desk: World) -> str:
    """Whoever is asked first said that they are away, and so did whoever follows."""
    for person in (desk.cast.lead, desk.cast.deputy):
        await desk.write(person, "absent until 2026-12-24")
    number = await desk.submit()
    await desk.click(desk.cast.mara, "ticket.notify_manager", {**on(id_of(number)), "reason": "Help"}, channel=FIRST)
    return number


async def stopped(desk: World) -> str:
    """The desk stood still over the time at which things were due."""
    number = await offered(desk)
    desk.clock.advance(days=3)
    return number


async def accepted_late(desk: World) -> str:
    """Network accepts when management was to be asked long ago."""
    number = await offered(desk)
    await move_to(desk, datetime(2026, 11, 26, 12, 0, tzinfo=UTC))
    await desk.click(desk.cast.nina, "offer.accept", on(id_of(number)), channel=NETWORK)
    return number


async def asked(desk: World) -> str:
    """The requester does not answer."""
    number = await taken(desk)
    about = on(id_of(number))
    await desk.click(desk.cast.mara, "ticket.pend", {**about, "reason": "requester", "text": "?"}, channel=FIRST)
    return number


async def resolved(desk: World) -> str:
    """Nobody confirms that it works."""
    number = await taken(desk)
    await desk.click(desk.cast.mara, "ticket.resolve", {**on(id_of(number)), "resolution": "Fixed"}, channel=FIRST)
    return number


async def prevented(desk: World) -> str:
    """Management resolved it, and something is to be done by Thursday."""
    number, manager = await desk.submit(category="other"), desk.cast.manager
    about = on(id_of(number))
    grave = {"gravity": "image", "business_impact": "A lot", "line": "management"}
    await desk.click(desk.cast.mara, "ticket.escalate", {**about, **HAND_OVER, **grave}, channel=FIRST)
    await desk.click(manager, "offer.accept", about)
    action = {"prevention": "Add a second line", "owner": desk.cast.mara.aad_id, "due": "2026-11-26"}
    await desk.click(manager, "ticket.resolve", {**about, "resolution": "Fixed", "first_line_could": "yes", **action})
    return number


STORIES = (
    new,
    urgent,
    taken,
    offered,
    accepted_late,
    pinging,
    nudged,
    unanswered,
    away,
    stopped,
    asked,
    resolved,
    prevented,
)


@pytest.mark.parametrize("story_of", STORIES)
async def test_what_is_announced_happens_then_and_to_those_people(
    address: str, story_of: Callable[[World], Awaitable[str]]
) -> None:
    cast = Cast()
    async with met(address, cast, escalating_desk(cast).replace(*PATIENT)) as desk:
        await assert_kept(desk, await story_of(desk))


async def assert_kept(desk: World, number: str) -> None:
    """Everything that is announced now is done."""
    seen = await explained(desk, number)
    assert seen.ahead
    last = await last_event(desk)
    for each in seen.ahead:
        await move_to(desk, each.at)
        await assert_done(desk, number, each)
    steps = [each for each in seen.ahead if isinstance(each, StepAhead)]
    fired, announced = await fired_since(desk, last), [(each.clock, each.percent) for each in steps]
    for clock in Clock:  # of the promises that follow each other for ever the first few are announced
        happened = [each for each in fired if each[0] is clock]
        foretold = [each for each in announced if each[0] is clock]
        assert happened[: len(foretold) if clock is Clock.NEXT_UPDATE else None] == foretold
    [[raises]] = await desk.rows("SELECT count(*) FROM events WHERE code = 'priority.raised' AND id > :last", last=last)
    assert raises == sum(each.raised_to is not None for each in steps)


async def move_to(desk: World, moment: datetime) -> None:
    """Let time pass until then, and everything be done when it is due."""
    await desk.settle()
    while (due := await desk.database.read(next_due)) and due <= moment:
        desk.clock.moment = max(due, desk.clock.moment)
        await desk.settle()
    desk.clock.moment = max(moment, desk.clock.moment)
    await desk.settle()


def next_due(tx: Connection) -> datetime | None:
    ahead = (tickets.next_timer(tx), pings.next_due(tx), preventions.next_due(tx))
    return min((at for at in ahead if at), default=None)


async def events_at(desk: World, number: str, at: datetime, code: str) -> list[Any]:
    """The data of what happened to the ticket at this very moment."""

    def read(tx: Connection) -> list[Any]:
        then = (events.c.ticket == id_of(number)) & (events.c.at == at) & (events.c.code == code)
        return list(tx.execute(select(events.c.data).where(then).order_by(events.c.id)).scalars())

    return await desk.database.read(read)


async def last_event(desk: World) -> int:
    [[last]] = await desk.rows("SELECT max(id) FROM events")
    return int(last)


async def fired_since(desk: World, last: int) -> list[tuple[Clock, int]]:
    def read(tx: Connection) -> list[tuple[Clock, int]]:
        since = select(events).where((events.c.id > last) & (events.c.code == CLOCK_FIRED)).order_by(events.c.id)
        return [(Clock(row.data["clock"]), row.data["percent"]) for row in tx.execute(since).all()]

    return await desk.database.read(read)


async def assert_done(desk: World, number: str, announced: Ahead) -> None:
    at = announced.at
    match announced:
        case StepAhead():
            fired = await events_at(desk, number, at, CLOCK_FIRED)
            [step] = [
                each for each in fired if (each["clock"], each["percent"]) == (announced.clock, announced.percent)
            ]
            assert step.get("rule") == announced.rule.number
            await assert_told(desk, number, at, announced.told, announced.clock)
            raised = await events_at(desk, number, at, RAISED)
            assert not announced.raised_to or [each["new"]["priority"] for each in raised] == [announced.raised_to]
            if announced.offered_to:
                [offer] = await events_at(desk, number, at, Verb.ESCALATE)
                assert offer["to"] == announced.offered_to.id
            if announced.deferred:
                waits = (await explained(desk, number)).deferred
                assert [(each.line, each.after) for each in waits] == [
                    (announced.deferred.line, announced.deferred.after)
                ]
            if announced.new_promise_by:
                assert await events_at(desk, number, at, PROMISE_MISSED)
                promise = next(
                    each for each in (await explained(desk, number)).clocks if each.clock is Clock.NEXT_UPDATE
                )
                assert promise.due_at == announced.new_promise_by
        case PingAhead(move=PingMove.ASK):
            await assert_told(desk, number, at, announced.told, announced.ping.cause)
        case PingAhead(move=PingMove.ABSENT):
            passed = [each.get("absent") for each in await events_at(desk, number, at, PING_SENT)]
            assert [each.id for each in announced.told.people] in passed
        case PingAhead(move=PingMove.REMINDER):
            assert await reminded_at(desk, at) >= {each.id for each in announced.told.people}
        case PingAhead(move=PingMove.GIVE_UP):
            row = await desk.database.read(lambda tx: pings.find(tx, announced.ping.id))
            assert row
            assert row.state is PingState.EXHAUSTED
            assert announced.is_estimate or row.ended_at == at
        case EndingAhead():
            assert await events_at(desk, number, at, announced.ending)
        case PreventionAhead():
            assert await reminded_at(desk, at) == {announced.action.owner.id}


async def assert_told(desk: World, number: str, at: datetime, whom: Told, about: str) -> None:
    """Those are asked who were named, and nobody else; lines read it in the ticket's thread."""
    named = [each.id for each in (*whom.people, *whom.otherwise)]
    expected = [list(dict.fromkeys(named))] if named else []
    sent = [each for each in await events_at(desk, number, at, PING_SENT) if each["cause"] == about]
    asked = [each["to"] for each in sent if "absent" not in each or [each["to"]] == expected]
    # whoever cannot be reached, or is away, is followed at once
    assert (asked[:1] if desk.teams.blocked or whom.absent else asked) == expected
    assert await reminded_at(desk, at) >= set(named)
    threads = await desk.rows("SELECT target FROM outbox WHERE what = 'thread_clock'")
    assert {f"line:{each.id}" for each in whom.lines} <= {target for [target] in threads}


async def reminded_at(desk: World, at: datetime) -> set[str]:
    """Everybody to whom a card that asks for something went out at this moment."""

    def read(tx: Connection) -> set[str]:
        asking = outbox.c.what.in_(["ping", "prevention"]) & (outbox.c.created_at == at)
        return {row.target.removeprefix("person:") for row in tx.execute(select(outbox).where(asking)).all()}

    return await desk.database.read(read)


# --- who is told


async def answered(desk: World, person: Person, words: str, **where: str) -> str:
    place = where.get("channel", person.chat_id).partition(";")[0]
    before = len(desk.messages(place))
    await desk.write(person, words, **where)
    [answer] = desk.messages(place)[before:]
    return answer.words


@pytest.mark.parametrize(
    "words", ["explain {}", "erkläre {}", "erklären {}", "was passiert mit {}?", "What happens to {}?", "EXPLAIN {}."]
)
async def test_an_agent_asks_in_their_own_words(desk: World, words: str) -> None:
    number = await taken(desk)
    assert f"Was mit {number} geschieht" in await answered(desk, desk.cast.mara, words.format(number.lower()))


async def test_an_agent_asks_in_the_tickets_thread_without_its_number(desk: World) -> None:
    number = await taken(desk)
    thread = desk.line_card(FIRST, number).conversation_id
    for words in ("explain", "was passiert?"):
        assert f"Was mit {number} geschieht" in await answered(desk, desk.cast.mara, words, channel=thread)
    assert "Zu welchem Ticket?" in await answered(desk, desk.cast.mara, "explain")


async def test_those_who_work_on_a_ticket_are_told_and_others_get_no_more_than_their_own_card(desk: World) -> None:
    number = await offered(desk)
    await desk.click(desk.cast.mara, "ticket.note", {**on(id_of(number)), "text": "Streng intern"}, channel=FIRST)
    await move_to(desk, desk.clock.now() + timedelta(hours=5))
    asked = f"explain {number}"
    for person in (desk.cast.mara, desk.cast.nina, desk.cast.lead, desk.cast.admin):
        assert "Streng intern" in await answered(desk, person, asked), person.name
    own = await answered(desk, desk.cast.requester, asked)
    assert number in own
    assert not any(secret in own for secret in ("Streng intern", "Lea Leitner", "Regel", "geschieht"))
    for person in (desk.cast.stranger, desk.cast.manager):
        assert "nicht sichtbar" in await answered(desk, person, asked), person.name


async def test_a_line_that_handed_the_ticket_over_is_not_told_what_happens_to_it_now(desk: World) -> None:
    number = await offered(desk)
    await desk.click(desk.cast.nina, "offer.accept", on(id_of(number)), channel=NETWORK)
    assert "Was mit" in await answered(desk, desk.cast.nina, f"explain {number}", channel=NETWORK)
    left = await answered(desk, desk.cast.mara, f"explain {number}", channel=FIRST)
    assert "Was mit" not in left
    assert "Liegt jetzt bei Netzwerk" in left


async def test_a_channel_reads_it_only_of_a_ticket_of_its_line(desk: World) -> None:
    number = await taken(desk)
    asked = f"explain {number}"
    assert "Was mit" in await answered(desk, desk.cast.mara, asked, channel=FIRST)
    for person, place in (
        (desk.cast.admin, FIRST),
        (desk.cast.requester, FIRST),
        (desk.cast.mara, NETWORK),
        (desk.cast.admin, NETWORK),
        (desk.cast.mara, "19:elsewhere@thread.tacv2"),
    ):
        assert "nicht sichtbar" in await answered(desk, person, asked, channel=place), (person.name, place)


async def test_a_confidential_ticket_is_explained_in_the_personal_chat_only(desk: World) -> None:
    number = await desk.submit(title="vertraulich: Gehalt", category="other")
    in_channel = await answered(desk, desk.cast.mara, f"explain {number}", channel=FIRST)
    assert "nur im persönlichen Chat" in in_channel
    assert "Gehalt" not in in_channel
    assert "Gehalt" in await answered(desk, desk.cast.mara, f"explain {number}")
    assert "nicht sichtbar" in await answered(desk, desk.cast.stranger, f"explain {number}", channel=FIRST)

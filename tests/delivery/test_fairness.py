"""One person floods the desk: everybody else's cards arrive as if nothing were."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from app.delivery.limits import Limits, Window
from app.domain.people import Actor
from app.domain.priority import Impact, Urgency
from app.domain.ticket import Kind
from app.services import tickets
from app.services.tickets import Submission, Turn
from tests.delivery.office import Office, most_within
from tests.support import requests
from tests.support.desk import FIRST

ARRIVES_WITHIN_SECONDS = 5
FLOOD = 300
UNLIMITED = (Window(10_000, 1),)


def actor(person: str, *lines: str) -> Actor:
    return Actor(person, person.title(), "de", frozenset(lines))


async def submit(office: Office, person: str, title: str, count: int = 1) -> list[int]:
    form = Submission(title, "Bitte.", "other", Urgency.NORMAL, Impact.ME, Kind.INCIDENT)
    turn = Turn(actor(person), office.clock.now())

    def unit(tx: Connection) -> list[int]:
        return [tickets.submit(tx, office.desk, turn, form).ticket.id for _ in range(count)]

    return await office.database.write(unit)


async def act(office: Office, who: Actor, ticket: int, request: Any) -> None:
    turn = Turn(who, office.clock.now())
    await office.database.write(lambda tx: tickets.act(tx, office.desk, turn, ticket, request))


async def arrivals(office: Office, ticket: int) -> dict[str, float]:
    """When each message about the ticket was last taken by Teams, by its target and kind."""
    rows = await office.rows("target, kind, done_at, state", f"ticket = {ticket}")
    assert {state for *_, state in rows} == {"sent"}, rows
    reads = {f"{target} {kind}": done_at for target, kind, done_at, _ in rows}
    return {name: _seconds(at) for name, at in reads.items()}


def _seconds(at: object) -> float:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    assert isinstance(moment, datetime)
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


@pytest.mark.parametrize("flood_lasts", [0.5, 16])
async def test_another_requesters_cards_arrive_within_seconds_of_a_flood(office: Office, flood_lasts: float) -> None:
    await submit(office, "ada", "Flut", FLOOD)
    dispatcher = office.dispatcher()
    await office.run(dispatcher, flood_lasts)
    raised_at = office.clock.monotonic()
    [ticket] = await submit(office, "bob", "Drucker")
    await office.run(dispatcher, ARRIVES_WITHIN_SECONDS)
    arrived = await arrivals(office, ticket)
    assert set(arrived) == {"person:bob card", "line:first card"}
    assert max(arrived.values()) - raised_at < ARRIVES_WITHIN_SECONDS


async def test_what_others_say_about_their_tickets_arrives_within_seconds_of_a_flood(office: Office) -> None:
    [ticket] = await submit(office, "bob", "Drucker")
    dispatcher = office.dispatcher()
    await office.run(dispatcher, 1)
    await submit(office, "ada", "Flut", FLOOD)
    await office.run(dispatcher, 16)
    said_at = office.clock.monotonic()
    await act(office, actor("bob"), ticket, requests.Comment("Noch etwas"))
    await act(office, actor("mara", "first"), ticket, requests.Reply("Ich komme"))
    await office.run(dispatcher, ARRIVES_WITHIN_SECONDS)
    arrived = await arrivals(office, ticket)
    assert {"line:first thread", "line:first card", "person:bob tell", "person:bob card"} <= set(arrived)
    assert max(arrived.values()) - said_at < ARRIVES_WITHIN_SECONDS


async def test_an_agent_who_answers_hundreds_at_once_leaves_room_for_everybody_else(office: Office) -> None:
    """Their messages go to as many chats as there are requesters: Teams' limit for the whole company is shared, too."""
    people = [f"p{number}" for number in range(90)]
    await office.meet(*(f"a:{person}" for person in people))
    raised = [(await submit(office, person, "Alt"))[0] for person in people]
    await office.dispatcher(limits=Limits(UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED)).deliver_due()
    office.clock.advance(hours=2)
    dispatcher, mara = office.dispatcher(), actor("mara", "first")
    for ticket in raised:
        await act(office, mara, ticket, requests.Reply("Erledigt"))
    await office.run(dispatcher, 2)
    raised_at = office.clock.monotonic()
    [ticket] = await submit(office, "bob", "Drucker")
    await office.run(dispatcher, ARRIVES_WITHIN_SECONDS)
    arrived = await arrivals(office, ticket)
    assert max(arrived.values()) - raised_at < ARRIVES_WITHIN_SECONDS


async def test_a_flood_arrives_whole_and_in_order_and_within_teams_limits(office: Office) -> None:
    raised = await submit(office, "ada", "Flut", 60)
    await act(office, actor("mara", "first"), raised[-1], requests.Take())
    await office.run(office.dispatcher(), 90)
    rows = await office.rows("done_at, ticket", "kind = 'card' AND target = 'line:first'")
    assert [ticket for _, ticket in sorted(rows)] == raised
    assert set(await office.states()) == {"sent"}
    times = office.teams.times(FIRST)
    assert [most_within(times, seconds) <= most for most, seconds in ((7, 1), (8, 2), (60, 30))] == [True] * 3


async def test_a_ticket_is_told_in_order_whoever_acts(office: Office) -> None:
    """A line that is overheard from somebody quick must not stand above what it answers."""
    await submit(office, "ada", "Flut", 40)
    [ticket] = await submit(office, "ada", "Letztes")
    await act(office, actor("ada"), ticket, requests.Comment("Frage"))
    await act(office, actor("mara", "first"), ticket, requests.Note("Antwort"))
    await office.run(office.dispatcher(), 90)
    rows = await office.rows("what, done_at", f"ticket = {ticket} AND target = 'line:first'")
    assert [what for what, _ in sorted(rows, key=lambda row: row[1])] == ["line", "thread_commented", "thread_noted"]


async def test_a_process_that_takes_over_knows_who_flooded(office: Office) -> None:
    await submit(office, "ada", "Flut", FLOOD)
    await office.run(office.dispatcher(), 8)
    sent = len(office.teams.times(FIRST))
    await office.run(office.dispatcher("next"), 14)
    assert sent < len(office.teams.times(FIRST)) <= 40

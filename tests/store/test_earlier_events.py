"""What earlier versions of the program wrote into the history of tickets is read as it was.

`earlier/events.json` holds a row of every code as they wrote it, `earlier/history.txt` what they told of these rows.
"""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, column, insert, table

import app.store.migrations
from app.actions import registry
from app.actions.nudge import Nudged
from app.cards import explain_past
from app.cards.ping import cause
from app.desk.load import load_text
from app.desk.model import Desk
from app.domain.desk_events import DESK_EVENTS, PingSent
from app.domain.events import NO_CHANGES, NO_DATA, Event
from app.domain.ping import Ping
from app.domain.ticket import NudgeReason
from app.domain.views import TicketView
from app.i18n import Texts
from app.services import past, pings, views
from app.services.access import Access, line_slot
from app.services.following import Edit, deleted, edited
from app.store import event_data, history, people, sources, tickets
from app.store import pings as ping_rows
from app.store.database import Database
from app.store.schema import Json, UtcDateTime
from tests.domain.samples import NOON
from tests.store.samples import added, opened
from tests.support.desk import Cast, escalating_desk

EARLIER = Path(__file__).parent / "earlier"
EVENTS: list[dict[str, Any]] = json.loads((EARLIER / "events.json").read_text("utf-8"))
DESK = load_text(escalating_desk(Cast()))
T = Texts.load().language("en")
NAMES = {"ada": "Ada", "mara": "Mara", "tom": "Tom", "nina": "Nina", "lea": "Lea", "max": "Max"}
ASKED_BY = {"clock.fired": "resolution", "ticket.nudge": "nudge", "ticket.notify_manager": "notify_manager"}
BEFORE = "0009"
TICKET, OTHER = 1001, 1002


def move(tx: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(app.store.migrations.__file__).parent))
    config.attributes["connection"] = tx
    (command.downgrade if revision == BEFORE else command.upgrade)(config, revision)


def fill(tx: Connection) -> None:
    """The rows as the earlier version wrote them."""
    names = ("ticket", "code", "actor", "at", "data")
    types: dict[str, Any] = {"at": UtcDateTime(), "data": Json}
    events = table("events", *(column(name, types.get(name)) for name in names))
    rows = [{**event, "ticket": TICKET, "at": NOON + timedelta(minutes=n)} for n, event in enumerate(EVENTS)]
    tx.execute(insert(events), rows)


def known(tx: Connection) -> None:
    for id, name in NAMES.items():
        people.know(tx, id, name=name, teams_id=None, email=None, now=NOON)
    moved = NOON + timedelta(hours=2)
    for _ in (TICKET, OTHER):
        added(tx, line="network", line_since=moved, comments=9, returned=1, requester="ada", is_pinged=True)


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    """A database that an earlier version filled, migrated."""
    async with opened(address) as opened_one:
        await opened_one.write(known)
        await opened_one.write(lambda tx: move(tx, BEFORE))
        await opened_one.write(fill)
        await opened_one.write(lambda tx: move(tx, "head"))
        yield opened_one


def told(tx: Connection) -> list[str]:
    """What `explain` says of the past, and what pings are about."""
    lines = []
    for entry in past.of_ticket(tx, DESK, TICKET):
        said = explain_past.happened(entry, T, DESK.patience.zone)
        lines += [said.sentence, *(f"    {each}" for each in said.details)]
    view = shown(tx, DESK)
    rows = history.latest(tx, TICKET, (*ASKED_BY, "count.reached"), limit=100)
    return [*lines, "", *(cause(pinged(tx, row.id, row.code), view, T) for row in rows)]


def pinged(tx: Connection, event: int, code: str) -> Any:
    cause_of = ASKED_BY.get(code, "count")
    ping = ping_rows.add(tx, Ping(0, TICKET, cause_of, None, event, "first", ("lead",), None, NOON, NOON))
    ticket = shown(tx, DESK).ticket
    row = ping_rows.find(tx, ping)
    assert row
    return pings.view(tx, DESK, ticket, row)


def shown(tx: Connection, desk: Desk) -> TicketView:
    found = tickets.find(tx, TICKET)
    assert found
    access = Access(found.ticket, frozenset(), found.requester, found.assignee)
    return views.ticket_view(tx, desk, access, line_slot("network"))


async def test_explain_and_pings_tell_it_as_they_did(database: Database) -> None:
    assert "\n".join(await database.write(told)) + "\n" == (EARLIER / "history.txt").read_text("utf-8")


async def test_cards_show_what_was_said_and_how_the_ticket_came_to_its_line(database: Database) -> None:
    view = await database.read(lambda tx: shown(tx, DESK))
    said = [(entry.author.name, entry.text, entry.internal) for entry in view.entries]
    assert said == [
        ("Mara", "Zertifikat gültig.", True),
        ("Ada", "Immer noch.", False),
        ("Mara", "Welche Meldung?", False),
    ]
    assert view.handed_over
    offer = view.handed_over.offer
    assert (view.handed_over.by.name, view.handed_over.line.id, offer.line) == ("IT-Service", "first", "network")
    assert (offer.reason, offer.gravity, offer.business_impact) == ("time", "no_solution", "Kein Versand.")
    assert offer.cause
    assert (offer.cause.clock, offer.cause.percent, offer.cause.due) == ("resolution", 200, NOON.replace(hour=16))


async def test_words_that_were_said_before_the_update_can_be_corrected_and_taken_back_after_it(
    database: Database,
) -> None:
    def correct(tx: Connection) -> list[str]:
        for event, person in ((5, "mara"), (10, "ada")):
            sources.keep(tx, f"m{event}", ticket=TICKET, event=event, person=person, now=NOON)
        anew = Edit("m5", "mara", "Dreimal neu verbinden.", "Dreimal neu verbinden.", "person:mara")
        edited(tx, DESK, anew, now=NOON, correlation=None)
        deleted(tx, DESK, "m10", "ada", now=NOON, correlation=None)
        held = (views.as_it_holds(tx, event) for event in history.whole(tx, TICKET) if event.id in (5, 7, 8, 10))
        return [data.words if data else "" for data in held]

    assert await database.write(correct) == ["Dreimal neu verbinden.", "Zertifikat gültig.", "", ""]


def test_there_is_an_earlier_row_of_every_code() -> None:
    assert {*registry.actions(), *DESK_EVENTS} <= {event["code"] for event in EVENTS}


@pytest.mark.parametrize("event", [event for event in EVENTS if event["code"] != "ticket.of_old"])
def test_what_was_read_is_written_as_it_was(event: dict[str, Any]) -> None:
    stored = event_data.decode(event["code"], event["data"])
    again = event_data.encode(Event(event["code"], "ada", NOON, stored.data, stored.changes, stored.files))
    assert {**again, **nothing_in(event["data"])} == {**nothing_in(again), **event["data"]}


def nothing_in(data: dict[str, Any]) -> dict[str, Any]:
    """What is left out today: what says nothing. Texts that are empty are written."""
    return {name: value for name, value in data.items() if value in (None, [], "")}


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("ticket.reply", {}),
        ("ticket.reply", {"text": None}),
        ("ticket.escalate", {"to": "network", "from": "first", "reason": "because", "tried": "", "needed": ""}),
        ("clock.fired", {"clock": "moon", "percent": 50, "line": "first", "due": "2026-11-20T16:00:00+00:00"}),
        ("clock.fired", {"clock": "resolution", "percent": 50, "line": "first", "due": "tomorrow"}),
        ("ping.sent", {"ping": 1, "cause": "nudge", "to": "ada"}),
        ("ticket.submit", {"new": {"title": "?"}}),
        ("nobody.knows", {"text": "!"}),
    ],
)
def test_a_row_that_lacks_what_its_code_needs_is_an_event_that_says_nothing_more(
    code: str, data: dict[str, Any]
) -> None:
    assert event_data.decode(code, data).data == (PingSent(1, "nudge", ()) if code == "ping.sent" else NO_DATA)


def test_names_that_came_later_or_are_gone_do_not_keep_the_rest_from_being_read() -> None:
    read = event_data.decode("ticket.nudge", {"reason": "deadline", "mood": "bad", "old": {"colour": "red"}, "new": {}})
    assert (read.data, read.changes) == (Nudged(NudgeReason.DEADLINE), NO_CHANGES)


async def test_a_poor_row_has_its_place_in_the_history(database: Database) -> None:
    def read(tx: Connection) -> list[str]:
        events = table("events", *(column(name) for name in ("ticket", "code", "actor")), column("at", UtcDateTime()))
        events.append_column(column("data", Json))
        codes = sorted({*registry.actions(), *DESK_EVENTS})
        tx.execute(
            insert(events), [{"ticket": OTHER, "code": code, "actor": "ada", "at": NOON, "data": {}} for code in codes]
        )
        return [explain_past.happened(each, T, DESK.patience.zone).sentence for each in past.of_ticket(tx, DESK, OTHER)]

    assert len(await database.write(read)) == len({*registry.actions(), *DESK_EVENTS})

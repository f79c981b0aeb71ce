"""What people find among tickets, however they spell it, and what they never find."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy import text as sql

import app.store.migrations
from app.store import analysis, search
from app.store.database import Database
from tests.store.samples import added, opened
from tests.store.test_lists import plan

TICKETS = {
    1: ("VPN bricht ab", "Seit heute früh trennt sich der Tunnel.", "Zertifikat erneuert"),
    2: ("Drucker druckt nur leere Seiten", "PRN-3-Ost im dritten Stock, Fehler 0x80070005", None),
    3: ("Störung im WLAN", "Die Verbindung bricht ab, sobald die Straßenbahn vorbeifährt.", "Kanal gewechselt"),
    4: ("Printer out of toner", "The network printer on the second floor reports an empty cartridge.", None),
    5: ("Passwörter laufen ab", "Nach dem Zurücksetzen gesperrt.", "Richtlinie angepasst"),
    6: ("Monitor schwarz", "Beim VPN-Aufbau wird der zweite Monitor schwarz.", None),
}


def index(tx: Connection, id: int, text: tuple[str, str, str | None], **changes: Any) -> None:
    title, description, resolution = text
    given: dict[str, Any] = {"requester": "ada", "lines": ["first"], "solved": resolution is not None, **changes}
    found_by = search.FindableTicket(
        number=f"INC-{1000 + id}", title=title, description=description, resolution=resolution, **given
    )
    search.index_ticket(tx, id, found_by)


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    async with opened(address) as database:
        await database.write(lambda tx: [index(tx, id, text) for id, text in TICKETS.items()])
        yield database


async def found(database: Database, query: str, **changes: Any) -> list[int]:
    asked: dict[str, Any] = {"person": None, "lines": ["first"], "limit": 5, **changes}
    return await database.read(lambda tx: search.find_tickets(tx, query, **asked))


SPELT = {
    "Störung": 3,
    "Stoerung": 3,
    "störung": 3,
    "STÖRUNG": 3,
    "Storung": 3,
    "Strasse": 3,
    "STRAßENBAHN": 3,
    "o\u0308ffnen Sto\u0308rung": 3,
    "drucken": 2,
    "Drucker leer": 2,
    "Drukcer Seiten": 2,
    "0x80070005": 2,
    "prn-3-ost": 2,
    "printers": 4,
    "Netzwerkdrucker": 2,
    "cartrigde": 4,
    "Passwort": 5,
    "Paswort": 5,
    "zurückgesetzt Passwort": 5,
    "Zertifikate": 1,
    "zertifkat": 1,
    "monitore": 6,
    "INC-1004": 4,
    "inc1004": 4,
    "W-LAN": 3,
    "1004": 4,
    "\u017ftra\u00dfenbahn": 3,
}


async def test_an_agent_finds_a_ticket_however_they_spell_it(database: Database) -> None:
    best = {query: (await found(database, query))[:1] for query in SPELT}
    assert best == {query: [id] for query, id in SPELT.items()}


async def test_what_stands_in_the_title_comes_first_and_then_the_newest(database: Database) -> None:
    assert await found(database, "VPN") == [1, 6]
    await database.write(lambda tx: index(tx, 7, TICKETS[1]))
    assert await found(database, "VPN") == [7, 1, 6]


async def test_tickets_with_all_the_words_come_before_those_with_some(database: Database) -> None:
    assert await found(database, "VPN Monitor") == [6, 1]


NONSENSE = ("", "   ", "und", "hallo", "😀", "Kaffeemaschine", "???", "\x00", "x" * 30_000)


async def test_nonsense_finds_nothing(database: Database) -> None:
    assert {query: await found(database, query) for query in NONSENSE} == {query: [] for query in NONSENSE}


async def test_nobody_finds_what_is_not_theirs(database: Database) -> None:
    await database.write(lambda tx: index(tx, 8, TICKETS[1], requester="ben", lines=["network"]))
    assert await found(database, "VPN", person=None, lines=[]) == []
    assert await found(database, "VPN", person="eve", lines=["sap"]) == []
    assert await found(database, "VPN", person="ben", lines=[]) == [8]
    assert await found(database, "VPN", person="ben", lines=["first"]) == [8, 1, 6]


async def test_a_name_is_no_way_to_somebody_elses_tickets(database: Database) -> None:
    """Marks of people and lines are no words: neither typing them finds anything, nor being called like one."""
    assert await found(database, search.line_scope("first")) == []
    assert await found(database, f"scope:{search.person_scope('ada')}") == []
    assert await found(database, "VPN", person="first", lines=["ada"]) == []


async def test_only_solved_tickets_are_offered_as_examples(database: Database) -> None:
    assert await found(database, "bricht", solved=True) == [1, 3]
    assert await found(database, "Monitor", solved=True) == []


async def test_a_changed_ticket_is_found_by_its_new_words_only(database: Database) -> None:
    await database.write(lambda tx: index(tx, 6, ("Tastatur klemmt", "Kaffee", None)))
    assert await found(database, "Tastatur") == [6]
    assert await found(database, "Monitor") == []
    await database.write(lambda tx: search.remove(tx, search.TICKETS, 6))
    assert await found(database, "Tastatur") == []


async def test_what_was_not_committed_is_not_found(database: Database) -> None:
    def fails(tx: Connection) -> None:
        index(tx, 9, ("Beamer defekt", "", None))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(fails)
    assert await found(database, "Beamer") == []


COMMANDS = (
    '"',
    "' OR 1=1 --",
    "title:vpn",
    "NEAR(vpn monitor, 5)",
    "vpn*",
    "^vpn",
    "vpn AND NOT (",
    "{title body} : vpn",
    "vpn & !tunnel | ':A",
    "\\'",
    "vpn:*",
    "@pfirst",
    "💥" * 500,
    "\ud800 vpn",
    "ﬁle İ ẞ",
    "слово 漢字 कंप्यूटर",
)


async def test_no_word_is_ever_a_command_to_the_database(database: Database) -> None:
    for query in COMMANDS:
        assert await found(database, query) in ([], [1, 6], [6, 1]), query


async def test_other_scripts_are_found_too(database: Database) -> None:
    await database.write(lambda tx: index(tx, 9, ("Принтер не печатает", "漢字", None)))
    assert await found(database, "принтер") == [9]
    assert await found(database, "漢字") == [9]


async def test_somebody_who_pastes_pages_of_gibberish_fills_no_disk(database: Database) -> None:
    words = " ".join(f"qx{''.join(chr(97 + (n // 26**i) % 26) for i in range(4))}zv" for n in range(2000))
    await database.write(lambda tx: index(tx, 9, ("Unsinn", words, None)))
    kept = await database.read(lambda tx: tx.exec_driver_sql("SELECT count(*) FROM search_words").scalar_one())
    assert kept < search.MOST_LEARNT + 100


async def test_tickets_that_were_there_before_are_found_after_the_update(address: str) -> None:
    """Back to the schema before, and up again: what was indexed then is gone, what is stored is found."""
    config = Config()
    config.set_main_option("script_location", str(Path(app.store.migrations.__file__).parent))

    def up_and_down(tx: Connection) -> None:
        config.attributes["connection"] = tx
        command.downgrade(config, "0002")
        command.upgrade(config, "head")

    async with opened(address) as database:
        at = datetime(2026, 11, 23, tzinfo=UTC)
        for n in range(3):
            await database.write(
                lambda tx, n=n: added(tx, title=f"Beamer {n}", requester="ada", line="first", created_at=at)  # type: ignore[misc]
            )
        await database.write(up_and_down)
        assert await found(database, "Beamers", person="ada", lines=[]) == [1003, 1002, 1001]
        assert await found(database, "Beamer", lines=["first"]) == [1003, 1002, 1001]
        assert await found(database, "Beamer", lines=["network"]) == []


@pytest.mark.never_used_database
async def test_whether_a_word_is_known_is_asked_of_the_index_also_before_statistics_are_there(address: str) -> None:
    """A new desk that takes over thousands of tickets has none, and reading all words for each would take days."""
    numbers = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) SELECT i FROM n",
        "postgresql": "SELECT CAST(generate_series(1, 9999) AS text) AS i",
    }
    words = "INSERT INTO search_words (corpus, word, backwards) SELECT 'ticket', i, i FROM ({}) AS w"
    async with opened(address) as database:
        await database.write(lambda tx: tx.execute(sql(words.format(numbers[tx.dialect.name]))))
        await database.write(lambda tx: index(tx, 1, TICKETS[1]))
        said = await database.write(lambda tx: plan(tx, lambda tx: index(tx, 2, TICKETS[1])))
    assert "pk_search_words" in said or "PRIMARY KEY (corpus=? AND word=?)" in said, said
    assert "backwards" not in said, said


LETTERS = st.text("abdekrstu", min_size=4, max_size=14)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(word=LETTERS, data=st.data())
def test_a_slip_that_is_forgiven_is_always_found_by_what_is_left_of_the_word(word: str, data: st.DataObject) -> None:
    slips = 1 if len(word) <= 7 else 2
    typed = word
    for _ in range(slips):
        at = data.draw(st.integers(1, len(typed) - 1))
        letter = data.draw(st.sampled_from("abdekrstu"))
        kinds = {
            "wrong": typed[:at] + letter + typed[at + 1 :],
            "missing": typed[:at] + typed[at + 1 :],
            "added": typed[:at] + letter + typed[at:],
            "swapped": typed[:at] + typed[at : at + 2][::-1] + typed[at + 2 :],
        }
        typed = kinds[data.draw(st.sampled_from(sorted(kinds)))]
    if analysis.allowed_edits(typed) == analysis.allowed_edits(word) == slips and analysis.is_slip_of(typed, word):
        assert analysis.residues(typed) & analysis.residues(word)


@pytest.mark.parametrize(
    ("typed", "meant", "forgiven"),
    [
        ("druker", "drucker", True),
        ("durcker", "drucker", True),
        ("rducker", "drucker", True),
        ("drcker", "drucker", True),
        ("drkr", "drucker", False),
        ("haus", "maus", False),
        ("vpm", "vpn", False),
        ("instalatoin", "installation", True),
        ("nb2231", "nb2232", False),
    ],
)
def test_one_slip_is_forgiven_in_short_words_and_two_in_long_ones(typed: str, meant: str, forgiven: bool) -> None:
    assert analysis.is_slip_of(typed, meant) is forgiven

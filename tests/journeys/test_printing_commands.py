"""What people wrote does nothing to an operator's terminal, whichever command prints it; row T49, for terminals."""

import io
import sys
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli.terminal import harmless, say, say_cells
from tests.services.prepared import on
from tests.support.commands import Command
from tests.support.desk import FIRST, Cast, World, desk_file, world

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\u2066\r\nINC-9 closed\tdone\x85\u2028\x08\x7f\U000e0041"
AS_YAML = "".join(f"\\U{ord(letter):08x}" for letter in HOSTILE)


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    """A desk on which everybody who can name something did it in the worst way."""
    cast = Cast()
    cast = replace(
        cast,
        requester=replace(cast.requester, name=f"Ada{HOSTILE}"),
        mara=replace(cast.mara, name=f"Mara{HOSTILE}"),
    )
    async with world(address, cast=cast, desk_text=hostile_desk(cast)) as running:
        yield running


def hostile_desk(cast: Cast) -> str:
    text = desk_file(cast).replace("{de: Netzwerk, en: Network}", f'"Netz{AS_YAML}"')
    return text.replace("name: VPN,", f'name: "VPN{AS_YAML}",')


def assert_harmless(text: str, *, tabs: bool = False) -> None:
    allowed = "\n\t" if tabs else "\n"
    active = {unicodedata.category(letter) for letter in text if letter not in allowed} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not active, ascii(text)
    assert not [line for line in text.split("\n") if line.startswith("INC-9 closed")], text


async def test_an_operator_reads_hostile_names_and_nothing_happens(desk: World, address: str, command: Command) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    await desk.write(ada, "hilfe")
    number = await desk.submit(title=f"VPN{HOSTILE}", description=f"Seit heute{HOSTILE}", device=f"Laptop{HOSTILE}")
    about = on(int(number[4:]))
    await desk.click(mara, "ticket.take", about, channel=FIRST)
    handed_over = {"line": "network", "reason": "skill", "tried": f"Neustart{HOSTILE}", "needed": f"Hilfe{HOSTILE}"}
    await desk.click(mara, "ticket.escalate", {**about, **handed_over}, channel=FIRST)
    desk.teams.not_installed.add(ada.chat_id)
    await desk.click(mara, "ticket.reply", {**about, "text": f"Gleich{HOSTILE}"}, channel=FIRST)
    text = hostile_desk(desk.cast)
    for language in ("de", "en"):
        told, complaints = await command(address, text, "explain", number, "--language", language)
        assert complaints == ""
        assert "Mara" in told
        assert_harmless(told)
    told, _ = await command(address, text, "outbox", "list")
    assert "Ada\\x1b]0;owned" in told
    assert_harmless(told, tabs=True)
    assert {line.count("\t") for line in told.splitlines()} == {7}
    for words in (["check"], ["explain", f"x{HOSTILE}"], ["outbox", "retry", f"x{HOSTILE}"], [f"x{HOSTILE}"]):
        told, complaints = await command(address, text, *words)
        assert told + complaints
        assert_harmless(told + complaints)


async def test_a_desk_file_or_article_that_is_refused_is_named_harmlessly(tmp_path: Path, command: Command) -> None:
    wrong = hostile_desk(Cast()).replace("escalate_to: [network]", f'"esc{AS_YAML}": [network]', 1)
    articles = tmp_path / f"articles{HOSTILE.replace(chr(0), '')}"
    articles.mkdir()
    (articles / f"vpn{HOSTILE}.de.md").write_text(f"---\ntitle: A\naudience: 7\nx\u202e{HOSTILE[:1]}: y\n---\nx\n")
    (articles / "vpn.de.md").write_text(f'---\ntitle: A\naudience: everyone\n"k{AS_YAML}": 1\n---\nx\n')
    _, complaints = await command("sqlite+aiosqlite:///x.db", wrong, "check")
    assert "esc\\x1b" in complaints
    assert_harmless(complaints)
    database = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    await command(database, desk_file(Cast()), "migrate")
    _, complaints = await command(database, desk_file(Cast()), "articles", "import", str(articles))
    assert complaints.count("\n") >= 2
    assert_harmless(complaints)


def test_nothing_in_unicode_acts_on_a_terminal() -> None:
    shown = harmless("".join(map(chr, range(0x110000))))
    acts = {letter for letter in shown if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert acts == {"\u200c", "\u200d"}  # emoji and some scripts are written with these two


@pytest.mark.parametrize("name", ["Jörg Müller-Lüdenscheidt", "山田太郎", "‹Mara›  Klein", "👩‍💻 Ada", "Zoë\u00a0K."])
def test_a_name_of_any_script_is_printed_as_it_is(name: str) -> None:
    assert harmless(name) == name


def test_a_terminal_that_lacks_letters_shows_them_as_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(screen, encoding="ascii"))
    say("Jörg – INC-1")
    say_cells("Jörg\t1", "✓")
    assert screen.getvalue() == rb"J\xf6rg \u2013 INC-1" b"\n" rb"J\xf6rg\t1" b"\t" rb"\u2713" b"\n"

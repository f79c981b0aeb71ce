"""What an operator reads from `ticketbot explain` while the desk serves from the same database."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.services.prepared import on
from tests.support.desk import FIRST, Cast, World, escalating_desk, world
from tests.support.entra import APP_ID, TENANT_ID

Explain = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    """A desk that serves, with one ticket: taken, and its requester asked something."""
    cast = Cast()
    async with world(address, cast=cast, desk_text=escalating_desk(cast)) as running:
        await running.write(cast.requester, "hilfe")
        number = await running.submit(title="VPN geht nicht")
        about = on(int(number[4:]))
        await running.click(cast.mara, "ticket.take", about, channel=FIRST)
        yield running


@pytest.fixture
def explain(desk: World, address: str, tmp_path: Path) -> Explain:
    """Run the command; exit code, what it printed, and what it complained about."""
    file = tmp_path / "desk.yaml"
    file.write_text(escalating_desk(desk.cast), encoding="utf-8")
    settings = {
        "MicrosoftAppId": APP_ID,
        "MicrosoftAppPassword": "sesame-open",
        "MicrosoftAppTenantId": TENANT_ID,
        "TICKETBOT_DATABASE_URL": address,
        "TICKETBOT_DESK_FILE": str(file),
    }

    async def run(*words: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app", "explain", *words),
            env={"PATH": os.environ["PATH"], **settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, complained = await process.communicate()
        return process.returncode or 0, printed.decode(), complained.decode()

    return run


async def test_an_operator_reads_what_happened_runs_and_will_happen(desk: World, explain: Explain) -> None:
    before = await desk.rows("SELECT id, next_at, version FROM tickets")
    code, german, complained = await explain("INC-1001")
    assert (code, complained) == (0, "")
    sections = [line for line in german.splitlines() if line.startswith("Was ")]
    assert sections == [
        "Was mit INC-1001 geschieht: VPN geht nicht",
        *("Was es ist", "Was geschehen ist", "Was läuft", "Was geschehen wird"),
    ]
    assert "Fr 20.11. 13:00  Mara Klein hat es angenommen" in german
    assert "Regel 4 der Eskalation in der Desk-Datei" in " ".join(german.split())
    assert all(len(line) <= 120 for line in german.splitlines())
    assert await desk.rows("SELECT id, next_at, version FROM tickets") == before
    assert "sesame-open" not in german


async def test_a_number_may_be_written_in_any_way(explain: Explain) -> None:
    _, whole, _ = await explain("INC-1001", "--language", "en")
    assert "What happens to INC-1001" in whole
    for written in ("inc-1001", "REQ-1001", "1001"):
        code, printed, _ = await explain(written, "--language", "en")
        assert (code, printed.splitlines()[0]) == (0, whole.splitlines()[0]), written


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("INC-99999",), "there is no ticket INC-99999: `ticketbot explain` takes the number on its card"),
        (("999999999999999",), "there is no ticket 999999999999999: `ticketbot explain` takes the number on its card"),
        (("INC-",), "'INC-' is no ticket number: INC-12, REQ-12 or 12 would be one"),
        (("9" * 40,), f"'{'9' * 40}' is no ticket number: INC-12, REQ-12 or 12 would be one"),
        (("12; DROP TABLE",), "'12; DROP TABLE' is no ticket number: INC-12, REQ-12 or 12 would be one"),
        (("1001", "--language", "fr"), "'fr' is no language of the desk: there are de and en"),
    ],
)
async def test_a_mistake_is_answered_with_one_sentence(explain: Explain, words: tuple[str, ...], sentence: str) -> None:
    code, printed, complained = await explain(*words)
    assert (code, printed, complained.strip()) == (1, "", sentence)

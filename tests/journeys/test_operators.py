"""What an operator reads from `ticketbot check` about sign-in and the directory."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.support.databases import fresh_database
from tests.support.desk import Cast, desk_file
from tests.support.entra import APP_ID, TENANT_ID, FakeEntra
from tests.support.graph import PERMISSIONS, FakeGraph

NOBODY = "http://127.0.0.1:9"


async def check(folder: Path, entra: FakeEntra, **changes: str) -> tuple[int, str]:
    """Exit code and everything printed."""
    desk = folder / "desk.yaml"
    desk.write_text(desk_file(Cast()), encoding="utf-8")
    async with fresh_database("sqlite", folder) as address:
        settings = {
            "MicrosoftAppId": APP_ID,
            "MicrosoftAppPassword": "sesame-open",
            "MicrosoftAppTenantId": TENANT_ID,
            "TICKETBOT_LOGIN_URL": entra.login_url,
            "TICKETBOT_OPENID_METADATA_URL": entra.metadata_url,
            "TICKETBOT_GRAPH_URL": NOBODY,
            "TICKETBOT_DATABASE_URL": address,
            "TICKETBOT_DESK_FILE": str(desk),
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app", "check"),
            env={"PATH": os.environ["PATH"], **settings, **changes},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


async def test_a_right_configuration_is_in_order(tmp_path: Path) -> None:
    async with FakeEntra() as entra:
        code, printed = await check(tmp_path, entra)
    assert (code, printed.splitlines()[-1]) == (0, "Settings, desk file, database and sign-in are in order.")


@pytest.mark.parametrize(
    ("granted", "sentence"),
    [
        (
            PERMISSIONS,
            "Microsoft Graph: the optional permissions User.Read.All, Presence.Read.All, AppCatalog.Read.All and "
            "TeamsAppInstallation.ReadWriteSelfForUser.All are granted.",
        ),
        (
            {"User.Read.All"},
            "Microsoft Graph: granted is User.Read.All, not granted is Presence.Read.All, AppCatalog.Read.All and "
            "TeamsAppInstallation.ReadWriteSelfForUser.All; the desk does without.",
        ),
        (
            set(),
            "Microsoft Graph: none of the optional permissions User.Read.All, Presence.Read.All, AppCatalog.Read.All "
            "and TeamsAppInstallation.ReadWriteSelfForUser.All is granted; the desk does without.",
        ),
    ],
)
async def test_which_optional_permissions_work_is_said_and_changes_nothing(
    tmp_path: Path, granted: set[str], sentence: str
) -> None:
    async with FakeEntra() as entra, FakeGraph() as graph:
        graph.person("5e0c3c39-2b4f-4d0c-9d0b-3a3b7a2c0001")
        graph.granted = granted
        code, printed = await check(tmp_path, entra, TICKETBOT_GRAPH_URL=graph.url)
        assert graph.installed == set()
    assert (code, printed.splitlines()[-2]) == (0, sentence)


async def test_a_directory_that_does_not_answer_is_told_and_is_no_problem(tmp_path: Path) -> None:
    async with FakeEntra() as entra:
        code, printed = await check(tmp_path, entra)
    sentence = printed.splitlines()[-2]
    assert code == 0
    assert sentence.startswith("TICKETBOT_GRAPH_URL: Microsoft Graph does not answer there (unreachable)")
    assert "sesame-open" not in printed


async def test_an_address_that_is_no_graph_is_told_and_is_no_problem(tmp_path: Path) -> None:
    async with FakeEntra() as entra, FakeGraph() as graph:
        code, printed = await check(tmp_path, entra, TICKETBOT_GRAPH_URL=f"{graph.url}/v1.0")
    sentence = printed.splitlines()[-2]
    assert code == 0
    assert sentence.startswith("TICKETBOT_GRAPH_URL: Microsoft Graph does not answer there (http_404)")


async def test_a_secret_that_entra_refuses_is_named_and_not_shown(tmp_path: Path) -> None:
    async with FakeEntra() as entra:
        entra.error = "invalid_client"
        code, printed = await check(tmp_path, entra)
    [sentence] = printed.splitlines()
    assert code == 1
    assert sentence.startswith("MicrosoftAppId, MicrosoftAppTenantId, MicrosoftAppPassword: ")
    assert "invalid_client" in sentence
    assert "sesame-open" not in sentence


async def test_addresses_where_nobody_answers_are_named_all_at_once(tmp_path: Path) -> None:
    async with FakeEntra() as entra:
        nobody = {"TICKETBOT_LOGIN_URL": NOBODY, "TICKETBOT_OPENID_METADATA_URL": NOBODY}
        code, printed = await check(tmp_path, entra, **nobody)
    keys, login = printed.splitlines()
    assert code == 1
    assert keys.startswith("TICKETBOT_OPENID_METADATA_URL: ")
    assert login.startswith("TICKETBOT_LOGIN_URL, MicrosoftAppTenantId: ")


async def test_a_message_number_beyond_all_numbers_is_a_mistake_and_no_trace(tmp_path: Path) -> None:
    desk = tmp_path / "desk.yaml"
    desk.write_text(desk_file(Cast()), encoding="utf-8")
    async with fresh_database("sqlite", tmp_path) as address:
        settings = {
            "MicrosoftAppId": APP_ID,
            "MicrosoftAppPassword": "sesame-open",
            "MicrosoftAppTenantId": TENANT_ID,
            "TICKETBOT_DATABASE_URL": address,
            "TICKETBOT_DESK_FILE": str(desk),
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app", "outbox", "drop", "9" * 25),
            env={"PATH": os.environ["PATH"], **settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await process.communicate()
    assert process.returncode
    assert b"Traceback" not in printed
    assert b"range" in printed

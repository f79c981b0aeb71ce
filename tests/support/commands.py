"""`ticketbot` as an operator types it, in this process: a new one takes a second to start."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.cli import main
from tests.support.entra import APP_ID, TENANT_ID

Command = Callable[..., Awaitable[tuple[str, str]]]
"""Address of the database, text of the desk file, words of the command → what it printed, what it complained about."""


def command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Commands that find the settings of a desk in the environment."""
    file = tmp_path / "desk.yaml"
    settings = {
        "MicrosoftAppId": APP_ID,
        "MicrosoftAppPassword": "sesame-open",
        "MicrosoftAppTenantId": TENANT_ID,
        "TICKETBOT_DESK_FILE": str(file),
        "TICKETBOT_OPENID_METADATA_URL": "http://127.0.0.1:9",
        "TICKETBOT_LOGIN_URL": "http://127.0.0.1:9",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    async def run(address: str, desk_text: str, *words: str) -> tuple[str, str]:
        file.write_text(desk_text, encoding="utf-8")
        monkeypatch.setenv("TICKETBOT_DATABASE_URL", address)
        monkeypatch.setattr(sys, "argv", ["ticketbot", *words])
        with suppress(SystemExit):
            await asyncio.to_thread(main)
        return capsys.readouterr()

    return run

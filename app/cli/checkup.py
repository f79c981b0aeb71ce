"""`ticketbot check`: everything that can be known to be wrong before users notice it."""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from app.bot.out.connector import client_session
from app.cli.directory import directory_sentence
from app.desk.report import report as desk_report
from app.settings import ConfigurationError, Settings
from app.store import version
from app.store.connect import connect, sqlite_file
from app.store.database import StoreUnavailable


@dataclass(frozen=True, slots=True)
class Report:
    """Whether the desk can be served, and the sentences to print; no sentence holds a secret."""

    usable: bool
    sentences: tuple[str, ...]


def checkup() -> Report:
    """Check settings, desk file, database and the addresses the desk depends on."""
    logging.getLogger("app").addHandler(logging.NullHandler())  # what is wrong is told in sentences, once
    try:
        settings = Settings.load()
    except ConfigurationError as wrong:
        return Report(False, tuple(wrong.problems))
    desk = desk_report(settings.desk_file)
    problems, notes = ([], list(desk.sentences)) if desk.usable else (list(desk.sentences), [])
    new = _new_database(settings)
    notes += new
    problems += [] if new else database_problems(settings)
    if not settings.anonymous:
        problems += asyncio.run(_sign_in_problems(settings))
    if problems:
        return Report(False, tuple(problems))
    if not settings.anonymous:
        notes.append(asyncio.run(directory_sentence(settings)))
    return Report(True, (*notes, "Settings, desk file, database and sign-in are in order."))


def database_problems(settings: Settings) -> list[str]:
    """What keeps the database from being used, in sentences."""
    return _missing_file(sqlite_file(settings.database_url)) or asyncio.run(_database(settings))


def _new_database(settings: Settings) -> list[str]:
    """Nothing is wrong with a database that nobody has made yet, where it can be made."""
    file = sqlite_file(settings.database_url)
    if file is not None:
        is_new = not file.exists() and file.absolute().parent.is_dir()
    else:
        is_new = asyncio.run(_is_empty(settings))
    return ["The database is empty: `ticketbot migrate` or `ticketbot serve --migrate` sets it up."] if is_new else []


async def _is_empty(settings: Settings) -> bool:
    database = connect(settings.database_url)
    try:
        return await database.read(version.stored) is None
    except StoreUnavailable:
        return False
    finally:
        await database.close()


async def _sign_in_problems(settings: Settings) -> list[str]:
    return [*await _keys(settings), *await _sign_in(settings)]


def _missing_file(file: Path | None) -> list[str]:
    """SQLite would make an empty database of a wrong path: ask the file system first."""
    if file is None or file.exists():
        return []
    if not file.absolute().parent.is_dir():
        return ["TICKETBOT_DATABASE_URL: the folder of the database does not exist"]
    return ["TICKETBOT_DATABASE_URL: the database does not exist yet: run `ticketbot migrate`"]


async def _database(settings: Settings) -> list[str]:
    database = connect(settings.database_url)
    try:
        if not await database.read(version.is_current):
            return ["TICKETBOT_DATABASE_URL: the database has another schema: run `ticketbot migrate`"]
    except StoreUnavailable:
        return ["TICKETBOT_DATABASE_URL: the database cannot be reached"]
    finally:
        await database.close()
    return []


async def _keys(settings: Settings) -> list[str]:
    """Whether the keys for inbound tokens can be fetched."""
    try:
        async with (
            client_session() as session,
            session.get(settings.openid_metadata_url, allow_redirects=False) as answer,
        ):
            described = await answer.json(content_type=None)
            if answer.status == 200 and isinstance(described, dict) and "jwks_uri" in described:
                return []
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
        pass
    return ["TICKETBOT_OPENID_METADATA_URL: the keys for inbound tokens cannot be fetched from there"]


async def _sign_in(settings: Settings) -> list[str]:
    """Whether Entra gives a token for these credentials; its error code says what to mend, its text is not printed."""
    from app.bot.out.credentials import TokenProvider, TokenUnavailable, token_source

    tokens = TokenProvider(token_source(settings), monotonic=asyncio.get_running_loop().time)
    try:
        await tokens.token(settings.bot_scope)
    except TokenUnavailable as error:
        return [_why_no_token(settings, error.reason)]
    return []


def _why_no_token(settings: Settings, reason: str) -> str:
    """Entra's own error codes are written small; anything else kept Entra from answering at all."""
    if settings.app_type == "UserAssignedMSI":
        return f"MicrosoftAppId: the managed identity gives no token ({reason}): check that this machine has it"
    secret = "MicrosoftAppCertificateFile" if settings.app_certificate_file else "MicrosoftAppPassword"
    if reason.islower():
        return (
            f"MicrosoftAppId, MicrosoftAppTenantId, {secret}: "
            f"Entra gives no token for this app ({reason}): check id and tenant, and that the secret is current"
        )
    return f"TICKETBOT_LOGIN_URL, MicrosoftAppTenantId: no Entra answers there for this tenant ({reason})"

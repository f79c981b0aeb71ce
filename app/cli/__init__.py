"""The command line. Every command loads only what it needs; a user's mistake is one sentence, never a trace."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from app.cli.terminal import say, say_cells
from app.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from app.desk.model import Desk


_MESSAGE = click.IntRange(min=1, max=2**63 - 1)


def main() -> None:
    """Run the command line."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        _fail("stopped")
    except click.ClickException as wrong:
        say(*_usage(wrong), f"Error: {wrong.format_message()}", error=True)
        sys.exit(wrong.exit_code)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli() -> None:
    """The support desk that lives in Microsoft Teams."""


@cli.command()
@click.option("--migrate", "migrates", is_flag=True, help="Bring the database to this version first.")
def serve(migrates: bool) -> None:
    """Check everything and serve until SIGTERM."""
    settings = _settings()
    desk = _desk(settings.desk_file)
    if migrates:
        _migrate_apart()
    from app.bot.edge.http import CannotListen
    from app.build.infrastructure import NotMigrated
    from app.main import serve as run
    from app.store.database import StoreUnavailable
    from app.store.sqlite import AlreadyServed

    try:
        run(settings, desk)
    except NotMigrated:
        _fail("the database has another schema than this version needs: run `ticketbot migrate`")
    except AlreadyServed as served:
        _fail(f"another process serves from {served}: SQLite takes one; several replicas need PostgreSQL")
    except StoreUnavailable as away:
        _fail(f"TICKETBOT_DATABASE_URL: the database cannot be reached ({away})")
    except CannotListen as taken:
        _fail(str(taken))


@cli.command()
def demo() -> None:
    """Show the desk with sample tickets on this machine, in Microsoft's Agents Playground where Node is there."""
    from app.demo import run

    run()


@cli.command()
@click.option("--print-schema", is_flag=True, help="Print the desk file's JSON Schema for editors and stop.")
def check(print_schema: bool) -> None:
    """Say everything that is wrong with settings, desk file, database and sign-in, before users do."""
    if print_schema:
        import orjson

        from app.desk.schema import json_schema

        say(*orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2).decode().split("\n"))
        return
    from app.cli.checkup import checkup

    report = checkup()
    say(*report.sentences, error=not report.usable)
    if not report.usable:
        sys.exit(1)


@cli.command()
def migrate() -> None:
    """Bring the database to this version; safe to run at once on several replicas."""
    say(f"The database is at revision {_migrate(_settings())}.")


@cli.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The zip file to write.")
@click.option("--read-threads", is_flag=True, help="Ask team owners to let plain words below a card become notes.")
def manifest(out: Path, read_threads: bool) -> None:
    """Build the Teams app package for these settings."""
    settings = _settings()
    desk = _desk(settings.desk_file)
    from app.package import PackageError, build

    try:
        build(settings, dict(desk.name.texts), out, reads_threads=read_threads)
    except PackageError as wrong:
        _fail(*wrong.problems)
    except OSError as error:
        _fail(f"{out}: cannot be written ({error.strerror})")
    say(f"{out} is ready to be uploaded to Teams.")


@cli.command()
@click.argument("number")
@click.option("--language", help="The language to tell it in; the desk's own where none is named.")
def explain(number: str, language: str | None) -> None:
    """Tell what happened and will happen to ticket NUMBER (INC-12, REQ-12 or 12): when, to whom, by which rule."""
    from app.cli import story
    from app.domain import ticket_number
    from app.i18n import languages
    from app.store.database import StoreUnavailable

    ticket = ticket_number.parse(number)
    if ticket is None:
        _fail(f"{number!r} is no ticket number: INC-12, REQ-12 or 12 would be one")
    if language is not None and language not in languages():
        _fail(f"{language!r} is no language of the desk: there are {' and '.join(languages())}")
    settings = _migrated()
    desk = _desk(settings.desk_file)
    try:
        told = story.printed(settings, desk, ticket, language or desk.language, _now())
    except StoreUnavailable as away:
        _fail(f"TICKETBOT_DATABASE_URL: the database cannot be reached ({away})")
    if told is None:
        _fail(f"there is no ticket {number}: `ticketbot explain` takes the number on its card")
    say(*told)


@cli.group()
def articles() -> None:
    """Look after the articles of level 0."""


@articles.command("import")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
def articles_import(folder: Path) -> None:
    """Make the articles in DIR (files NAME.LANGUAGE.md) those of the desk; articles written in Teams stay."""
    from app.cli.articles import FolderError, import_folder
    from app.store.database import StoreUnavailable

    try:
        done = import_folder(_migrated(), folder, now=_now())
    except FolderError as wrong:
        _fail(*wrong.problems)
    except StoreUnavailable as away:
        _fail(f"TICKETBOT_DATABASE_URL: the articles cannot be written ({away})")
    except OSError as error:
        _fail(f"{folder}: cannot be read ({error.strerror})")
    counts = f"{done.added} added, {done.updated} updated, {done.removed} removed, {done.unchanged} unchanged"
    say(f"Articles: {counts}.")


@cli.command("bindings")
def bindings_list() -> None:
    """List which channels lines were bound to from inside Teams: by whom, when, and what became of it."""
    from app.cli import bindings

    for cells in bindings.listed(_migrated()):
        say_cells(*cells)


@cli.group()
def outbox() -> None:
    """Look after messages that could not be delivered, and those that wait."""


@outbox.command("list")
def outbox_list() -> None:
    """List them: id, state, attempts, recipient, ticket, what, why."""
    from app.cli import messages

    for cells in messages.listed(_migrated()):
        say_cells(*cells)


@outbox.command("retry")
@click.argument("message", type=_MESSAGE)
def outbox_retry(message: int) -> None:
    """Send an undeliverable message once more."""
    from app.cli import messages

    if not messages.retry(_migrated(), message, now=_now()):
        _fail(f"{message} is not an undeliverable message: see `ticketbot outbox list`")
    say(f"{message} will be sent again.")


@outbox.command("drop")
@click.argument("message", type=_MESSAGE)
def outbox_drop(message: int) -> None:
    """Give a message up for good."""
    from app.cli import messages

    if not messages.drop(_migrated(), message, now=_now()):
        _fail(f"{message} neither waits nor is undeliverable: see `ticketbot outbox list`")
    say(f"{message} is dropped.")


@cli.group()
def filelinks() -> None:
    """Look after the links to files."""


@filelinks.command("rotate")
def filelinks_rotate() -> None:
    """Sign links to files with a new key, where the old one may be known; links that are under way stay good."""
    from app.cli import file_links
    from app.store.database import StoreUnavailable

    try:
        moment = file_links.rotate(_migrated(), now=_now())
    except StoreUnavailable as away:
        _fail(f"TICKETBOT_DATABASE_URL: the new key cannot be written ({away})")
    say(f"Links to files are signed with a new key from {moment:%H:%M:%S} UTC on; the old one is believed for an hour.")


def _usage(wrong: click.ClickException) -> list[str]:
    if not isinstance(wrong, click.UsageError) or wrong.ctx is None:
        return []
    return [*wrong.ctx.get_usage().split("\n"), f"Try '{wrong.ctx.command_path} --help' for help.", ""]


def _now() -> datetime:
    return datetime.now(UTC)


def _settings() -> Settings:
    try:
        return Settings.load()
    except ConfigurationError as wrong:
        _fail(*wrong.problems)


def _migrated() -> Settings:
    """The settings, where their database is there and has this version's schema."""
    from app.cli.checkup import database_problems

    settings = _settings()
    if problems := database_problems(settings):
        _fail(*problems)
    return settings


def _desk(file: Path) -> "Desk":
    from app.desk.load import load
    from app.desk.problems import DeskFileError

    try:
        return load(file)
    except DeskFileError as wrong:
        _fail(*map(str, wrong.problems))


def _migrate(settings: Settings) -> str:
    from sqlalchemy.exc import SQLAlchemyError

    from app.store.migrate import migrate as run

    try:
        return run(settings.database_url)
    except (SQLAlchemyError, OSError) as error:
        _fail(f"TICKETBOT_DATABASE_URL: the database cannot be brought to this version ({type(error).__name__})")


def _migrate_apart() -> None:
    """Migrate in a process of its own: what it loads would stay in the serving one's memory."""
    done = subprocess.run([sys.executable, "-m", "app", "migrate"], stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def _fail(*problems: str) -> NoReturn:
    say(*problems, error=True)
    sys.exit(1)

"""`ticketbot explain`: what happened and will happen to a ticket, as text for a terminal."""

import asyncio
import textwrap
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from app.cards.explain import summary
from app.cards.explain_ahead import at_the_end, what_comes, what_counts, what_it_is, what_runs
from app.cards.explain_past import happened
from app.cards.story import short_title
from app.desk.model import Desk
from app.domain.errors import NotFound
from app.domain.explanation import Explanation
from app.i18n import Text, Texts
from app.services.explain import explain
from app.settings import Settings
from app.store.clock import database_time
from app.store.connect import connect

WIDTH = 120


def printed(settings: Settings, desk: Desk, ticket: int, language: str, now: datetime) -> list[str] | None:
    """The lines of the explanation in the desk's time zone; None where there is no such ticket."""
    explained = asyncio.run(_explained(settings, desk, ticket, now))
    if explained is None:
        return None
    t = Texts.load(desk.language).language(language)
    return list(lines(explained, t, ZoneInfo(desk.timezone)))


async def _explained(settings: Settings, desk: Desk, ticket: int, now: datetime) -> Explanation | None:
    database = connect(settings.database_url)
    try:
        return await database.read(lambda tx: explain(tx, desk, ticket, database_time(tx) or now))
    except NotFound:
        return None
    finally:
        await database.close()


def lines(explained: Explanation, t: Text, zone: tzinfo) -> Iterator[str]:
    """The explanation in its four sections, no line longer than `WIDTH`."""
    yield from _wrapped(f"{summary(explained, t)}: {short_title(explained.view.ticket)}", indent="")
    yield t("explain.as_of", moment=t.moment(explained.now, zone))
    yield from _section(t("explain.section.is"), what_it_is(explained, t, zone))
    yield from _section(t("explain.section.past"), _past(explained, t, zone))
    running = what_runs(explained, t, zone)
    yield from _section(t("explain.section.running"), running or [t("explain.nothing_runs")])
    yield from _section(t("explain.section.ahead"), _ahead(explained, t, zone))


def _section(title: str, entries: Iterable[str]) -> Iterator[str]:
    yield from ("", title)
    for entry in entries:
        yield from _wrapped(entry, indent="  ")


def _past(explained: Explanation, t: Text, zone: tzinfo) -> Iterator[str]:
    for entry in explained.past:
        said = happened(entry, t, zone)
        yield f"{t.moment(entry.at, zone)}  {said.sentence}"
        yield from (f"    {detail}" for detail in said.details)


def _ahead(explained: Explanation, t: Text, zone: tzinfo) -> Iterator[str]:
    for each in explained.ahead:
        said = what_comes(each, explained, t, zone)
        yield f"{t.moment(each.at, zone)}  {said.sentence} ({said.rule})"
    yield from at_the_end(explained, t, zone)
    for count in explained.counts:
        said = what_counts(count, t)
        yield f"{said.sentence} ({said.rule})"


def _wrapped(words: str, *, indent: str) -> list[str]:
    deeper = indent + " " * (len(words) - len(words.lstrip()))
    return textwrap.wrap(
        words.strip(), WIDTH, initial_indent=deeper, subsequent_indent=f"{deeper}  ", break_on_hyphens=False
    )

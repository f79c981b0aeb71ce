"""People, and the conversations the bot can speak in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, select, update

from app.domain.people import DIRECTORY_ID, Person
from app.store.dialect import insert_new, upsert
from app.store.schema import chats, people
from app.store.values import columns_of


class PersonRecord(NamedTuple):
    """Somebody as far as the desk knows them; `language_chosen`: they asked for it themselves."""

    id: str
    name: str
    teams_id: str | None
    email: str | None
    language: str | None
    language_chosen: bool
    timezone: str | None
    department: str | None
    site: str | None


_PERSON: Select[Any] = select(*columns_of(people, PersonRecord))
_BY_ID = _PERSON.where(people.c.id == bindparam("person"))
_BY_TEAMS_ID = _PERSON.where(people.c.teams_id == bindparam("person")).limit(1)


def find(tx: Connection, person: str) -> PersonRecord | None:
    """One person by directory object id, or by Teams' own where a desk file names that."""
    found = tx.execute(_BY_ID, {"person": person}).one_or_none()
    if found is None and not DIRECTORY_ID.fullmatch(person):
        found = tx.execute(_BY_TEAMS_ID, {"person": person}).one_or_none()
    return PersonRecord._make(found) if found else None


def named(tx: Connection, ids: Iterable[str]) -> dict[str, PersonRecord]:
    """Several people by id."""
    found = map(PersonRecord._make, tx.execute(_PERSON.where(people.c.id.in_(list(ids)))))
    return {known.id: known for known in found}


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody as an activity tells of them; language and time zone are those of their client."""

    id: str
    name: str
    teams_id: str | None
    language: str | None
    timezone: str | None


def remember(tx: Connection, sender: Sender, *, now: datetime) -> None:
    """Keep what an activity says about its sender; a language they chose themselves stays, and so does a known name
    where the activity has none (as when the app is installed).
    """
    name, teams_id = sender.name, sender.teams_id
    row = {"id": sender.id, "name": name, "teams_id": teams_id, "updated_at": now, "language_chosen": False}
    told = {"language": sender.language, "timezone": sender.timezone}
    known = {key: value for key, value in told.items() if value}
    before = find(tx, sender.id)
    has_chosen = before is not None and before.language_chosen
    keep = ("language_chosen", *(("language",) if has_chosen else ()), *(("name",) if not name else ()))
    upsert(tx, people, {**row, **known}, key=("id",), keep=keep)


def know(tx: Connection, person: str, *, name: str, teams_id: str | None, email: str | None, now: datetime) -> None:
    """Keep what a team's roster says about a member; a known name stays where it says none."""
    row = {"id": person, "name": name, "teams_id": teams_id, "email": email, "updated_at": now}
    keep = ("language_chosen", *(("name",) if not name else ()))
    upsert(tx, people, {**row, "language_chosen": False}, key=("id",), keep=keep)


def introduce(tx: Connection, person: Person, *, now: datetime) -> None:
    """Keep the name of somebody the directory named, unless they are known already."""
    row = {"id": person.id, "name": person.name, "email": person.email, "updated_at": now, "language_chosen": False}
    tx.execute(insert_new(tx.dialect.name, people), row)


def place(tx: Connection, person: str, *, department: str | None, site: str | None) -> None:
    """Keep where somebody works, as the directory tells it."""
    tx.execute(update(people).where(people.c.id == person).values(department=department, site=site))


def choose_language(tx: Connection, person: str, language: str, now: datetime) -> None:
    """Remember the language somebody asked for."""
    chosen = {"language": language, "language_chosen": True, "updated_at": now}
    tx.execute(update(people).where(people.c.id == person).values(chosen))


class Chat(NamedTuple):
    """A conversation that somebody was heard in, and how to speak there; `blocked` says why not."""

    id: str
    kind: str
    person: str | None
    team: str | None
    tenant: str | None
    service_url: str
    bot: str
    blocked: str | None


_CHAT = select(*(chats.c[name] for name in Chat._fields))


def meet(tx: Connection, chat: dict[str, Any]) -> None:
    """Keep how to speak in a conversation; whoever writes is not blocked (any more)."""
    upsert(tx, chats, {"person": None, "team": None, "blocked": None, **chat}, key=("id",))


def chat(tx: Connection, conversation: str) -> Chat | None:
    """How to speak in this conversation."""
    return _chat(tx, _CHAT.where(chats.c.id == conversation))


def personal_chat(tx: Connection, person: str) -> Chat | None:
    """The person's latest 1:1 chat with the bot; they may be named by Teams' own id (see `find`)."""
    theirs = _CHAT.where((chats.c.person == person) & (chats.c.kind == "personal"))
    found = _chat(tx, theirs.order_by(chats.c.updated_at.desc()).limit(1))
    if found is None and not DIRECTORY_ID.fullmatch(person):
        known = find(tx, person)
        return personal_chat(tx, known.id) if known and known.id != person else None
    return found


def nearest_chat(tx: Connection, team: str | None) -> Chat | None:
    """The latest conversation heard from in the team, or else anywhere: it knows the service address and the bot."""
    if team is not None:
        in_team = _CHAT.where(chats.c.team == team).order_by(chats.c.updated_at.desc()).limit(1)
        if found := _chat(tx, in_team):
            return found
    return _chat(tx, _CHAT.order_by(chats.c.updated_at.desc()).limit(1))


def _chat(tx: Connection, which: Select[Any]) -> Chat | None:
    found = tx.execute(which).one_or_none()
    return Chat(*found) if found else None


def block(tx: Connection, conversation: str, reason: str | None) -> None:
    """Stop speaking there until somebody writes again."""
    tx.execute(update(chats).where(chats.c.id == conversation).values(blocked=reason))


def is_removed(tx: Connection, conversations: Iterable[str]) -> bool:
    """Whether the bot was removed from one of these channels or teams."""
    gone = chats.c.id.in_(list(conversations)) & chats.c.blocked.is_not(None)
    return tx.execute(select(chats.c.id).where(gone).limit(1)).first() is not None

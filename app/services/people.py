"""Who writes to the bot and where it can answer them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from app.store import people
from app.store.people import chat as chat
from app.store.people import choose_language as choose_language
from app.store.people import find as find
from app.store.people import know as know
from app.store.people import nearest_chat as nearest_chat
from app.store.people import personal_chat as personal_chat
from app.store.people import place as place

ELSEWHERE = "elsewhere"
"""The kind of a conversation that the bot may not be part of: it is never spoken in."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What one activity tells about its sender and its conversation; `conversation` has no thread suffix."""

    conversation: str
    kind: str
    service_url: str
    bot: str
    tenant: str | None
    team: str | None
    person: str | None
    name: str
    teams_id: str | None
    language: str | None
    timezone: str | None


def remember(tx: Connection, contact: Contact, now: datetime) -> None:
    """Keep the sender and how to reach them; whoever writes is reachable again. A chat that the bot may not be part of
    tells who the sender is, and no way to them.
    """
    if contact.person:
        sender = people.Sender(contact.person, contact.name, contact.teams_id, contact.language, contact.timezone)
        people.remember(tx, sender, now=now)
    if contact.kind == ELSEWHERE:
        return
    row = {
        "id": contact.conversation,
        "kind": contact.kind,
        "service_url": contact.service_url,
        "bot": contact.bot,
        "tenant": contact.tenant,
        "team": contact.team,
        "person": contact.person if contact.kind == "personal" else None,
        "updated_at": now,
    }
    people.meet(tx, row)


class Profile(NamedTuple):
    """The language somebody chose or their Teams client speaks, and whether an address is known for them."""

    language: str | None
    has_address: bool


def profile(tx: Connection, person: str | None) -> Profile:
    """What is known of somebody."""
    row = people.find(tx, person) if person else None
    return Profile(row.language, row.email is not None) if row else Profile(None, False)


def names(tx: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The names of those of these people who are known."""
    return {person: row.name for person, row in people.named(tx, ids).items()}


def service_url_near(tx: Connection, team: str | None) -> str | None:
    """Where to ask about a team: the address of the conversation heard from last there, or else anywhere."""
    near = people.nearest_chat(tx, team)
    return near.service_url if near else None

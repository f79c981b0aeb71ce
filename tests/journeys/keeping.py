"""Desks whose promises and escalations a test names itself, by clocks that never rest."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tests.support.desk import FIRST, NETWORK, Cast, World, desk_file, verbs, world
from tests.support.inbound import Json, Person
from tests.support.teams import Message

TARGETS = "{calendar: always, first_response: 4h, resolution: 8h, acceptance: 2h, next_update: 1h}"
PINGS = "{remind_after: 10m, reminders: 1, loops: 2}"


def keeping_desk(
    cast: Cast, *, escalation: Sequence[str] = (), targets: str = TARGETS, pings: str = PINGS, first: str = ""
) -> str:
    """The desk with these targets for every priority but the tighter P1; `first` is what the first line has besides."""
    text = desk_file(cast)
    own = first or f'deputy: "{cast.deputy.aad_id}", manager: "{cast.manager.aad_id}"'
    answers = f'calendar: office, lead: "{cast.lead.aad_id}"'
    text = text.replace(answers, f"{answers}, {own}", 1)
    management = (
        "  management: {level: 4, name: {de: Leitung, en: Management}, calendar: office,"
        f' people: ["{cast.manager.aad_id}", "{cast.deputy.aad_id}"]}}\n'
    )
    text = text.replace("categories:\n", f"{management}categories:\n")
    text = text.replace("escalate_to: [network]", "escalate_to: [network, management]")
    text = text[: text.index("\ntargets:") + 1]
    hour = "{calendar: always, first_response: 1h, resolution: 2h, acceptance: 30m, next_update: 30m}"
    kept = f"targets: {{P1: {hour}, P2: {targets}, P3: {targets}, P4: {targets}}}"
    steps = "\n".join(f"  - {{{step}}}" for step in escalation)
    return f"{text}{kept}\n" + (f"escalation:\n{steps}\n" if steps else "") + f"pings: {pings}\n"


@asynccontextmanager
async def keeping(address: str, cast: Cast | None = None, **how: Any) -> AsyncIterator[World]:
    """Such a desk, running; everybody has met the bot."""
    cast = cast or Cast()
    async with world(address, cast=cast, desk_text=keeping_desk(cast, **how)) as desk:
        for person in (cast.requester, cast.lead, cast.deputy, cast.manager, cast.admin, cast.mara):
            await desk.write(person, "hilfe")
        yield desk


async def passes(desk: World, **time: float) -> None:
    """Time passes, and what it causes arrives; who cannot be reached costs a second look."""
    desk.clock.advance(**time)
    await desk.settle()
    await desk.settle()


def about(number: str, **inputs: str) -> Json:
    return {"desk": {"ticket": int(number[4:])}, **inputs}


async def at_first(desk: World, person: Person, verb: str, number: str, **inputs: str) -> Json:
    """Somebody of the first line does something on the card in their channel."""
    return await desk.click(person, verb, about(number, **inputs), channel=FIRST)


async def at_network(desk: World, person: Person, verb: str, number: str, **inputs: str) -> Json:
    return await desk.click(person, verb, about(number, **inputs), channel=NETWORK)


async def to_network(desk: World, number: str, tried: str = "Neu verbunden") -> Json:
    hand_over = {"line": "network", "reason": "skill", "tried": tried, "needed": "Tunnel prüfen"}
    return await at_first(desk, desk.cast.mara, "ticket.escalate", number, **hand_over)


def pings_of(desk: World, person: Person) -> list[Message]:
    """The ping cards in somebody's chat, oldest first, as they are now."""
    return [message for message in desk.messages(person.chat_id) if message.card and _is_ping(message)]


def _is_ping(message: Message) -> bool:
    first = message.edits[0] if message.edits else message.activity
    attachments = first.get("attachments") or []
    return bool(attachments) and "ping.acknowledge" in verbs(attachments[0]["content"])


def asked(desk: World) -> dict[str, int]:
    """How many ping cards everybody got who got one, by name."""
    cast = desk.cast
    people = (cast.requester, cast.mara, cast.tom, cast.nina, cast.lead, cast.deputy, cast.manager, cast.admin)
    found = {person.name: len(pings_of(desk, person)) for person in (*people, cast.stranger)}
    return {name: count for name, count in found.items() if count}


def mentioned(message: Message) -> list[str]:
    """Whom a message mentions, by name."""
    card = message.card or {}
    entities = (card.get("msteams") or {}).get("entities") or []
    return [entity["mentioned"]["name"] for entity in entities]


def thread(desk: World, channel: str) -> list[Message]:
    """The replies in a channel's threads."""
    return [message for message in desk.messages(channel) if not message.conversation_id.endswith(message.id)]

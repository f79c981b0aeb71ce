"""Tickets brought into a state by the use cases themselves, without the way through Teams."""

from typing import Any

from sqlalchemy import Connection, text

from app.domain.people import Actor
from app.domain.priority import Impact, Priority, Urgency
from app.domain.ticket import EscalationReason, Kind, PendingReason
from app.services import tickets
from app.services.tickets import Submission, Turn
from tests.support import requests
from tests.support.desk import World
from tests.support.inbound import Json, Person

STATES: dict[str, tuple[requests.Request, ...]] = {
    "new": (),
    "in_progress": (requests.Take(),),
    "pending": (requests.Take(), requests.Pend(PendingReason.SUPPLIER, None, "")),
    "asked": (requests.Take(), requests.Pend(PendingReason.REQUESTER, None, "Welches Gerät?")),
    "offered": (requests.Take(), requests.Escalate("network", EscalationReason.SKILL, "Neu verbunden", "Tunnel")),
    "impatient": (
        requests.Take(),
        requests.Classify("other", Urgency.NORMAL, Impact.TEAM, Kind.INCIDENT, Priority.P3),
    ),
    "resolved": (requests.Take(), requests.Resolve("Tunnel neu gestartet")),
    "closed": (requests.Take(), requests.Resolve("Tunnel neu gestartet"), requests.Confirm()),
}
"""How a new ticket at the first line gets into a state; `confirm` is the requester's, the rest is Mara's."""

INPUTS: dict[str, Json] = {
    "ticket.comment": {"text": "Immer noch"},
    "ticket.edit": {"title": "Anders", "description": "Genauer"},
    "ticket.reply": {"text": "Bitte neu starten"},
    "ticket.note": {"text": "Kennt das jemand?"},
    "ticket.pend": {"reason": "supplier", "until": "2026-11-27", "text": ""},
    "ticket.classify": {"category": "other", "urgency": "high", "impact": "site", "kind": "incident"},
    "ticket.escalate": {"line": "network", "reason": "skill", "tried": "Neu verbunden", "needed": "Tunnel prüfen"},
    "ticket.resolve": {"resolution": "Tunnel neu gestartet"},
    "ticket.reopen": {"reason": "Geht wieder nicht"},
    "ticket.nudge": {"reason": "getting_worse"},
    "ticket.notify_manager": {"reason": "Die Abteilung steht still"},
    "offer.return": {"reason": "first_line_can", "advice": "Siehe Anleitung 7"},
    "ticket.rate": {"rating": "4", "text": "Danke"},
}


def actor(person: Person, *lines: str) -> Actor:
    return Actor(person.aad_id, person.name, "de", frozenset(lines))


async def raised(world: World, state: str = "new", *, title: str = "VPN geht nicht", pings: bool = False) -> int:
    """The id of a ticket of the requester's in this state; if `pings`, Mara told a superior about it before."""
    ada, mara = actor(world.cast.requester), actor(world.cast.mara, "first")
    form = Submission(title, "Seit heute früh.", "other", Urgency.NORMAL, Impact.ME, Kind.INCIDENT)
    now = world.clock.now()

    def act(tx: Connection, ticket: int, *steps: requests.Request) -> None:
        for request in steps:
            who = ada if isinstance(request, requests.Confirm) else mara
            tickets.act(tx, world.desk, Turn(who, now), ticket, request)

    ticket = await world.database.write(lambda tx: tickets.submit(tx, world.desk, Turn(ada, now), form).ticket.id)
    if pings:
        await world.database.write(lambda tx: act(tx, ticket, requests.NotifyManager("Bitte helfen")))
        await world.running.timers.tick()
    await world.database.write(lambda tx: act(tx, ticket, *STATES[state]))
    return ticket


_ALL = (
    "SELECT * FROM tickets ORDER BY id",
    "SELECT * FROM events ORDER BY id",
    "SELECT target, kind, what, ticket, event FROM outbox ORDER BY id",
    "SELECT * FROM pings ORDER BY id",
    "SELECT * FROM preventions ORDER BY id",
)


async def everything(world: World) -> list[list[Any]]:
    """All that a click could have changed: tickets, history, messages, pings, preventive actions."""
    return await world.database.read(lambda tx: [list(tx.execute(text(each)).all()) for each in _ALL])


def on(ticket: int, version: int | None = None, **more: Any) -> Json:
    """What a card's button says about its ticket."""
    return {"desk": {"ticket": ticket, **({} if version is None else {"version": version}), **more}}


async def ready(world: World, state: str = "new", **more: Any) -> int:
    """The same with its cards where they belong: the bot has met the requester, and everything was delivered."""
    await world.click(world.cast.requester, "tickets.mine", {})
    ticket = await raised(world, state, **more)
    await world.settle()
    return ticket

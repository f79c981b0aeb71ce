"""Our product driven from outside, as Teams drives it, and every answer looked at."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench import load, world
from bench.servers import CannotMeasureError, Server
from bench.teams import Teams

CARD = "application/vnd.microsoft.card.adaptive"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as a card's buttons name it."""

    number: Any
    version: int

    @property
    def data(self) -> dict[str, Any]:
        return {"desk": {"ticket": self.number, "version": self.version}}


class Desk:
    """The desk behind one running server."""

    def __init__(self, server: Server, teams: Teams, first: int = 0) -> None:
        """`first` is the number of the first form sent here, so that two replicas are asked by different people."""
        self.server = server
        self._teams = teams
        self._token = teams.token()
        self._written = first

    async def open(self) -> None:
        """Install the bot in the first line's team."""
        arrival = load.prepare(world.installed_in_team(self._teams.service_url), self._token)
        run = await load.together(self.server.port, [arrival])
        _expect(run.answers[0].status < 300, "installation in the team", run.answers[0])

    async def submit(self, many: int, at_once: int = load.AT_ONCE) -> tuple[load.Run, list[Ticket]]:
        """Raise tickets; return how that went and the tickets."""
        requests = [self._form(self._written + n) for n in range(many)]
        self._written += many
        run = await load.together(self.server.port, requests, at_once)
        return run, [_ticket(answer) for answer in run.answers]

    async def take(self, tickets: Sequence[Ticket], at_once: int = load.AT_ONCE) -> load.Run:
        """Take each ticket and see that each answer is the card with the taker's name."""
        requests = [self._take(ticket, n) for n, ticket in enumerate(tickets)]
        run = await load.together(self.server.port, requests, at_once)
        see_takers(run)
        return run

    async def take_steadily(self, tickets: Sequence[Ticket], per_second: float) -> load.Run:
        requests = [self._take(ticket, n) for n, ticket in enumerate(tickets)]
        run = await load.steadily(self.server.port, requests, per_second)
        see_takers(run)
        return run

    async def ask(self, who: dict[str, str], verb: str, data: dict[str, Any]) -> load.Answer:
        """Press one button in somebody's own chat and return the answer, which must be a card."""
        activity = world.chat_action(self._teams.service_url, who, verb, data)
        run = await load.together(self.server.port, [load.prepare(activity, self._token)])
        card_of(run.answers[0])
        return run.answers[0]

    async def ask_each(self, presses: Sequence[tuple[dict[str, str], str, dict[str, Any]]]) -> load.Run:
        """Press the buttons one after the other over one connection."""
        activities = (world.chat_action(self._teams.service_url, *press) for press in presses)
        requests = [load.prepare(activity, self._token) for activity in activities]
        run = await load.together(self.server.port, requests, at_once=1)
        for answer in run.answers:
            card_of(answer)
        return run

    def _form(self, number: int) -> bytes:
        who = world.requester(number // world.TICKETS_PER_REQUESTER)
        activity = world.chat_action(self._teams.service_url, who, "ticket.submit", world.ticket_form(number))
        return load.prepare(activity, self._token)

    def _take(self, ticket: Ticket, number: int) -> bytes:
        activity = world.line_action(self._teams.service_url, world.agent(number), "ticket.take", ticket.data)
        return load.prepare(activity, self._token)


def see_takers(run: load.Run) -> None:
    """Refuse a run in which an answer is not the fresh card that names the agent who pressed."""
    for n, answer in enumerate(run.answers):
        taker = world.agent(n)["name"]
        _expect(taker in json.dumps(card_of(answer), ensure_ascii=False), f"the card names {taker}", answer)


def card_of(answer: load.Answer) -> dict[str, Any]:
    """Return the card of a card action's answer; refuse any other answer."""
    _expect(answer.status == 200, "an answer with status 200", answer)
    document = answer.json()
    _expect(document.get("type") == CARD and isinstance(document.get("value"), dict), "a card", answer)
    card: dict[str, Any] = document["value"]
    return card


def _ticket(answer: load.Answer) -> Ticket:
    """Return the ticket that an answer to the form shows on its buttons, or names in its text."""
    _expect(answer.status == 200, "an answer with status 200", answer)
    for data in _buttons(answer.json()):
        if isinstance(data.get("ticket"), int | str):
            return Ticket(data["ticket"], int(data.get("version", 1)))
    named = re.search(r"(?:INC|REQ)-(\d+)", answer.body.decode())
    _expect(named is not None, "a ticket's number", answer)
    assert named is not None
    return Ticket(int(named[1]), 1)


def _buttons(node: Any) -> Iterator[dict[str, Any]]:
    """Yield what each button of a card says about the desk."""
    if isinstance(node, list):
        for child in node:
            yield from _buttons(child)
    elif isinstance(node, dict):
        if isinstance(node.get("desk"), dict):
            yield node["desk"]
        for child in node.values():
            yield from _buttons(child)


def _expect(holds: bool, what: str, answer: load.Answer) -> None:
    if not holds:
        raise CannotMeasureError(f"expected {what}, got {answer.status} {answer.body[:600].decode(errors='replace')}")

"""Who looks at an answer: everything that rights need to know of them, on its way through the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.people import Actor
from app.services import agents


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Somebody as they were when they asked. What they see follows from this alone."""

    person: str
    lines: tuple[str, ...] = ()
    is_admin: bool = False
    teams_id: str | None = None

    @classmethod
    def of(cls, actor: Actor) -> "Onlooker":
        """Whoever acts, as far as that decides what they see."""
        return cls(actor.id, tuple(sorted(actor.lines)), actor.is_admin, actor.teams_id)

    def actor_now(self, tx: Connection, desk: Desk, language: str) -> Actor:
        """Whoever asked, as far as they still are what they were then."""
        now = agents.as_actor(tx, desk, self.person, language)
        lines, is_admin = now.lines & frozenset(self.lines), now.is_admin and self.is_admin
        return Actor(self.person, "", language, lines, is_admin, self.teams_id)


def gathered(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Data of the first version, in which the onlooker lay among the rest: what is missing is taken as not theirs."""
    known = ("person", "lines", "is_admin")
    rest = {name: value for name, value in payload.items() if name not in known}
    return {**rest, "onlooker": {name: payload[name] for name in known if name in payload}}

"""Who looks at an answer: everything that rights need to know of them, on its way through the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.people import Actor


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Somebody as they were when they asked. What they see follows from this alone."""

    person: str
    lines: frozenset[str] = frozenset()
    is_admin: bool = False
    teams_id: str | None = None

    @classmethod
    def of(cls, actor: Actor) -> "Onlooker":
        """Whoever acts, as far as that decides what they see."""
        return cls(actor.id, actor.lines, actor.is_admin, actor.teams_id)

    def actor(self, language: str) -> Actor:
        """The same as an actor, who reads in this language."""
        return Actor(self.person, "", language, self.lines, self.is_admin, self.teams_id)

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        known = {"person": self.person, "lines": sorted(self.lines), "is_admin": self.is_admin}
        return known | ({"teams_id": self.teams_id} if self.teams_id else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Onlooker":
        """From JSON values; of whoever asked before all of them were kept, what is missing is taken as not theirs."""
        return cls(data["person"], frozenset(data.get("lines", ())), bool(data.get("is_admin")), data.get("teams_id"))

"""How much one person may ask of the desk: more than anybody can mean, and a flood ends."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.errors import TooManyActions

ACTIONS_MAX = ((600, timedelta(minutes=1)), (20_000, timedelta(days=1)))
"""How many clicks, messages and edits of one person are taken within a time, by each process."""
FORGETS_EVERY = timedelta(minutes=5)


@dataclass(slots=True)
class Pace:
    """Counts what each person does, from the first of it until the time is over; then the count begins anew."""

    limits: tuple[tuple[int, timedelta], ...] = ACTIONS_MAX
    _counts: dict[tuple[str, timedelta], tuple[datetime, int]] = field(default_factory=dict)
    _forgot_at: datetime | None = None

    def count(self, person: str, now: datetime) -> None:
        """Count one more; raise `TooManyActions` when it is one too many."""
        self._forget(now)
        for most, within in self.limits:
            since, count = self._counts.get((person, within), (now, 0))
            if not since <= now < since + within:
                since, count = now, 0
            if count >= most:
                raise TooManyActions(limit=most)
            self._counts[person, within] = since, count + 1

    def _forget(self, now: datetime) -> None:
        if self._forgot_at is not None and now - self._forgot_at < FORGETS_EVERY:
            return
        self._forgot_at = now
        self._counts = {key: known for key, known in self._counts.items() if now < known[0] + key[1]}

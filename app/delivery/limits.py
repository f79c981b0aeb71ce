"""Teams' own limits, kept before Teams has to refuse.

Source: learn.microsoft.com, "Optimize your bot with rate limiting": per thread, and per app and tenant.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Window:
    """At most `most` sends within any `seconds`."""

    most: int
    seconds: float


PER_CONVERSATION = (Window(7, 1), Window(8, 2), Window(60, 30), Window(1800, 3600))
# Teams documents 30 and, lately, 50 per second and tenant: the smaller figure holds wherever one is
OVERALL = (Window(30, 1),)


@dataclass(slots=True)
class Limits:
    """Counts sends. Times are seconds of one steady clock and never go back."""

    per_conversation: tuple[Window, ...] = PER_CONVERSATION
    overall: tuple[Window, ...] = OVERALL
    _all: deque[float] = field(default_factory=deque)
    _sent: dict[str, deque[float]] = field(default_factory=dict)

    def wait(self, conversation: str, now: float) -> float:
        """Seconds until a message may go there; 0 when it may go now."""
        sent = self._sent.get(conversation)
        return max(_wait(sent, self.per_conversation, now) if sent else 0.0, self.wait_overall(now))

    def wait_overall(self, now: float) -> float:
        """Seconds until a message may go anywhere at all."""
        return _wait(self._all, self.overall, now)

    def count(self, conversation: str, now: float) -> None:
        """A message goes there now."""
        _add(self._all, self.overall, now)
        _add(self._sent.setdefault(conversation, deque()), self.per_conversation, now)

    def remember(self, sent: Iterable[tuple[str, float]]) -> None:
        """Count what another process sent before, oldest first."""
        for conversation, at in sent:
            self.count(conversation, at)

    def forget(self, now: float) -> None:
        """Let go of conversations in which nothing counts any more."""
        longest = max(window.seconds for window in self.per_conversation)
        self._sent = {name: sent for name, sent in self._sent.items() if sent and sent[-1] > now - longest}


def _wait(sent: deque[float], windows: tuple[Window, ...], now: float) -> float:
    wait = 0.0
    for window in windows:
        if len(sent) >= window.most:
            wait = max(wait, sent[-window.most] + window.seconds - now)
    return wait


def _add(sent: deque[float], windows: tuple[Window, ...], now: float) -> None:
    sent.append(now)
    while len(sent) > max(window.most for window in windows):
        sent.popleft()

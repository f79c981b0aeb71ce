"""Teams' own limits, kept before Teams has to refuse.

Source: learn.microsoft.com, "Optimize your bot with rate limiting": per thread, and per app and tenant. It does not say
whether a channel's threads count one by one; counted together, the limits hold either way.
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
# Teams documents 30 and, lately, 50 per second and tenant: the smaller figure holds wherever one is. The 30 ms are for
# messages that overtake each other on the way.
OVERALL = (Window(30, 1.03),)


@dataclass(slots=True)
class Limits:
    """Counts calls. A place is a chat or a whole channel. Times are seconds of one clock.

    In one place there is one call at a time, and it counts when it ends: wherever within it Teams took the message, the
    next ones keep their distance. Overall, a call counts when it begins.
    """

    per_conversation: tuple[Window, ...] = PER_CONVERSATION
    overall: tuple[Window, ...] = OVERALL
    _begun: deque[float] = field(default_factory=deque)
    _ended: dict[str, deque[float]] = field(default_factory=dict)
    _held: dict[str, float] = field(default_factory=dict)

    def wait(self, place: str, now: float) -> float:
        """Seconds until a call may go there, as far as the place is concerned; 0 when it may go now."""
        ended = self._ended.get(place)
        return max(0.0, self._held.get(place, now) - now, _wait(ended, self.per_conversation, now) if ended else 0.0)

    def wait_overall(self, now: float) -> float:
        """Seconds until a call may go anywhere at all."""
        return _wait(self._begun, self.overall, now)

    def begin(self, now: float) -> None:
        """A call begins."""
        _add(self._begun, self.overall, now)

    def end(self, place: str, now: float) -> None:
        """A call to this place is over."""
        _add(self._ended.setdefault(place, deque()), self.per_conversation, now)

    def hold(self, place: str, until: float) -> None:
        """Teams asked to leave the place alone until then."""
        self._held[place] = max(until, self._held.get(place, until))

    def remember(self, calls: Iterable[tuple[str, float]]) -> None:
        """Count what another process did before, oldest first."""
        for place, at in calls:
            self.begin(at)
            self.end(place, at)

    def forget(self, now: float) -> None:
        """Let go of places in which nothing counts any more."""
        longest = max(window.seconds for window in self.per_conversation)
        self._ended = {place: ended for place, ended in self._ended.items() if ended[-1] > now - longest}
        self._held = {place: until for place, until in self._held.items() if until > now}


def _wait(counted: deque[float], windows: tuple[Window, ...], now: float) -> float:
    wait = 0.0
    for window in windows:
        if len(counted) >= window.most:
            wait = max(wait, counted[-window.most] + window.seconds - now)
    return wait


def _add(counted: deque[float], windows: tuple[Window, ...], now: float) -> None:
    counted.append(now)
    while len(counted) > max(window.most for window in windows):
        counted.popleft()

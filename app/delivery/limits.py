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
# Teams documents 30 and, lately, 50 per second and tenant: the smaller figure holds wherever one is
OVERALL = (Window(30, 1),)
_UNTIL_ONE_ENDS = 0.05


@dataclass(slots=True)
class Limits:
    """Counts calls. A place is a chat or a whole channel. Times are seconds of one clock.

    A call counts from its beginning until the window after its end: whenever in between Teams took the message, the
    others keep their distance. In one place there is one call at a time.
    """

    per_conversation: tuple[Window, ...] = PER_CONVERSATION
    overall: tuple[Window, ...] = OVERALL
    _under_way: int = 0
    _ended: deque[float] = field(default_factory=deque)
    _ended_in: dict[str, deque[float]] = field(default_factory=dict)
    _held: dict[str, float] = field(default_factory=dict)

    def wait(self, place: str, now: float) -> float:
        """Seconds until a call may go there, as far as the place is concerned; 0 when it may go now."""
        ended = self._ended_in.get(place)
        return max(0.0, self._held.get(place, now) - now, _wait(ended, self.per_conversation, now) if ended else 0.0)

    def wait_overall(self, now: float, chosen: int = 0) -> float:
        """Seconds until a call may go anywhere at all, besides those already `chosen` to begin."""
        under_way = self._under_way + chosen
        if any(under_way >= window.most for window in self.overall):
            return _UNTIL_ONE_ENDS
        return max(0.0, _wait(self._ended, self.overall, now, under_way))

    def begin(self) -> None:
        """A call begins."""
        self._under_way += 1

    def end(self, place: str, now: float) -> None:
        """A call to this place is over."""
        self._under_way -= 1
        _add(self._ended, self.overall, now)
        _add(self._ended_in.setdefault(place, deque()), self.per_conversation, now)

    def hold(self, place: str, until: float) -> None:
        """Teams asked to leave the place alone until then."""
        self._held[place] = max(until, self._held.get(place, until))

    def remember(self, calls: Iterable[tuple[str, float]]) -> None:
        """Count what another process did before, oldest first."""
        for place, at in calls:
            self.begin()
            self.end(place, at)

    def forget(self, now: float) -> None:
        """Let go of places in which nothing counts any more."""
        longest = max(window.seconds for window in self.per_conversation)
        self._ended_in = {place: ended for place, ended in self._ended_in.items() if ended[-1] > now - longest}
        self._held = {place: until for place, until in self._held.items() if until > now}


def _wait(ended: deque[float], windows: tuple[Window, ...], now: float, under_way: int = 0) -> float:
    wait = 0.0
    for window in windows:
        free = window.most - under_way
        if len(ended) >= free:
            wait = max(wait, ended[-free] + window.seconds - now)
    return wait


def _add(ended: deque[float], windows: tuple[Window, ...], now: float) -> None:
    ended.append(now)
    while len(ended) > max(window.most for window in windows):
        ended.popleft()

"""Teams' own limits, kept before Teams has to refuse.

Source: learn.microsoft.com, "Optimize your bot with rate limiting": per thread, and per app and tenant. It does not say
whether a channel's threads count one by one; counted together, the limits hold either way.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Window:
    """At most `most` sends within any `seconds`."""

    most: int
    seconds: float


PER_CONVERSATION = (Window(7, 1), Window(8, 2), Window(60, 30), Window(1800, 3600))
# Teams documents 30 and, lately, 50 per second and tenant: the smaller figure holds wherever one is
OVERALL = (Window(30, 1),)
# Two thirds for what one person causes, so that there is always room for somebody else. The short windows of a
# conversation are free again before anybody notices.
PER_FLOW_IN_CONVERSATION = (Window(40, 30), Window(1200, 3600))
PER_FLOW = (Window(20, 1),)
_UNTIL_ONE_ENDS = 0.05


@dataclass(slots=True)
class Limits:
    """Counts calls. A place is a chat or a whole channel, a flow what one person causes (the empty one: what nobody
    does, which has no limits of its own). Times are seconds of one clock.

    A call counts from its beginning until the window after its end: whenever in between Teams took the message, the
    others keep their distance. In one place there is one call at a time.
    """

    per_conversation: tuple[Window, ...] = PER_CONVERSATION
    overall: tuple[Window, ...] = OVERALL
    per_flow_in_conversation: tuple[Window, ...] = PER_FLOW_IN_CONVERSATION
    per_flow: tuple[Window, ...] = PER_FLOW
    _under_way: int = 0
    _under_way_of: Counter[str] = field(default_factory=Counter)
    _ended: deque[float] = field(default_factory=deque)
    _ended_in: dict[str, deque[float]] = field(default_factory=dict)
    _ended_of: dict[str, deque[float]] = field(default_factory=dict)
    _ended_of_in: dict[tuple[str, str], deque[float]] = field(default_factory=dict)
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

    def wait_of_flow(self, flow: str, now: float, chosen: int = 0) -> float:
        """Seconds until somebody may cause one more call anywhere, besides those already `chosen` to begin."""
        under_way, ended = self._under_way_of[flow] + chosen, self._ended_of.get(flow)
        if not flow:
            return 0.0
        if any(under_way >= window.most for window in self.per_flow):
            return _UNTIL_ONE_ENDS
        return max(0.0, _wait(ended, self.per_flow, now, under_way)) if ended else 0.0

    def wait_of_flow_in(self, flow: str, place: str, now: float) -> float:
        """Seconds until somebody may cause one more call there, as far as their share of the place is concerned."""
        ended = self._ended_of_in.get((flow, place))
        return max(0.0, _wait(ended, self.per_flow_in_conversation, now)) if ended else 0.0

    def last_of(self, flow: str) -> float:
        """When the flow had its last turn; 0 when that is long ago."""
        ended = self._ended_of.get(flow)
        return ended[-1] if ended else 0.0

    def begin(self, flow: str = "") -> None:
        """A call begins."""
        self._under_way += 1
        self._under_way_of[flow] += 1

    def end(self, place: str, now: float, flow: str = "") -> None:
        """A call to this place is over."""
        self._under_way -= 1
        self._under_way_of[flow] -= 1
        _add(self._ended, self.overall, now)
        _add(self._ended_in.setdefault(place, deque()), self.per_conversation, now)
        _add(self._ended_of.setdefault(flow, deque()), self.per_flow, now)
        if flow:
            _add(self._ended_of_in.setdefault((flow, place), deque()), self.per_flow_in_conversation, now)

    def hold(self, place: str, until: float) -> None:
        """Teams asked to leave the place alone until then."""
        self._held[place] = max(until, self._held.get(place, until))

    def remember(self, calls: Iterable[tuple[str, float, str]]) -> None:
        """Count what another process did before: place, time and flow, oldest first."""
        for place, at, flow in calls:
            self.begin(flow)
            self.end(place, at, flow)

    def forget(self, now: float) -> None:
        """Let go of places and flows in which nothing counts any more."""
        self._ended_in = _counting(self._ended_in, self.per_conversation, now)
        self._ended_of = _counting(self._ended_of, self.per_flow, now)
        self._ended_of_in = _counting(self._ended_of_in, self.per_flow_in_conversation, now)
        self._under_way_of = +self._under_way_of
        self._held = {place: until for place, until in self._held.items() if until > now}


def _counting(ended: dict[K, deque[float]], windows: tuple[Window, ...], now: float) -> dict[K, deque[float]]:
    longest = max((window.seconds for window in windows), default=0.0)
    return {key: times for key, times in ended.items() if times[-1] > now - longest}


def _wait(ended: deque[float], windows: tuple[Window, ...], now: float, under_way: int = 0) -> float:
    wait = 0.0
    for window in windows:
        free = window.most - under_way
        if len(ended) >= free:
            wait = max(wait, ended[-free] + window.seconds - now)
    return wait


def _add(ended: deque[float], windows: tuple[Window, ...], now: float) -> None:
    ended.append(now)
    while len(ended) > max((window.most for window in windows), default=1):
        ended.popleft()

"""Business time: how long a calendar has worked between two instants, and when it will have worked enough.

It is working time whenever the clock on the wall shows a time within the weekly hours. So the hour that comes twice in
autumn is worked twice (also where hours end inside it: until 02:30 means both times), and the one that is skipped in
spring not at all. A shift over midnight belongs to the day it begins on and falls away with that day.

All arithmetic is in whole microseconds since 1970 (UTC), so nothing is lost by adding up.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from functools import cached_property, lru_cache
from math import gcd
from typing import NamedTuple

from app.domain.duration import Duration

MINUTES_A_DAY = 24 * 60
Running = Sequence[tuple[datetime, datetime | None]]

_MINUTE = 60 * 1_000_000
_DAY = MINUTES_A_DAY * _MINUTE
_LOOK_AHEAD = 10 * 366 * _DAY
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_DAYS_REMEMBERED = 2048


class Span(NamedTuple):
    """Minutes after midnight, local time; `end` is above 1440 where the shift ends on the next day."""

    start: int
    end: int


Week = tuple[tuple[Span, ...], ...]


class NeverOpen(Exception):
    """The calendar does not work enough within the ten years that are looked at."""


class _Piece(NamedTuple):
    """Working time without a break, within one UTC day."""

    start: int
    end: int
    day: int


class _Stretch(NamedTuple):
    """A piece that knows how much is worked on the whole working day it is part of."""

    start: int
    end: int
    whole: int


@dataclass(frozen=True)
class ServiceCalendar:
    """When a line works: the hours of a week (Monday first) in a time zone, less the days that are closed."""

    zone: tzinfo
    week: Week
    is_closed: Callable[[date], bool]

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time between two instants, nothing where `end` is not after `start`."""
        return timedelta(microseconds=sum(b - a for a, b, _ in self._stretches(_micros(start), _micros(end))))

    def due(self, running: Running, target: Duration, percent: int = 100) -> datetime | None:
        """Return the first instant (UTC) at which a clock has used up `percent` of its target.

        The clock ran in `running`, in order and without overlap, and runs on where the last end is None. None is
        returned when it stopped before, or would still run ten years after it last started.
        """
        unit, left = (100, target.days * percent) if target.days else (1, target.seconds * 10_000 * percent)
        for start, end in running:
            begin = _micros(start)
            for a, b, whole in self._stretches(begin, begin + _LOOK_AHEAD if end is None else _micros(end)):
                if target.days and unit % whole:  # count in a smaller part of a day, of which this one has whole ones
                    finer = whole // gcd(unit, whole)
                    unit, left = unit * finer, left * finer
                weight = unit // whole if target.days else 1
                if (b - a) * weight >= left:
                    return _instant(a + -(-left // weight))  # rounded up
                left -= (b - a) * weight
        return None

    def used(self, running: Running, target: Duration, now: datetime) -> Fraction:
        """Return the share of its target that a clock has used up until `now`; 1 is the whole target."""
        until = _micros(now)
        worked: Counter[int] = Counter()  # by what the working day has in all, so that few fractions are added up
        for start, end in running:
            for a, b, whole in self._stretches(_micros(start), until if end is None else min(until, _micros(end))):
                worked[whole if target.days else 1] += b - a
        used = sum((Fraction(micros, whole) for whole, micros in worked.items()), Fraction())
        return used / (target.days or target.seconds * 1_000_000)

    def add(self, start: datetime, target: Duration) -> datetime:
        """Return when a clock that starts now and never stops is due; raise NeverOpen where `due` gives up."""
        due = self.due([(start, None)], target)
        if due is None:
            raise NeverOpen(f"{target} is not worked within ten years")
        return due

    def is_open(self, at: datetime) -> bool:
        """Return whether it is working time; the end of a shift no longer is."""
        instant = _micros(at)
        return any(self._stretches(instant, instant + 1))

    def next_opening(self, at: datetime) -> datetime:
        """Return the first instant from `at` on (UTC) that is working time; raise NeverOpen where there is none."""
        instant = _micros(at)
        for a, _, _ in self._stretches(instant, instant + _LOOK_AHEAD):
            return _instant(a)
        raise NeverOpen("nothing is worked within ten years")

    def _stretches(self, begin: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Yield what is worked between two instants, in order, each with what its whole working day has."""
        for day in range(begin // _DAY, -(-stop // _DAY)):
            for opens, closes, whole in self._stretches_of(day):
                start, end = max(opens, begin), min(closes, stop)
                if start < end:
                    yield start, end, whole

    @cached_property
    def _stretches_of(self) -> Callable[[int], tuple[_Stretch, ...]]:
        @lru_cache(maxsize=_DAYS_REMEMBERED)
        def stretches_of(utc_day: int) -> tuple[_Stretch, ...]:
            return tuple(_Stretch(start, end, self._whole(day)) for start, end, day in self._pieces_of(utc_day))

        return stretches_of

    @cached_property
    def _pieces_of(self) -> Callable[[int], tuple[_Piece, ...]]:
        @lru_cache(maxsize=_DAYS_REMEMBERED)
        def pieces_of(utc_day: int) -> tuple[_Piece, ...]:
            return tuple(self._pieces(utc_day))

        return pieces_of

    def _whole(self, day: int) -> int:
        """Return how much is worked on the working day, which a zone and a night shift spread over four UTC days."""
        near = (piece for utc_day in range(day - 1, day + 3) for piece in self._pieces_of(utc_day))
        return sum(piece.end - piece.start for piece in near if piece.day == day)

    def _pieces(self, utc_day: int) -> Iterator[_Piece]:
        for begin, stop, offset in self._periods(utc_day * _DAY, (utc_day + 1) * _DAY):
            first, last = (begin + offset) // _DAY, (stop - 1 + offset) // _DAY
            for day in range(first - 1, last + 1):
                midnight = day * _DAY - offset
                for span in self._spans(day):
                    start = max(midnight + span.start * _MINUTE, begin)
                    end = min(midnight + span.end * _MINUTE, stop)
                    if start < end:
                        yield _Piece(start, end, day)

    def _spans(self, day: int) -> tuple[Span, ...]:
        local = date.fromordinal(_EPOCH_ORDINAL + day)
        spans = self.week[local.weekday()]
        return () if spans and self.is_closed(local) else spans

    def _periods(self, begin: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Cut a UTC day where the clocks change: begin, end and offset from UTC of each part."""
        before, after = self._offset(begin), self._offset(stop - 1)
        if before == after:
            yield begin, stop, before
            return
        low, high = begin, stop - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(middle) == before else (low, middle)
        yield begin, high, before
        yield high, stop, after

    def _offset(self, instant: int) -> int:
        offset = _instant(instant).astimezone(self.zone).utcoffset()
        return (offset or timedelta()) // _MICROSECOND


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)

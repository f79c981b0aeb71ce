"""Working time is what the clock on the wall says it is, in every night of every zone.

The oracle knows nothing of how the calendar reckons: it walks the minutes one by one and looks at the clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.calendar import MINUTES_A_DAY, NeverOpen, ServiceCalendar, Span, Week
from app.domain.duration import Duration

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, HOUR, TICK = timedelta(minutes=1), timedelta(hours=1), timedelta(microseconds=1)
A_WEEK = 7 * MINUTES_A_DAY

OFFICE: Week = ((Span(480, 720), Span(780, 1020)),) * 5 + ((), ())
UNEVEN: Week = ((Span(450, 720), Span(750, 1050)),) * 4 + ((Span(450, 780),), (), ())
ALWAYS: Week = ((Span(0, 1440),),) * 7
NIGHTS: Week = ((Span(1320, 1800),),) * 7
AROUND_THE_FOLD: Week = ((Span(0, 150), Span(150, 200), Span(1330, 1440)),) * 7
INTO_THE_FOLD: Week = ((Span(1320, 1440 + 150),),) * 7

# Nights in which clocks change, by an hour, by half an hour, at midnight, and zones in which they do not.
NIGHTS_THAT_MATTER = [
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 3, 8, 5, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("Asia/Kolkata", datetime(2026, 5, 1, tzinfo=UTC)),
    ("Pacific/Kiritimati", datetime(2026, 12, 31, tzinfo=UTC)),
    ("UTC", datetime(2026, 1, 1, tzinfo=UTC)),
]


@dataclass(frozen=True)
class Case:
    """A calendar, and a night around which something happens."""

    zone: str
    week: Week
    closed: frozenset[date]
    night: datetime

    @property
    def calendar(self) -> ServiceCalendar:
        return ServiceCalendar(ZoneInfo(self.zone), self.week, self.closed.__contains__)


def shift_at(case: Case, minute: datetime) -> date | None:
    """The oracle: the day whose shift is worked in the minute that begins then, None when nobody works."""
    local = minute.astimezone(ZoneInfo(case.zone))
    on_the_clock = local.hour * 60 + local.minute
    today = local.date()
    for day, shown in ((today, on_the_clock), (today - timedelta(days=1), on_the_clock + 24 * 60)):
        if day not in case.closed and any(start <= shown < end for start, end in case.week[day.weekday()]):
            return day
    return None


def minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += MINUTE


def weeks() -> st.SearchStrategy[Week]:
    """Weeks of shifts that do not overlap, often beginning or ending where clocks change."""
    odd_moment = st.integers(0, A_WEEK)
    night_moment = st.builds(
        lambda day, minute: day * 1440 + minute, st.integers(0, 6), st.sampled_from(range(0, 240, 15))
    )
    cuts = st.lists(odd_moment | night_moment, min_size=2, max_size=14, unique=True)
    drawn = st.builds(_week_of, cuts, st.integers(0, A_WEEK - 1))
    return st.sampled_from([OFFICE, UNEVEN, ALWAYS, NIGHTS, AROUND_THE_FOLD, INTO_THE_FOLD]) | drawn


def _week_of(cuts: list[int], turn: int) -> Week:
    days: list[list[Span]] = [[] for _ in range(7)]
    ordered = sorted(cuts)
    for start, end in zip(ordered[::2], ordered[1::2], strict=False):
        day, minute = divmod((start + turn) % A_WEEK, MINUTES_A_DAY)
        days[day].append(Span(minute, minute + min(end - start, MINUTES_A_DAY)))
    return tuple(tuple(sorted(spans)) for spans in days)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zone, night = draw(st.sampled_from(NIGHTS_THAT_MATTER))
    closed = draw(st.sets(st.integers(-4, 4), max_size=3))
    return Case(zone, draw(weeks()), frozenset(night.date() + timedelta(days=days) for days in closed), night)


def around(night: datetime, hours: int = 60) -> st.SearchStrategy[datetime]:
    return st.integers(-hours * 60, hours * 60).map(lambda minute: night + minute * MINUTE)


def moments(night: datetime) -> st.SearchStrategy[datetime]:
    """Instants to the microsecond."""
    reach = 100 * HOUR // TICK
    return st.integers(-reach, reach).map(lambda ticks: night + ticks * TICK)


PLAIN = st.builds(Duration, st.integers(1, 90), st.just("m")) | st.builds(Duration, st.integers(1, 40), st.just("h"))
PLAIN |= st.builds(Duration, st.integers(1, 5000), st.just("s"))
DAYS = st.builds(Duration, st.integers(1, 12), st.just("d"))
QUICK = settings(deadline=None, max_examples=80)
THOROUGH = settings(deadline=None, max_examples=200)


def is_worked(case: Case) -> bool:
    """Whether every target here is used up within the ten years that a calendar looks ahead."""
    return sum(end - start for spans in case.week for start, end in spans) >= 10


@THOROUGH
@given(case=cases(), data=st.data())
def test_every_minute_counts_that_the_clock_on_the_wall_says_is_worked(case: Case, data: st.DataObject) -> None:
    start, end = sorted((data.draw(around(case.night)), data.draw(around(case.night))))
    worked = sum(shift_at(case, minute) is not None for minute in minutes(start, end))
    assert case.calendar.worked(start, end) == worked * MINUTE
    assert case.calendar.worked(start.astimezone(ZoneInfo(case.zone)), end.astimezone(BERLIN)) == worked * MINUTE
    assert case.calendar.worked(end, start) == timedelta()


@QUICK
@given(case=cases(), data=st.data())
def test_a_calendar_is_open_when_the_clock_says_so_and_opens_next_when_it_does(case: Case, data: st.DataObject) -> None:
    at = data.draw(around(case.night))
    assert case.calendar.is_open(at) == (shift_at(case, at) is not None)
    opening = next((minute for minute in minutes(at, at + 30 * HOUR) if shift_at(case, minute)), None)
    if opening is not None:
        assert case.calendar.next_opening(at) == opening
        assert case.calendar.next_opening(at).tzinfo is UTC


@QUICK
@given(case=cases(), data=st.data())
def test_each_working_day_counts_as_one_and_each_part_of_it_by_its_part(case: Case, data: st.DataObject) -> None:
    start, end = sorted((data.draw(around(case.night, 30)), data.draw(around(case.night, 30))))
    walked = list(minutes(case.night - 84 * HOUR, case.night + 84 * HOUR))
    shifts = [shift_at(case, minute) for minute in walked]
    parts = sum(
        Fraction(1, shifts.count(shift))
        for minute, shift in zip(walked, shifts, strict=True)
        if shift and start <= minute < end
    )
    assert case.calendar.used([(start, None)], Duration(1, "d"), end) == parts
    assert case.calendar.used([(start, end)], Duration(3, "d"), end + HOUR) == parts / 3


@THOROUGH
@given(case=cases(), data=st.data())
def test_what_is_worked_adds_up_to_the_microsecond(case: Case, data: st.DataObject) -> None:
    calendar = case.calendar
    a, b, c = sorted(data.draw(moments(case.night)) for _ in range(3))
    assert calendar.worked(a, b) + calendar.worked(b, c) == calendar.worked(a, c)
    assert timedelta() <= calendar.worked(a, c) <= c - a


@THOROUGH
@given(case=cases(), target=PLAIN | DAYS, percent=st.integers(1, 500), data=st.data())
def test_a_clock_is_due_at_the_first_instant_at_which_its_target_is_used_up(
    case: Case, target: Duration, percent: int, data: st.DataObject
) -> None:
    assume(is_worked(case))
    calendar, start = case.calendar, data.draw(moments(case.night))
    due = calendar.due([(start, None)], target, percent)
    assume(due is not None)
    assert due is not None
    assert due > start
    assert due.tzinfo is UTC
    assert calendar.is_open(due - TICK)
    used, before = (calendar.used([(start, None)], target, at) for at in (due, due - TICK))
    assert before < Fraction(percent, 100) <= used
    if not target.days:
        assert used == Fraction(percent, 100)
        assert calendar.worked(start, due) == timedelta(seconds=target.seconds) * percent / 100


@QUICK
@given(case=cases(), target=PLAIN | DAYS, percents=st.tuples(st.integers(1, 500), st.integers(1, 500)), data=st.data())
def test_a_greater_share_is_never_due_earlier(
    case: Case, target: Duration, percents: tuple[int, int], data: st.DataObject
) -> None:
    assume(is_worked(case))
    start = data.draw(moments(case.night))
    sooner, later = (case.calendar.due([(start, None)], target, percent) for percent in sorted(percents))
    assert (sooner is not None and later is not None and sooner <= later) or later is None


@QUICK
@given(
    case=cases(),
    pieces=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    unit=st.sampled_from("smh"),
    data=st.data(),
)
def test_time_added_in_pieces_is_time_added_at_once(
    case: Case, pieces: list[int], unit: str, data: st.DataObject
) -> None:
    assume(is_worked(case))
    start = at = data.draw(moments(case.night))
    for piece in pieces:
        at = case.calendar.add(at, Duration(piece, unit))
    assert at == case.calendar.add(start, Duration(sum(pieces), unit))


@QUICK
@given(
    week=st.sampled_from([OFFICE, ALWAYS, NIGHTS]),
    pieces=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    data=st.data(),
)
def test_equal_days_added_in_pieces_are_days_added_at_once(week: Week, pieces: list[int], data: st.DataObject) -> None:
    calendar = ServiceCalendar(ZoneInfo("Asia/Kolkata"), week, {date(2026, 5, 1), date(2026, 5, 5)}.__contains__)
    start = at = data.draw(moments(datetime(2026, 5, 1, tzinfo=UTC)))
    for piece in pieces:
        at = calendar.add(at, Duration(piece, "d"))
    assert at == calendar.add(start, Duration(sum(pieces), "d"))


@QUICK
@given(case=cases(), pieces=st.lists(st.integers(1, 5), min_size=2, max_size=5), data=st.data())
def test_unequal_days_added_in_pieces_differ_by_no_more_than_the_rounding(
    case: Case, pieces: list[int], data: st.DataObject
) -> None:
    """Half a microsecond of a short day may be several of a long one: each piece rounds up once."""
    assume(is_worked(case))
    start = at = data.draw(moments(case.night))
    for piece in pieces:
        at = case.calendar.add(at, Duration(piece, "d"))
    at_once = case.calendar.add(start, Duration(sum(pieces), "d"))
    longest = max(sum(span.end - span.start for span in spans) for spans in case.week)
    assert at_once <= at
    assert case.calendar.worked(at_once, at) <= len(pieces) * (longest + 60) * TICK


@THOROUGH
@given(case=cases(), target=PLAIN | DAYS, data=st.data())
def test_a_clock_that_was_paused_has_used_up_its_target_while_it_ran_and_not_otherwise(
    case: Case, target: Duration, data: st.DataObject
) -> None:
    assume(is_worked(case))
    calendar = case.calendar
    marks = sorted(data.draw(st.lists(moments(case.night), min_size=2, max_size=8)))
    intervals = list(zip(marks[::2], marks[1::2], strict=False))
    share = sum(calendar.used([interval], target, marks[-1]) for interval in intervals)
    assert calendar.used(intervals, target, marks[-1]) == share
    due = calendar.due(intervals, target)
    assert (due is None) == (share < 1)
    resumed = calendar.due([*intervals, (marks[-1] + HOUR, None)], target)
    assert resumed is not None
    assert resumed == due if due else resumed > marks[-1] + HOUR
    ran = [(start, min(end, resumed)) for start, end in [*intervals, (marks[-1] + HOUR, resumed)] if start < resumed]
    if not target.days:
        assert sum((calendar.worked(*interval) for interval in ran), timedelta()) == timedelta(seconds=target.seconds)


@QUICK
@given(case=cases(), target=PLAIN | DAYS, data=st.data())
def test_a_pause_in_which_nobody_works_changes_nothing(case: Case, target: Duration, data: st.DataObject) -> None:
    assume(is_worked(case))
    start, pause = sorted(data.draw(moments(case.night)) for _ in range(2))
    resumed = case.calendar.next_opening(pause)
    assert case.calendar.due([(start, pause), (resumed, None)], target) == case.calendar.due([(start, None)], target)


def berlin(day: int, hour: int, minute: int = 0, month: int = 3, *, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN, fold=fold)


def calendar_of(week: Week, *closed: date) -> ServiceCalendar:
    return ServiceCalendar(BERLIN, week, closed.__contains__)


def test_a_day_from_thursday_half_way_ends_on_friday_half_way_however_short_it_is() -> None:
    calendar = calendar_of(UNEVEN)  # Thursday 07:30-12:00 and 12:30-17:30, Friday 07:30-13:00
    half_way = berlin(5, 12, 45)
    assert calendar.add(half_way, Duration(1, "d")) == berlin(6, 10, 15)
    assert calendar.add(half_way, Duration(2, "d")) == berlin(9, 12, 45)


def test_a_holiday_and_a_weekend_are_no_working_days() -> None:
    calendar = calendar_of(OFFICE, date(2026, 4, 3), date(2026, 4, 6))  # Good Friday, Easter Monday
    thursday = berlin(2, 16, month=4)
    assert calendar.add(thursday, Duration(2, "h")) == berlin(7, 9, month=4)
    assert calendar.add(thursday, Duration(1, "d")) == berlin(7, 16, month=4)


def test_a_promise_that_is_used_up_at_closing_time_is_due_at_closing_time() -> None:
    assert calendar_of(OFFICE).add(berlin(6, 15), Duration(2, "h")) == berlin(6, 17)
    assert calendar_of(OFFICE).add(berlin(6, 17), Duration(1, "d")) == berlin(9, 17)


def test_a_night_shift_falls_away_with_the_day_it_begins_on() -> None:
    calendar = calendar_of(NIGHTS, date(2026, 3, 4))
    assert calendar.worked(berlin(4, 0), berlin(5, 0)) == 6 * HOUR  # Tuesday's night, until six
    assert calendar.worked(berlin(5, 0), berlin(6, 0)) == 2 * HOUR  # Thursday's, from ten
    assert calendar.next_opening(berlin(4, 6)) == berlin(5, 22)


def test_a_shift_is_an_hour_shorter_in_spring_and_an_hour_longer_in_autumn() -> None:
    calendar = calendar_of(NIGHTS)
    assert calendar.worked(berlin(28, 12), berlin(29, 12)) == 7 * HOUR
    assert calendar.worked(berlin(24, 12, month=10), berlin(25, 12, month=10)) == 9 * HOUR
    assert calendar.add(berlin(28, 22), Duration(8, "h")) == berlin(29, 23)
    assert calendar.add(berlin(28, 22), Duration(1, "d")) == berlin(29, 6)


def test_hours_that_end_in_the_repeated_hour_are_worked_both_times() -> None:
    calendar = calendar_of(INTO_THE_FOLD)
    night = berlin(24, 22, month=10)
    assert calendar.worked(night, berlin(25, 12, month=10)) == 5 * HOUR
    assert calendar.is_open(berlin(25, 2, 15, month=10))
    assert not calendar.is_open(berlin(25, 2, 45, month=10))
    assert calendar.is_open(berlin(25, 2, 15, month=10, fold=1))
    assert calendar.add(night, Duration(5, "h")) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # the second 02:30


def test_a_day_whose_only_hour_is_skipped_is_no_working_day() -> None:
    calendar = calendar_of(((Span(120, 180),),) * 7)
    assert calendar.worked(berlin(29, 0), berlin(30, 0)) == timedelta()
    assert calendar.add(berlin(28, 2, 30), Duration(1, "d")) == berlin(30, 2, 30)


def test_whole_days_of_23_and_25_hours_count_as_one_each() -> None:
    calendar = calendar_of(ALWAYS)
    assert calendar.add(berlin(28, 0), Duration(3, "d")) == berlin(31, 0)
    assert calendar.add(berlin(24, 0, month=10), Duration(3, "d")) == berlin(27, 0, month=10)
    assert calendar.add(berlin(28, 12), Duration(1, "d")) == berlin(29, 12, 30)


def test_a_clock_that_stopped_in_time_is_never_due() -> None:
    calendar = calendar_of(OFFICE)
    assert calendar.due([(berlin(2, 8), berlin(2, 9)), (berlin(3, 8), berlin(3, 9))], Duration(3, "h")) is None
    assert calendar.due([], Duration(3, "h")) is None
    assert calendar.used([], Duration(3, "h"), berlin(2, 8)) == 0


def test_what_ran_after_now_is_not_used_yet() -> None:
    ran = [(berlin(2, 8), berlin(2, 10)), (berlin(2, 11), None)]
    shares = [calendar_of(OFFICE).used(ran, Duration(4, "h"), berlin(2, hour)) for hour in (7, 9, 10, 11, 12, 14)]
    assert shares == [0, Fraction(1, 4), Fraction(1, 2), Fraction(1, 2), Fraction(3, 4), 1]


def test_five_times_a_year_of_working_days_is_still_found() -> None:
    due = calendar_of(((Span(480, 540),), (), (), (), (), (), ())).due([(berlin(2, 8), None)], Duration(52, "d"), 500)
    assert due == datetime(2031, 2, 17, 9, tzinfo=BERLIN)


@pytest.mark.parametrize(
    "calendar", [calendar_of(((),) * 7), ServiceCalendar(BERLIN, OFFICE, lambda day: day.year > 2025)]
)
def test_a_calendar_that_never_works_is_given_up(calendar: ServiceCalendar) -> None:
    assert calendar.due([(berlin(2, 8), None)], Duration(1, "s")) is None
    assert calendar.due([(berlin(2, 8), None)], Duration(1, "d")) is None
    with pytest.raises(NeverOpen):
        calendar.add(berlin(2, 8), Duration(1, "h"))
    with pytest.raises(NeverOpen):
        calendar.next_opening(berlin(2, 8))


def test_a_zone_that_skips_a_whole_day_has_no_such_working_day() -> None:
    samoa = ServiceCalendar(ZoneInfo("Pacific/Apia"), ALWAYS, lambda day: False)
    start = datetime(2011, 12, 29, tzinfo=ZoneInfo("Pacific/Apia"))
    assert samoa.add(start, Duration(2, "d")) == start + timedelta(days=3)
    assert samoa.worked(start, start + timedelta(days=3)) == 48 * HOUR

"""Whether the calendars can be reckoned with, and every promise be kept by them: somebody must work in time."""

from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from app.desk.calendars import service_calendar
from app.desk.model import Calendar, Desk, LineTarget, Target
from app.desk.problems import Finding, hint
from app.desk.source import Place
from app.domain.calendar import Week
from app.domain.duration import Duration

_WEEKS_A_YEAR = 52
_CLOCKS = ("first_response", "resolution", "acceptance", "next_update")


def calendar_findings(desk: Desk) -> Iterator[Finding]:
    """Yield what is wrong with zones, calendars, and with promises their calendar has no time for."""
    yield from _zone(desk.timezone, ("desk", "timezone"))
    for name, calendar in desk.calendars.items():
        yield from _calendar(name, calendar, ("calendars", name))
    yield from _promises(desk)


def _calendar(name: str, calendar: Calendar, path: Place) -> Iterator[Finding]:
    if calendar.timezone is not None:
        yield from _zone(calendar.timezone, (*path, "timezone"))
    wrong_codes = [finding for code in calendar.holidays for finding in _holiday_code(code, (*path, "holidays"))]
    yield from wrong_codes
    if not any(calendar.hours):
        yield Finding((*path, "hours"), f"the calendar {name} has no working hour: no promise could ever be due")
    elif not wrong_codes:
        yield from _closed_years(name, calendar, (*path, "closed"))


def _closed_years(name: str, calendar: Calendar, path: Place) -> Iterator[Finding]:
    is_closed = service_calendar("UTC", calendar.hours, calendar.holidays, calendar.closed).is_closed
    for year in sorted({day.year for days in calendar.closed for day in days}):
        first = date(year, 1, 1).toordinal()
        days = map(date.fromordinal, range(first, date(year, 12, 31).toordinal() + 1))
        if all(is_closed(day) for day in days if calendar.hours[day.weekday()]):
            yield Finding(path, f"the calendar {name} is closed on all its working days of {year}: shorten closed")


def _zone(name: str, path: Place) -> Iterator[Finding]:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        yield Finding(path, f"there is no time zone {name}{hint(name, available_timezones())}")


def _holiday_code(code: str, path: Place) -> Iterator[Finding]:
    import holidays  # only files with public holidays need it

    countries = holidays.list_supported_countries()
    country, _, state = code.partition("-")
    if country not in countries:
        known = [*countries, *(f"{country}-{state}" for country, states in countries.items() for state in states)]
        # of two or three letters any other code is near, and another country
        near = get_close_matches(code.upper(), known, n=1, cutoff=0.75 if len(code) > 3 else 1)
        advice = f"did you mean {near[0]}?" if near else "write a country like DE, or a state like DE-BY"
        yield Finding(path, f"no public holidays are known for {code}: {advice}")
    elif state and state not in countries[country]:
        yield Finding(path, f"{country} has no state {state}{hint(state, countries[country])}")


def _promises(desk: Desk) -> Iterator[Finding]:
    """Each promise by each calendar it is reckoned by; a line's own stands at the line."""
    for line in (line for line in desk.lines.values() if line.level > 0):
        for priority, target in desk.targets.items():
            own = line.targets.get(priority, LineTarget())
            name = own.calendar or target.calendar or line.calendar
            if name not in desk.calendars:
                continue  # told by itself
            for clock in _CLOCKS:
                promised = _promised(own, clock) or _promised(target, clock)
                if promised and _takes_longer_than_a_year(promised, desk.calendars[name].hours):
                    theirs: Place = ("lines", line.id, "targets", priority.value, clock)
                    path = theirs if _promised(own, clock) else ("targets", priority.value, clock)
                    sentence = f"{promised} takes longer than a year by the calendar {name}: promise it sooner"
                    yield Finding(path, sentence, see=("calendars", name))


def _promised(target: Target | LineTarget, clock: str) -> Duration | None:
    promised: Duration | None = getattr(target, clock)
    return promised


def _takes_longer_than_a_year(promised: Duration, hours: Week) -> bool:
    days = sum(1 for spans in hours if spans)
    seconds = sum(60 * (span.end - span.start) for spans in hours for span in spans)
    return days > 0 and (promised.days > _WEEKS_A_YEAR * days or promised.seconds > _WEEKS_A_YEAR * seconds)

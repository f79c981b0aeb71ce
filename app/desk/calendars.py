"""The calendars of a desk file as the calendars that clocks run by."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.desk.values import ClosedDays
from app.domain.calendar import ServiceCalendar, Week


@lru_cache(maxsize=256)
def service_calendar(
    zone: str, hours: Week, holidays: tuple[str, ...], closed: tuple[ClosedDays, ...]
) -> ServiceCalendar:
    """Return the calendar of these values, the same one each time: what it has worked out stays known."""

    def is_closed(day: date) -> bool:
        return any(days.first <= day <= days.last for days in closed) or any(
            day in public_holidays(code, day.year) for code in holidays
        )

    return ServiceCalendar(ZoneInfo(zone), hours, is_closed)


@lru_cache(maxsize=1024)
def public_holidays(code: str, year: int) -> frozenset[date]:
    """Return the public holidays of a country or state (`DE`, `DE-BY`) in one year."""
    import holidays  # only files with public holidays need it

    country, _, state = code.partition("-")
    days: Iterable[date] = holidays.country_holidays(country, subdiv=state or None, years=year)
    return frozenset(days)

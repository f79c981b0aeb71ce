"""Days as people write them, German and English."""

import re
from datetime import date, timedelta

_WEEKDAYS = (
    *(("montag", "monday"), ("dienstag", "tuesday"), ("mittwoch", "wednesday"), ("donnerstag", "thursday")),
    *(("freitag", "friday"), ("samstag", "saturday"), ("sonntag", "sunday")),
)
_FROM_TODAY = {"heute": 0, "today": 0, "morgen": 1, "tomorrow": 1, "übermorgen": 2, "uebermorgen": 2}
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_GERMAN = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.?\s?([0-9]{4})?")


def day_in(words: str, today: date) -> date | None:
    """The day that is meant, where it is written as one: `2026-12-24`, `24.12.2026`, `24.12.`, `Freitag`, `tomorrow`.

    A weekday is the next one of its name; a date without a year is the next one of its kind.
    """
    said = " ".join(words.lower().split()).strip(" !?")
    if said in _FROM_TODAY:
        return today + timedelta(days=_FROM_TODAY[said])
    for number, names in enumerate(_WEEKDAYS):
        if said.rstrip(".") in names:
            return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    if iso := _ISO.fullmatch(said.rstrip(".")):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    german = _GERMAN.fullmatch(said)
    if german is None:
        return None
    day, month = int(german[1]), int(german[2])
    if german[3]:
        return _day(int(german[3]), month, day)
    this_year = _day(today.year, month, day)
    return _day(today.year + 1, month, day) if this_year is None or this_year < today else this_year


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

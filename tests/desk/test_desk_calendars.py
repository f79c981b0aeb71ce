"""The calendars of a desk file, as clocks run by them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import app.desk
from app.desk.load import load, load_text
from app.domain.duration import Duration
from app.domain.priority import Priority

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def worked_on(desk_text: str, day: datetime) -> timedelta:
    return load_text(desk_text).calendar("office").worked(day, day + timedelta(days=1))


def test_a_line_works_its_hours_in_the_desks_zone_or_its_own(desk_text: str) -> None:
    morning = datetime(2026, 7, 1, 6, 30, tzinfo=UTC)
    assert load_text(desk_text).calendar("office").is_open(morning)
    own = desk_text.replace("holidays: DE-BY", "holidays: DE-BY\n    timezone: America/New_York")
    office = load_text(own).calendar("office")
    assert not office.is_open(morning)
    assert office.is_open(morning + 6 * HOUR)


@pytest.mark.parametrize(
    ("codes", "corpus_christi", "assumption", "labour_day"),
    [("DE", 8, 8, 0), ("DE-NW", 0, 8, 0), ("DE-BY", 0, 8, 0), ("[DE-NW, DE-SL]", 0, 0, 0), ("US", 8, 8, 8)],
)
def test_public_holidays_are_those_of_the_country_and_the_state(
    desk_text: str, codes: str, corpus_christi: int, assumption: int, labour_day: int
) -> None:
    text = desk_text.replace("holidays: DE-BY", f"holidays: {codes}").replace("mon-fri", "mon-sun")
    days = (
        datetime(2026, 6, 4, tzinfo=BERLIN),
        datetime(2026, 8, 15, tzinfo=BERLIN),
        datetime(2026, 5, 1, tzinfo=BERLIN),
    )
    assert [worked_on(text, day) // HOUR for day in days] == [corpus_christi, assumption, labour_day]


def test_a_public_holiday_falls_on_its_day_in_every_year(desk_text: str) -> None:
    good_fridays = [datetime(2026, 4, 3, tzinfo=BERLIN), datetime(2027, 3, 26, tzinfo=BERLIN)]
    assert [worked_on(desk_text, day) for day in good_fridays] == [timedelta(), timedelta()]
    assert worked_on(desk_text, datetime(2027, 4, 2, tzinfo=BERLIN)) == 8 * HOUR


@pytest.mark.parametrize(
    ("written", "open_days"),
    [
        ("2026-12-23", [21, 22, 24, 28, 29, 30, 31]),
        ("[2026-12-23, 2026-12-24]", [21, 22, 28, 29, 30, 31]),
        ("2026-12-24..2027-01-01", [21, 22, 23]),
        ("[2026-12-24 .. 2026-12-24, 2026-12-28..2026-12-30]", [21, 22, 23, 31]),
    ],
)
def test_a_line_is_closed_on_its_own_days_the_last_one_included(
    desk_text: str, written: str, open_days: list[int]
) -> None:
    text = desk_text.replace("holidays: DE-BY", f"holidays: DE-BY\n    closed: {written}")
    days = [datetime(2026, 12, day, tzinfo=BERLIN) for day in range(21, 32)]
    assert [day.day for day in days if worked_on(text, day)] == open_days


def test_a_calendar_is_built_once(desk_text: str) -> None:
    desk = load_text(desk_text)
    assert desk.calendar("office") is desk.calendar("office")
    assert desk.calendar("office") is not desk.calendar("always")


def test_the_company_example_promises_over_christmas_what_its_calendars_allow() -> None:
    company = load(Path(app.desk.__file__).parent / "examples" / "company.yaml")
    target = company.target("network", Priority.P3)
    assert target.calendar == "office"
    wednesday = datetime(2026, 12, 23, 12, 45, tzinfo=BERLIN)
    due = company.calendar(target.calendar).add(wednesday, target.resolution)
    assert target.resolution == Duration(2, "d")
    assert due == datetime(2027, 1, 5, 12, 45, tzinfo=BERLIN)  # half of Wednesday, Monday, half of Tuesday

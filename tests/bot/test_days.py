"""Until when somebody is away, as people write it."""

from datetime import date

import pytest

from app.bot.commands import Command, Word, parse
from app.bot.days import day_in

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2026-12-24", date(2026, 12, 24)),
        ("24.12.2026", date(2026, 12, 24)),
        ("24. 12. 2026", date(2026, 12, 24)),
        ("24.12.", date(2026, 12, 24)),
        ("24.12", date(2026, 12, 24)),
        ("20.11.", FRIDAY),
        ("19.11.", date(2027, 11, 19)),
        ("heute", FRIDAY),
        ("Tomorrow", date(2026, 11, 21)),
        ("übermorgen", date(2026, 11, 22)),
        ("Montag", date(2026, 11, 23)),
        ("Friday!", date(2026, 11, 27)),
        ("29.02.", None),
        ("2026-13-01", None),
        ("31.11.2026", None),
        ("bald", None),
        ("", None),
        ("٢٤.١٢.", None),
        ("99999999.1.", None),
    ],
)
def test_a_day_is_understood_as_people_write_it(words: str, day: date | None) -> None:
    assert day_in(words, FRIDAY) == day


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("absent until 2026-12-24", Command(Word.ABSENT, "2026-12-24")),
        ("Abwesend bis 24.12.2026", Command(Word.ABSENT, "24.12.2026")),
        ("Ich bin abwesend bis zum 24.12.", Command(Word.ABSENT, "24.12.")),
        ("abwesend", Command(Word.ABSENT)),
        ("back", Command(Word.BACK)),
        ("Wieder da!", Command(Word.BACK)),
    ],
)
def test_being_away_and_back_is_typed_in_either_language(typed: str, command: Command) -> None:
    assert parse(typed) == command


@pytest.mark.parametrize("typed", ["abwesend war Tom gestern", "Der Drucker ist wieder da", "absent until " + "9" * 60])
def test_talk_about_being_away_is_no_command(typed: str) -> None:
    assert parse(typed).word is Word.UNKNOWN

"""Until when somebody is away, as people write it."""

from datetime import date

import pytest

from app.bot.words.commands import Command, Commands, Word
from app.bot.words.days import Days
from app.domain.errors import DomainError
from app.i18n import Texts

FRIDAY = date(2026, 11, 20)
TEXTS = Texts.load()
COMMANDS = Commands(TEXTS)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2026-12-24", date(2026, 12, 24)),
        ("24.12.2026", date(2026, 12, 24)),
        ("24. 12. 2026", date(2026, 12, 24)),
        ("24.12.", date(2026, 12, 24)),
        ("24.12", date(2026, 12, 24)),
        ("20.11.", FRIDAY),
        ("1.3.", date(2027, 3, 1)),
        ("19.8.", date(2027, 8, 19)),
        ("24.12.26", date(2026, 12, 24)),
        ("24/12", date(2026, 12, 24)),
        ("24/12/2026", date(2026, 12, 24)),
        ("24/12/26", date(2026, 12, 24)),
        ("12/24", date(2026, 12, 24)),
        ("12/24/2026", date(2026, 12, 24)),
        ("12/12", date(2026, 12, 12)),
        ("24/13", None),
        ("13/13", None),
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
    assert Days(TEXTS).day_in(words, FRIDAY) == day


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("19.11.", "error.which_year"),
        ("20.8.", "error.which_year"),
        ("5/6", "error.which_month"),
        ("05/06/2027", "error.which_month"),
    ],
)
def test_what_may_be_meant_in_two_ways_is_asked_and_not_guessed(words: str, key: str) -> None:
    with pytest.raises(DomainError) as asked:
        Days(TEXTS).day_in(words, FRIDAY)
    assert asked.value.key == key


def test_christmas_is_not_meant_in_january_when_it_has_just_been() -> None:
    with pytest.raises(DomainError) as asked:
        Days(TEXTS).day_in("24.12.", date(2027, 1, 5))
    assert asked.value.values == {"day": "24.12.", "year": 2027}


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
    assert COMMANDS.parse(typed) == command


@pytest.mark.parametrize("typed", ["abwesend war Tom gestern", "Der Drucker ist wieder da", "absent until " + "9" * 60])
def test_talk_about_being_away_is_no_command(typed: str) -> None:
    assert COMMANDS.parse(typed).word is Word.UNKNOWN

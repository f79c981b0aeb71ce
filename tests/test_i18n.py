"""The catalogues: complete, alike, and read the way people of each language write."""

import ast
import json
import re
import string
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from app.bot.words.commands import TYPED, Command, Commands, Word
from app.domain import events
from app.domain.events import PRIORITY_RAISED as RAISED
from app.domain.verbs import Verb
from app.i18n import LOCALES, MissingText, Texts, languages

TEXTS = Texts.load()
CATALOGUES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(LOCALES.glob("*.json"))}
BERLIN = ZoneInfo("Europe/Berlin")
APP = LOCALES.parent
VERBS = {verb.value for verb in Verb} | {
    *("language.set", "article.view", "article.helped", "article.not_helped", "article.edit", "article.publish"),
    *("ping.acknowledge", "prevention.name"),
}
EVENTS = {value for value in vars(events).values() if isinstance(value, str)} | {RAISED}
READERS_OWN = {"format.date", "format.moment"}  # each language writes dates with the parts it needs


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def forms(template: str | dict[str, str]) -> list[str]:
    return list(template.values()) if isinstance(template, dict) else [template]


def test_german_and_english_ship() -> None:
    assert {"de", "en"} <= set(CATALOGUES)


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_language_has_every_sentence(language: str) -> None:
    assert sorted(CATALOGUES[language]) == sorted(CATALOGUES["en"])


@pytest.mark.parametrize("language", CATALOGUES)
def test_no_catalogue_names_a_key_twice(language: str) -> None:
    pairs = json.loads((LOCALES / f"{language}.json").read_text("utf-8"), object_pairs_hook=lambda items: items)
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("key", sorted(set(CATALOGUES["en"]) - READERS_OWN))
def test_every_language_fills_in_the_same_values(key: str) -> None:
    used = {language: set().union(*map(placeholders, forms(texts[key]))) for language, texts in CATALOGUES.items()}
    assert len(set(map(frozenset, used.values()))) == 1, used


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_plural_has_the_forms_its_language_needs(language: str) -> None:
    needed = set(Locale.parse(language).plural_form.tags) | {"other"}
    plurals = {key: set(text) for key, text in CATALOGUES[language].items() if isinstance(text, dict)}
    assert plurals
    assert {key: found for key, found in plurals.items() if found != needed} == {}


@pytest.mark.parametrize("language", CATALOGUES)
def test_no_sentence_is_empty_or_left_open(language: str) -> None:
    for key, template in CATALOGUES[language].items():
        for form in forms(template):
            assert form.strip() == form != "", key


def test_every_key_named_in_the_code_is_in_the_catalogue() -> None:
    families = {key.partition(".")[0] for key in CATALOGUES["en"]} - {
        "card",
        "delivery",
        "file",
    }  # also first words of log entries
    key = re.compile(rf"({'|'.join(families)})(\.[a-z_]*[a-z])+")
    named = {
        node.value
        for part in ("bot", "cards", "delivery", "domain", "messages", "services")
        for path in (APP / part).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and key.fullmatch(node.value)
    }
    assert len(named) > 50
    others = {"ping.failed", "rating.change"}  # a log entry, a verb
    assert named - set(CATALOGUES["en"]) - VERBS - EVENTS - others == set()


@pytest.mark.parametrize(
    ("asked", "found"),
    [("de", "de"), ("de-AT", "de"), ("DE_de", "de"), ("en-GB", "en"), ("fr-FR", "en"), ("", "en"), (None, "en")],
)
def test_a_reader_gets_the_nearest_language(asked: str | None, found: str) -> None:
    assert TEXTS.language(asked).language == found


def test_an_unknown_language_gets_the_language_of_the_desk() -> None:
    assert Texts.load(default="de").language("fr").language == "de"


def test_a_sentence_missing_in_one_language_is_said_in_another() -> None:
    texts = Texts({"de": {}, "en": {"hello": "Hello {name}"}})
    assert texts.language("de")("hello", name="Mara") == "Hello Mara"


def test_a_sentence_missing_in_a_further_language_is_said_in_english() -> None:
    texts = Texts({"de": {"hello": "Hallo"}, "en": {"hello": "Hello"}, "fr": {}, "pl": {"hello": "Cześć"}})
    assert texts.language("fr")("hello") == "Hello"


def test_a_plural_without_the_form_that_is_needed_takes_another() -> None:
    texts = Texts({"en": {}, "fr": {"hits": {"one": "{count} fichier"}}})
    assert texts.language("fr")("hits", count=5) == "5 fichier"


def test_a_language_of_which_no_dates_are_known_writes_them_as_english() -> None:
    texts = Texts({"en": {"format.date": "{weekday} {day} {month_name}"}, "xx": {}})
    assert texts.language("xx").date(date(2026, 11, 26)) == "Thu 26 Nov"


def test_a_catalogue_is_found_by_its_code_however_it_is_written(tmp_path: Path) -> None:
    for file in ("en.json", "pt-BR.json"):
        (tmp_path / file).write_text("{}", "utf-8")
    texts = Texts.load(folder=tmp_path)
    assert languages(tmp_path) == texts.languages == ("en", "pt-br")
    assert texts.language("pt-BR").language == "pt-br"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(("deutsch", "de"), ("German", "de"), ("ENGLISCH", "en"), ("english", "en"), ("de", "de"), ("en-GB", "en")),
        *(("klingon", None), ("", None)),
    ],
)
def test_a_language_is_known_by_its_names_and_its_code(name: str, code: str | None) -> None:
    assert TEXTS.called(name) == code


@pytest.mark.parametrize("keys", [[word.name.lower() for word in TYPED], ["today", "tomorrow", "day_after_tomorrow"]])
def test_no_word_that_is_typed_means_two_things(keys: list[str]) -> None:
    means: dict[str, set[str]] = {}
    for key in keys:
        for word in TEXTS.words(f"words.{key}"):
            means.setdefault(word.lower(), set()).add(key)
    assert {word: found for word, found in means.items() if len(found) > 1} == {}


@pytest.mark.parametrize("language", CATALOGUES)
def test_what_help_says_can_be_typed_is_understood(language: str) -> None:
    commands, t = Commands(TEXTS), TEXTS.language(language)
    typed = {key for key in CATALOGUES[language] if key.startswith("help.word.") and key.endswith(".type")}
    assert len(typed) > 10
    assert {key for key in typed if commands.parse(t(key)).word is Word.UNKNOWN} == set()
    assert commands.parse(t("talk.bind", line="network")) == Command(Word.BIND, "network")


def test_a_sentence_missing_everywhere_is_a_fault_and_never_shown_as_its_key() -> None:
    with pytest.raises(MissingText):
        TEXTS.language("de")("no.such.sentence")


def test_what_people_wrote_is_never_read_as_a_placeholder() -> None:
    said = TEXTS.language("en")("notice.taken", name="{number}", number="INC-1", title="{0.__class__}")
    assert said == "{number} has taken INC-1 ({0.__class__}). As soon as there is news, you get a message here."


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [("de", 1, "1 Versuch"), ("de", 0, "0 Versuche"), ("de", 3, "3 Versuche"), ("en", 1, "1 attempt")],
)
def test_numbers_take_the_plural_of_the_language(language: str, count: int, said: str) -> None:
    assert TEXTS.language(language)("admin.attempts", count=count) == said


def test_a_third_language_is_one_more_file(tmp_path: Path) -> None:
    (tmp_path / "en.json").write_text(json.dumps({"hits": {"one": "{count} hit", "other": "{count} hits"}}))
    (tmp_path / "pl.json").write_text(
        json.dumps({"hits": {"one": "{count} plik", "few": "{count} pliki", "other": "{count} plików"}}), "utf-8"
    )
    polish = Texts.load(folder=tmp_path).language("pl-PL")
    assert [polish("hits", count=count) for count in (1, 3, 5)] == ["1 plik", "3 pliki", "5 plików"]


@pytest.mark.parametrize(("language", "said"), [("de", "Mo 23.11. 14:05"), ("en", "Mon 23 Nov, 14:05")])
def test_a_moment_is_told_in_the_readers_zone_and_writing(language: str, said: str) -> None:
    assert TEXTS.language(language).moment(datetime(2026, 11, 23, 13, 5, tzinfo=UTC), BERLIN) == said


@pytest.mark.parametrize(("language", "said"), [("de", "11,8"), ("en", "11.8")])
def test_a_fraction_is_written_as_in_the_language(language: str, said: str) -> None:
    assert TEXTS.language(language).number(11.77) == said


def test_a_moment_near_midnight_belongs_to_the_readers_day() -> None:
    assert TEXTS.language("de").moment(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), BERLIN) == "Mi 01.07. 00:30"


@pytest.mark.parametrize(("language", "said"), [("de", "Do 26.11.2026"), ("en", "Thu 26 Nov 2026")])
def test_a_day_is_told_with_its_year(language: str, said: str) -> None:
    assert TEXTS.language(language).date(date(2026, 11, 26)) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=20), "weniger als eine Minute"),
        (timedelta(minutes=1), "1 Minute"),
        (timedelta(hours=2, minutes=15), "2 Stunden 15 Minuten"),
        (timedelta(days=2, hours=3, minutes=59), "2 Tage 3 Stunden"),
    ],
)
def test_a_length_is_told_in_its_two_largest_units(length: timedelta, said: str) -> None:
    assert TEXTS.language("de").duration(length) == said

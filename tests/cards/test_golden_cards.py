"""Every card in every language is what was last looked at and approved."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.cards.approved import (
    ALIKE,
    GOLDEN,
    LANGUAGES,
    approved_cards,
    cards,
    differences,
    golden_file,
    golden_names,
    in_languages,
    left_over,
    read,
    written,
)
from tests.cards.checking import problems

NAMES = golden_names()
HEADING = {"type": "TextBlock", "text": "Lösen", "size": "Large"}


def is_updating(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.mark.parametrize("name", NAMES)
def test_a_card_looks_as_it_was_approved(name: str, request: pytest.FixtureRequest) -> None:
    file, versions = golden_file(name), in_languages(name)
    assert differences(versions) == []
    if is_updating(request):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(versions), "utf-8")
    assert file.exists(), f"{file} is missing; look at the card and write it with --update-golden"
    assert file.read_text("utf-8") == written(versions)
    assert {language: read(file, language) for language in LANGUAGES} == versions


@pytest.mark.parametrize("name", NAMES)
def test_a_card_keeps_every_rule_of_teams_and_of_the_desk(name: str) -> None:
    kind = {
        "links": name.startswith(("article/", "file/")),
        "dialog": name.startswith("extension/dialog"),
        "unfolded": name == "extension/unfolded",
    }
    for card in in_languages(name).values():
        assert "type" not in card or problems(card, **kind) == []


def test_no_golden_file_is_left_without_its_card(request: pytest.FixtureRequest) -> None:
    if is_updating(request):
        for file in left_over(GOLDEN, NAMES):
            file.unlink()
    assert left_over(GOLDEN, NAMES) == []


def test_nobody_reviews_the_same_card_twice() -> None:
    named = defaultdict(list)
    for name in NAMES:
        named[orjson.dumps(in_languages(name), option=orjson.OPT_SORT_KEYS)].append(name)
    assert [names for names in named.values() if len(names) > 1] == []


@pytest.mark.parametrize("name", ALIKE)
def test_a_card_that_is_to_look_like_another_one_does(name: str) -> None:
    assert in_languages(name) == in_languages(ALIKE[name])


def test_every_card_is_there_in_every_language() -> None:
    assert {language: cards(language).keys() - cards("de").keys() for language in LANGUAGES} == {
        "de": set(),
        "en": set(),
    }


@pytest.mark.parametrize(
    ("english", "found"),
    [
        ({**HEADING, "text": "Resolve"}, []),
        ({**HEADING, "size": "Small"}, ["card.body[0].size is 'Large' or 'Small'"]),
        ({**HEADING, "wrap": True}, [f"card.body[0] is {HEADING} or { {**HEADING, 'wrap': True} }"]),
        ({**HEADING, "text": None}, ["card.body[0].text is 'Lösen' or None"]),
        (None, [f"card.body is {[HEADING]} or []"]),
    ],
)
def test_a_reviewer_learns_where_the_languages_differ_in_more_than_words(
    english: dict[str, Any] | None, found: list[str]
) -> None:
    assert differences({"de": {"body": [HEADING]}, "en": {"body": [english] if english else []}}) == found


@pytest.mark.parametrize(
    ("kind", "name", "may_differ"),
    [
        ("Input.Text", "value", True),
        ("Input.ChoiceSet", "value", False),
        ("Action.OpenUrl", "url", True),
        ("Image", "url", False),
        ("Action.Execute", "verb", False),
        ("Action.Execute", "title", True),
    ],
)
def test_only_what_people_read_may_differ_between_languages(kind: str, name: str, may_differ: bool) -> None:
    german, english = {"type": kind, name: "eins"}, {"type": kind, name: "one"}
    assert (differences({"de": german, "en": english}) == []) is may_differ


def test_whoever_wants_pictures_names_a_card_or_a_folder_in_a_language() -> None:
    found = approved_cards(["de/line/new", "de/living/returned", "en/offer"])
    offers = [f"en/offer/{name}" for name in ("by_policy", "management", "receiver")]
    assert list(found) == ["de/line/new", "de/living/in_progress", *offers]
    assert found["de/line/new"] == cards("de")["line/new"]
    assert found["en/offer/receiver"] == cards("en")["offer/receiver"]


def test_a_file_that_belongs_to_no_card_is_found_whatever_its_ending(tmp_path: Path) -> None:
    for place in ("living/new.json", "living/old.json", "living/new.json.orig", "de/living/new.json"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    found = [str(path.relative_to(tmp_path)) for path in left_over(tmp_path, ["living/new"])]
    assert found == ["de/living/new.json", "living/new.json.orig", "living/old.json"]

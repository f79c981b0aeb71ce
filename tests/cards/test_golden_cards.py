"""Every card in every language is what was last looked at and approved."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.i18n import Texts
from tests.cards.checking import problems
from tests.cards.gallery import gallery

GOLDEN = Path(__file__).parent / "golden"
TEXTS = Texts.load()
CARDS = {
    f"{language}/{name}": card for language in ("de", "en") for name, card in gallery(TEXTS.language(language)).items()
}


def written(card: dict[str, Any]) -> str:
    return json.dumps(card, ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("name", CARDS)
def test_a_card_looks_as_it_was_approved(name: str, request: pytest.FixtureRequest) -> None:
    file = GOLDEN / f"{name}.json"
    if request.config.getoption("--update-golden", default=False):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(CARDS[name]), "utf-8")
    assert file.exists(), f"{file} is missing; look at the card and write it with --update-golden"
    assert file.read_text("utf-8") == written(CARDS[name])


@pytest.mark.parametrize("name", [name for name, card in CARDS.items() if "type" in card])
def test_a_card_keeps_every_rule_of_teams_and_of_the_desk(name: str) -> None:
    kind = {
        "links": "/article/" in name or "/file/" in name,
        "dialog": "/extension/dialog" in name,
        "unfolded": "/extension/unfolded" in name,
    }
    assert problems(CARDS[name], **kind) == []


def test_no_golden_file_is_left_without_its_card() -> None:
    files = {str(path.relative_to(GOLDEN).with_suffix("")) for path in GOLDEN.rglob("*.json")}
    assert files == set(CARDS)


def test_the_languages_differ_in_words_only() -> None:
    german = {name.removeprefix("de/") for name in CARDS if name.startswith("de/")}
    english = {name.removeprefix("en/") for name in CARDS if name.startswith("en/")}
    assert german == english

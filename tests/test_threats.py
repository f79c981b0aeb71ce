"""The page of threats: every row is there, and what it names is there, too."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "threats.md"
ROWS = 75


def rows() -> dict[str, str]:
    """Row → what shows it."""
    found = re.findall(r"^\| (T\d+) \| [^|]+ \| [^|]+ \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name, _ in found] == [f"T{number}" for number in range(1, ROWS + 1)]
    return dict(found)


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(each.name for each in functions if each.name.startswith("test_"))


@pytest.mark.parametrize("number", range(1, ROWS + 1))
def test_every_threat_has_a_test_that_is_there_or_a_reason(number: int) -> None:
    shown = rows()[f"T{number}"]
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", shown)
    if not named:
        assert re.fullmatch(r"not applicable: .{10,}", shown)
    for file, test in named:
        path = TESTS / file
        assert path.is_file(), file
        assert test in names_in(path), f"{file}::{test}"


def test_every_test_that_names_a_threat_names_one_of_the_page() -> None:
    """Whoever reads `test_t31_…` finds the row, and the row is not one that is said not to apply."""
    told = rows()
    for path in TESTS.rglob("test_*.py"):
        for test in names_in(path):
            begins = re.match(r"test_(?:t\d+_)+", test)
            for number in re.findall(r"\d+", begins[0] if begins else ""):
                assert f"T{number}" in told, f"{path.name}::{test}"
                assert not told[f"T{number}"].startswith("not applicable"), f"{path.name}::{test}"

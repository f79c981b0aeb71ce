"""The map in docs/architecture.md names every module, and no module grows without saying why."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "docs/architecture.md").read_text("utf-8")
LINES_MAX = 350
ONE_FOR_EACH = ("actions", "messages")
"""Folders with a module for each verb or kind of message: the map names the folder and what they have in common."""
REASON = "Longer than other modules: "
FIRST_LINES = 12
MODULES = sorted(
    path.relative_to(ROOT / "app")
    for path in (ROOT / "app").rglob("*.py")
    if path.stem not in ("__init__", "__main__") and "versions" not in path.parts
)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_newcomer_finds_the_module_on_the_map(module: Path) -> None:
    is_one_of_many = module.parts[0] in ONE_FOR_EACH
    assert module.stem in MAP or (is_one_of_many and f"{module.parts[0]}/" in MAP)


def test_a_module_that_is_long_says_why_in_its_first_lines() -> None:
    for module in MODULES:
        lines = (ROOT / "app" / module).read_text("utf-8").splitlines()
        says_why = any(line.startswith(REASON) for line in lines[:FIRST_LINES])
        assert says_why == (len(lines) > LINES_MAX), module

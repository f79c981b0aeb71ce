"""Rows stay in the store, and what messages and events carry has types. What is left of before can only get less."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parent.parent / "app"
MODULES = {path.relative_to(APP).as_posix(): ast.parse(path.read_text("utf-8")) for path in APP.rglob("*.py")}
OUTSIDE = sorted(name for name in MODULES if not name.startswith("store/"))

WIRE = ("bot/", "demo/", "desk/", "package/", "store/")
"""Who reads what Teams, the directory or a file says, or writes it down: their payloads are JSON."""
PAYLOADS_LEFT = {
    "cards/extension.py": 1,  # what a button carries is JSON of the card
    "cards/forms.py": 1,
    "cards/parts.py": 1,
    "screens/forms.py": 1,
    "delivery/render.py": 2,
    "domain/lists.py": 2,  # a list's filters, which read and write themselves
    "messages/onlooker.py": 1,
}
"""How many payloads of a module may be mappings of anything."""


def imports_row(module: ast.Module) -> bool:
    found = (each for each in ast.walk(module) if isinstance(each, ast.ImportFrom))
    return any(each.module and each.module.startswith("sqlalchemy") and "Row" in _names(each) for each in found)


def _names(statement: ast.ImportFrom) -> set[str]:
    return {each.name for each in statement.names}


def untyped_payloads(module: ast.Module) -> Iterator[str]:
    """Names for what an event or a message carries, annotated as a mapping of anything."""
    for each in ast.walk(module):
        match each:
            case ast.AnnAssign(target=ast.Name(name), annotation=annotation):
                pass
            case ast.arg(arg=name, annotation=annotation) if annotation is not None:
                pass
            case _:
                continue
        if name in ("data", "payload", "event", "event_data") and _is_anything(ast.unparse(annotation)):
            yield name


def _is_anything(annotation: str) -> bool:
    bare = annotation.removesuffix(" | None")
    return bare in ("Json", "dict", "dict[str, Any]", "Mapping[str, Any]", "dict[str, object]", "Mapping[str, object]")


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_module_outside_the_store_knows_a_row(name: str) -> None:
    assert not imports_row(MODULES[name])


@pytest.mark.parametrize("name", [name for name in OUTSIDE if not name.startswith(WIRE)])
def test_what_events_and_messages_carry_is_typed_outside_the_module_that_owns_it(name: str) -> None:
    assert len(list(untyped_payloads(MODULES[name]))) <= PAYLOADS_LEFT.get(name, 0)


def test_what_is_left_is_there() -> None:
    assert PAYLOADS_LEFT.keys() <= MODULES.keys()

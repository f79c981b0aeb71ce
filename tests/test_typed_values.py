"""Rows stay in the store, and what messages and events carry has types. What is left of before can only get less."""

import ast
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).parent.parent / "app"
MODULES = {path.relative_to(APP).as_posix(): ast.parse(path.read_text("utf-8")) for path in APP.rglob("*.py")}

OWNERS = ("bot/", "demo/", "desk/", "messages/", "package/", "store/")
"""Who reads what Teams, the directory, a file or a queued message says, or writes it down: it is JSON there."""
PAYLOADS_LEFT = {
    "cards/extension.py": 1,  # what a button carries is JSON of the card
    "cards/forms.py": 1,
    "cards/parts.py": 1,
    "screens/forms.py": 1,
    "domain/lists.py": 2,  # a list's filters, which read and write themselves
}
"""How many payloads of a module may be mappings of anything."""
PAYLOADS = ("data", "event", "event_data", "payload")
ANYTHING = {"Json", "dict", "dict[str, Any]", "Mapping[str, Any]", "dict[str, object]", "Mapping[str, object]"}


def imports_row(module: ast.Module) -> bool:
    found = (each for each in ast.walk(module) if isinstance(each, ast.ImportFrom))
    return any(each.module == "sqlalchemy" and "Row" in {name.name for name in each.names} for each in found)


def untyped_payloads(module: ast.Module) -> Iterator[str]:
    """Names for what an event or a message carries, annotated as a mapping of anything."""
    for each in ast.walk(module):
        match each:
            case ast.AnnAssign(target=ast.Name(name), annotation=annotation) if name in PAYLOADS:
                pass
            case ast.arg(arg=name, annotation=annotation) if annotation is not None and name in PAYLOADS:
                pass
            case _:
                continue
        if ast.unparse(annotation).removesuffix(" | None") in ANYTHING:
            yield name


def hands_out_rows(module: ast.Module) -> Iterator[str]:
    """Functions others may call that return rows."""
    functions = (each for each in ast.walk(module) if isinstance(each, ast.FunctionDef) and each.returns is not None)
    for each in functions:
        parts = ast.walk(each.returns or each)
        if not each.name.startswith("_") and any(isinstance(part, ast.Name) and part.id == "Row" for part in parts):
            yield each.name


def test_no_module_outside_the_store_knows_a_row() -> None:
    assert [name for name in MODULES if not name.startswith("store/") and imports_row(MODULES[name])] == []


def test_no_query_hands_out_a_row() -> None:
    found = {name: list(hands_out_rows(module)) for name, module in MODULES.items() if name.startswith("store/")}
    assert {name: queries for name, queries in found.items() if queries} == {}


def test_what_events_and_messages_carry_is_typed_outside_the_module_that_owns_it() -> None:
    found = {name: len(list(untyped_payloads(MODULES[name]))) for name in MODULES if not name.startswith(OWNERS)}
    assert {name: count for name, count in found.items() if count} == PAYLOADS_LEFT, "take out what is no longer left"

"""Row T44 of the threat table, for every regular expression there is: none takes long, whatever it is given to read."""

import ast
import re
from collections import deque
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

from app.bot.words.commands import Commands
from app.bot.words.intents import SmallTalk
from app.i18n import Texts
from tests.support.hostile import SECONDS_MAX, seconds, texts_against

ROOT = Path(__file__).resolve().parents[2]
METHODS: Mapping[str, Callable[[re.Pattern[str], str], object]] = {
    "search": lambda pattern, text: pattern.search(text),
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "sub": lambda pattern, text: pattern.sub("", text),
    "split": lambda pattern, text: pattern.split(text),
    "findall": lambda pattern, text: pattern.findall(text),
    "finditer": lambda pattern, text: deque(pattern.finditer(text), maxlen=0),
}
MADE_OF_CATALOGUES = {
    "app.bot.words.commands": ["_with_rest", "_explain", "_absent"],
    "app.bot.words.intents": ["_done", "_status"],
}
"""Patterns that are put together when the desk starts: as attributes of what holds them, exercised here by hand."""
TEXTS = Texts.load()
HANDED_ON = {"app.bot.directory.people": {"_LANGUAGE", "_MAIL", "_CODE"}}
"""Patterns that a function gets as an argument and that are used by `fullmatch` there."""


class Use(NamedTuple):
    """One way in which a pattern of a module is used."""

    module: str
    name: str
    method: str


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    paths = sorted((ROOT / "app").rglob("*.py"))
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths)
    return tuple((name, ast.parse(path.read_text("utf-8"))) for name, path in zip(names, paths, strict=True))


def is_call_of_re(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.")


def constants(tree: ast.Module) -> dict[str, ast.expr]:
    """The patterns that are constants of a module."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and is_call_of_re(node.value) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
    return found


@cache
def uses() -> tuple[Use, ...]:
    """Every pattern with every way it is used in."""
    home = {name: module for module, tree in modules() for name in constants(tree) if not name.startswith("_")}
    found = {Use(module, name, "fullmatch") for module, names in HANDED_ON.items() for name in names}
    for module, tree in modules():
        its_own = constants(tree)
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=method) if method in METHODS and name in its_own:
                    found.add(Use(module, name, method))
                case ast.Attribute(value=ast.Name(id=name), attr=method) if method in METHODS and name in home:
                    found.add(Use(home[name], name, method))
    return tuple(sorted(found))


def test_every_pattern_is_a_constant_that_is_tried_here() -> None:
    """Whoever writes a new one finds it tried; one that is made elsewhere has to be added to `MADE_OF_CATALOGUES`."""
    tried = {(use.module, use.name) for use in uses()}
    for module, tree in modules():
        held = constants(tree)
        untried = [name for name in held if (module, name) not in tried]
        assert untried == [], f"{module}: nobody uses {untried}, or in a way that this test does not see"
        elsewhere = [
            ast.unparse(node)
            for node in ast.walk(tree)
            if is_call_of_re(node) and node not in held.values() and not ast.unparse(node).startswith("re.escape")
        ]
        if module not in MADE_OF_CATALOGUES:
            assert elsewhere == [], f"{module}: give it a name at the top of the module"
        assert not any(isinstance(node, ast.ImportFrom) and node.module == "re" for node in ast.walk(tree)), module


def test_nobody_calls_what_is_slow_or_fails_on_hostile_text_but_the_functions_that_bound_it() -> None:
    bounded = {"unicodedata.normalize": "app.domain.normal_form", "html.unescape": "app.bot.edge.markup"}
    for module, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and (used := ast.unparse(node)) in bounded:
                assert module == bounded[used], f"{module}: {used} is for {bounded[used]}"
            if isinstance(node, ast.ImportFrom) and node.module in ("unicodedata", "html"):
                assert {alias.name for alias in node.names}.isdisjoint({"normalize", "unescape"}), module


@pytest.mark.parametrize("use", uses(), ids=lambda use: f"{use.module}.{use.name}.{use.method}")
def test_no_text_keeps_a_pattern_busy(use: Use) -> None:
    pattern: re.Pattern[str] = getattr(import_module(use.module), use.name)
    assert_quick(pattern, METHODS[use.method])


@pytest.mark.parametrize("name", MADE_OF_CATALOGUES["app.bot.words.commands"])
def test_no_text_keeps_the_typed_words_busy(name: str) -> None:
    assert_quick(getattr(Commands(TEXTS), name), METHODS["fullmatch"])


@pytest.mark.parametrize(("name", "method"), [("_done", "match"), ("_status", "search")])
def test_no_text_keeps_small_talk_busy(name: str, method: str) -> None:
    pattern = getattr(SmallTalk(TEXTS), name)
    assert_quick(pattern, METHODS[method])


def assert_quick(pattern: re.Pattern[str], method: Callable[[re.Pattern[str], str], object]) -> None:
    for text in texts_against(pattern.pattern):
        took = seconds(partial(method, pattern, text))
        assert took <= SECONDS_MAX, f"{took:.3f} s for {len(text)} characters: {text[:40]!r}…{text[-3:]!r}"


def test_the_texts_do_find_a_pattern_that_takes_quadratic_time() -> None:
    with pytest.raises(AssertionError, match="characters"):
        assert_quick(re.compile(r"ticket\s*(?:nr)?\s*1"), METHODS["search"])

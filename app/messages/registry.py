"""All kinds of messages by their codes."""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, TypeVar

from app.i18n import Texts
from app.messages.message import Message
from app.store.messages import QueuedMessage

_KINDS: dict[str, type[Message[Any]]] = {}
CODE_LENGTH_MAX = 32

Kind = TypeVar("Kind", bound=type[Message[Any]])


class Incomplete(Exception):
    """A kind of message does not say everything about itself: a mistake in the code, found when the desk starts."""


class UnknownKind(LookupError):
    """No kind has this code; a newer version of the desk may have queued it."""


def register(kind: Kind) -> Kind:
    """Make a kind known; raise `Incomplete` where something about it is missing or its code is taken."""
    if not getattr(kind, "code", ""):
        raise Incomplete(f"{kind.__name__} has no code")
    missing = [name for name in ("look_up", "show", "in_gallery") if _says_nothing(kind, name)]
    missing += kind.undeclared()
    if missing:
        raise Incomplete(f"{kind.code} says nothing about {', '.join(missing)}")
    if len(kind.code) > CODE_LENGTH_MAX:
        raise Incomplete(f"{kind.code} is longer than {CODE_LENGTH_MAX} characters")
    if kind.code in _KINDS:
        raise Incomplete(f"{kind.code} is defined twice")
    _KINDS[kind.code] = kind
    return kind


def _says_nothing(kind: type[Message[Any]], name: str) -> bool:
    said, nothing = getattr(kind, name), getattr(Message, name)
    return getattr(said, "__func__", said) is getattr(nothing, "__func__", nothing)


@contextmanager
def registered(*kinds: type[Message[Any]]) -> Iterator[None]:
    """The same for a while."""
    _load()
    for kind in kinds:
        register(kind)
    try:
        yield
    finally:
        for kind in kinds:
            del _KINDS[kind.code]


@cache
def _load() -> None:
    """Import every module of this folder: a kind is there as soon as its module is."""
    for module in walk_packages([str(Path(__file__).parent)], f"{__package__}."):
        importlib.import_module(module.name)


def kinds() -> Mapping[str, type[Message[Any]]]:
    """Every kind by its code."""
    _load()
    return _KINDS


def check_words(texts: Texts) -> None:
    """Raise `Incomplete` for a kind that cannot be told in every language that ships."""
    for kind in kinds().values():
        missing = [f"{key} ({lacking})" for key in kind.text_keys() for lacking in texts.lacking(key)]
        if missing:
            raise Incomplete(f"{kind.code} has no words for {', '.join(missing)}")


def read(queued: QueuedMessage) -> Message[Any]:
    """The message that lies in the outbox; raise `UnknownKind` or `ValueError` where it cannot be read."""
    kind = kinds().get(queued.content.code)
    if kind is None:
        raise UnknownKind(queued.content.code)
    return kind.from_payload(queued.content.payload())

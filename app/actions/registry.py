"""All verbs by their codes, and what they have in common: which are offered, whether one is legal, and doing it."""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, TypeVar

from app.actions.action import Act, Action, Inputs, Placement
from app.domain import lifecycle
from app.domain.errors import NotAllowed, NotNow
from app.domain.events import Event
from app.domain.people import Role
from app.domain.ticket import Ticket
from app.domain.views import Button
from app.i18n import Texts
from app.store import event_data

_ACTIONS: dict[str, Action[Any]] = {}
FORM = ".form"
"""What follows a verb's code where its form is asked for."""

ActionClass = TypeVar("ActionClass", bound=type[Action[Any]])


class Incomplete(Exception):
    """A verb does not say everything about itself: a mistake in the code, found when it is imported."""


def register(action: ActionClass) -> ActionClass:
    """Make a verb known; raise `Incomplete` where something about it is missing or its code is taken."""
    said = ("code", "roles", "statuses", "inputs", "button")
    missing = [name for name in said if getattr(action, name, None) is None]
    missing += [name for name in ("apply", "messages") if getattr(action, name) is getattr(Action, name)]
    if missing:
        raise Incomplete(f"{action.__name__} says nothing about {', '.join(missing)}")
    if action.code in _ACTIONS:
        raise Incomplete(f"{action.code} is defined twice")
    _ACTIONS[action.code] = action()
    event_data.define(action.code, action.event)
    _offered.cache_clear()
    return action


@contextmanager
def registered(action: type[Action[Any]]) -> Iterator[None]:
    """The same for a while."""
    _load()
    register(action)
    try:
        yield
    finally:
        del _ACTIONS[action.code]
        event_data.forget(action.code)
        _offered.cache_clear()


@cache
def _load() -> None:
    """Import every module of this folder: a verb is there as soon as its module is."""
    for module in iter_modules([str(Path(__file__).parent)]):
        importlib.import_module(f"{__package__}.{module.name}")


event_data.complete_with(_load)


def actions() -> Mapping[str, Action[Any]]:
    """Every verb by its code."""
    _load()
    return _ACTIONS


def check_words(texts: Texts) -> None:
    """Raise `Incomplete` for a verb whose words no catalogue has."""
    for action in actions().values():
        missing = [key for key in action.text_keys() if not any(t.has(key) for t in texts.all)]
        if missing:
            raise Incomplete(f"{action.code} has no words for {', '.join(missing)}")


def find_action(code: str) -> tuple[Action[Any] | None, bool]:
    """The verb that a card named, and whether it asked for its form; None for one that does not exist."""
    plain = code.removesuffix(FORM)
    found = actions().get(plain)
    if found is None or (plain != code and not found.has_form):
        return None, False
    return found, plain != code


def is_legal(ticket: Ticket, code: str) -> bool:
    """Whether the verb is possible in the ticket's present state, whoever asks."""
    return _is_possible(ticket, actions()[code])


def _is_possible(ticket: Ticket, action: Action[Any]) -> bool:
    if ticket.status not in action.statuses or (ticket.offer and not action.during_offer):
        return False
    return action.is_possible(ticket)


def check(ticket: Ticket, code: str, roles: frozenset[Role]) -> None:
    """Raise `NotAllowed` when none of the roles has the verb, `NotNow` when the ticket's state forbids it."""
    action = actions()[code]
    if not action.roles & roles:
        raise NotAllowed(verb=code)
    if not is_legal(ticket, code) and not action.may_repeat(ticket):
        raise NotNow(verb=code, number=ticket.number)


def offered(ticket: Ticket, role: Role) -> tuple[Button, ...]:
    """The buttons a card shows to somebody in this role, in their order."""
    return tuple(_button(placed, action, ticket) for placed, action in _offered(role) if _is_possible(ticket, action))


@cache
def _offered(role: Role) -> tuple[tuple[Placement, Action[Any]], ...]:
    placed = [(action.placement(role), action) for action in actions().values() if role in action.roles]
    return tuple((where, action) for where, action in sorted(placed, key=lambda each: (each[0].rank, each[1].code)))


def _button(placed: Placement, action: Action[Any], ticket: Ticket) -> Button:
    carries = action.carries_inputs(ticket)
    asks = action.has_form and not (carries or action.acts_at_once)
    return Button(action.code, action.button_title_key(ticket), placed.rank, placed.more, asks, carries)


def apply(ticket: Ticket, inputs: Inputs, act: Act) -> tuple[Ticket, Event]:
    """The ticket after the request, and what happened; its legality was checked before (`check`)."""
    action = actions()[inputs.verb]
    outcome = action.apply(ticket, inputs, act)
    keeps = action.keeps_version or (action.adds_text and outcome.ticket.status is ticket.status)
    return lifecycle.finish(ticket, outcome.ticket, Event(action.code, act.by, act.at, outcome.data), keeps)

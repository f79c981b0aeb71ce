"""Makes wrong data valid, so that the cross-checks can run over the rest of the file.

A file with one wrong value would otherwise show its other problems only after that one is mended. What was touched
here is remembered, and nothing is ever reported about it.
"""

import copy
from typing import Any

from pydantic import ValidationError

from app.desk.model import Desk
from app.desk.source import Place

_ROUNDS = 25
_DESK = {"name": "x", "language": "en", "timezone": "UTC", "admins": ["x"]}
_TARGET = {"first_response": "1h", "resolution": "8h", "acceptance": "1h"}
_STEP = {"clock": "resolution", "at": "100%", "tell": ["admin"]}
_CALENDAR = {"hours": {"mon-sun": "00:00-24:00"}}
_LINE = {"name": "x", "level": "1", "calendar": "x", "lead": "x"}
_CATEGORY = {"name": "x", "escalate_to": ["x"]}
_VALID: dict[str, Any] = {
    "desk": _DESK,
    "calendars": {"x": _CALENDAR},
    "lines": {"x": _LINE},
    "categories": {"x": _CATEGORY},
    "routing": [{"line": "x"}],
    "targets": {},
    **_DESK,
    **_CALENDAR,
    **_LINE,
    "line": "x",
    "id": "x",
    "type": "text",
    **_TARGET,
    **_STEP,
}
# Wrong entries of a list are replaced as a whole: without its wrong condition a rule would take the tickets of the
# rules after it.
_HARMLESS: dict[str, Any] = {"routing": {"line": "x", "when": {"words": "\x00x"}}, "escalation": _STEP | {"at": "1%"}}


def repaired(data: Any, error: ValidationError, context: dict[str, Any]) -> tuple[Desk, set[Place]] | None:
    """Return a desk made of what was right, and the paths that were not; None when too little is."""
    data = copy.deepcopy(data)
    touched: set[Place] = set()
    for _ in range(_ROUNDS):
        if not isinstance(data, dict):
            return None
        for detail in error.errors(include_url=False, include_input=False):
            touched.add(_mend(data, place_of(detail["loc"]), missing=detail["type"] == "missing"))
        try:
            return Desk.model_validate(data, context=context), touched
        except ValidationError as still:
            error = still
    return None


def place_of(location: Place) -> Place:
    """Return where in the file a validation error is: pydantic marks a wrong key with a last `[key]`."""
    return location[:-1] if location and location[-1] == "[key]" else location


def _mend(data: dict[str, Any], path: Place, *, missing: bool) -> Place:
    """Make one wrong place valid; return the path of what was touched."""
    if len(path) >= 2 and path[0] in _HARMLESS:
        data[str(path[0])][path[1]] = _HARMLESS[str(path[0])]
        return path[:2]
    while path and isinstance(path[-1], int):
        path = path[:-1]  # a wrong entry of a list takes the list with it
    owner = _owner(data, path)
    if isinstance(owner, dict) and missing and path[-1] in _VALID:
        owner[path[-1]] = copy.deepcopy(_VALID[str(path[-1])])
    elif isinstance(owner, dict):
        owner.pop(path[-1], None)
    return path


def _owner(data: Any, path: Place) -> Any:
    """Return the part that holds the last step of a path, None where the path leads nowhere."""
    for step in path[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data if path else None

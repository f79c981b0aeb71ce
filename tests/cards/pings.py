"""Pings and preventive actions as the card tests show them: every cause, every state."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from app.domain.views import PingView, PreventionView
from tests.cards.people import LEA, MARA, MAX, RAISED

_ASKED_AT = RAISED + timedelta(hours=6)
_DUE = RAISED + timedelta(hours=8)


def _of_clock(clock: str, percent: int) -> dict[str, Any]:
    return {
        "clock": clock,
        "percent": percent,
        "due": _DUE.isoformat(),
        "line": "first",
        "rule": 3,
        "name": "IT-Service",
    }


def _counted(count: str, times: int) -> dict[str, Any]:
    return {"count": count, "times": times, "rule": None, "tell": ["lead", "manager"], "name": "IT-Service"}


_CAUSES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "first_response": ("new", _of_clock("first_response", 75)),
    "first_response_overdue": ("new", _of_clock("first_response", 100)),
    "resolution": ("in_progress", _of_clock("resolution", 75)),
    "resolution_overdue": ("late", _of_clock("resolution", 100)),
    "acceptance": ("offered", _of_clock("acceptance", 75)),
    "acceptance_overdue": ("offered", _of_clock("acceptance", 100)),
    "next_update": ("in_progress", _of_clock("next_update", 75)),
    "next_update_overdue": ("late", _of_clock("next_update", 150)),
    "nudge": ("late", {"reason": "promise_missed", "name": "Alex Wilber"}),
    "notify_manager": ("in_progress", {"text": "Die ganze Abteilung steht still.", "name": "Mara Klein"}),
    "count_reopened": ("in_progress", _counted("reopened", 2)),
    "count_returned": ("returned", _counted("returned", 2)),
    "count_nudged": ("late", _counted("nudged", 3)),
}


def _asked(name: str) -> PingView:
    """One that was asked for the first time; two reminders and two more people follow."""
    cause = next(each for each in (*_ALIKE, name.partition("_")[0]) if name.startswith(each))
    return PingView(
        id=7,
        cause=cause,
        state="open",
        data=_CAUSES[name][1],
        at=_ASKED_AT,
        next_at=_ASKED_AT + timedelta(minutes=10),
        reminders_left=2,
        asked_next_at=_ASKED_AT + timedelta(minutes=30),
        then=(MAX,),
    )


_ALIKE = ("first_response", "next_update", "notify_manager")
_OPEN = _asked("resolution_overdue")
_ENDED_AT = _ASKED_AT + timedelta(minutes=4)
_ENDED = replace(_OPEN, next_at=None, reminders_left=0, asked_next_at=None, then=(), ended_at=_ENDED_AT)

PINGS: Mapping[str, tuple[str, PingView]] = {
    **{name: (state, _asked(name)) for name, (state, _) in _CAUSES.items()},
    "reminded": ("late", replace(_OPEN, reminders_left=0)),
    "next_is_unknown": ("late", replace(_OPEN, reminders_left=0, then=(replace(MAX, name=""),))),
    "last_round": ("late", replace(_OPEN, reminders_left=1, then=())),
    "last_reminder_gone": ("late", replace(_OPEN, reminders_left=0, then=())),
    "acknowledged": ("late", replace(_ENDED, state="acknowledged", ended_by=LEA)),
    "taken_over": ("late", replace(_ENDED, state="taken_over", ended_by=MAX)),
    "stopped": ("resolved", replace(_ENDED, state="stopped")),
    "exhausted": ("late", replace(_ENDED, state="exhausted")),
}
"""By name: the state of the ticket (of `TICKETS`), and the ping."""

PREVENTION = PreventionView(
    id=3,
    text="Zweiten VPN-Zugang einrichten und halbjährlich testen.",
    owner=LEA,
    due=date(2026, 12, 11),
    decided_by=MAX,
)
PREVENTIONS: Mapping[str, PreventionView] = {
    "open": PREVENTION,
    "done": replace(PREVENTION, done_by=MARA, done_at=RAISED + timedelta(days=12)),
    "owed": replace(PREVENTION, text="", owner=MAX, owners=(MAX, LEA, MARA)),
    "named": replace(PREVENTION, text="", owner=MAX, done_by=MAX, done_at=RAISED + timedelta(days=2)),
}

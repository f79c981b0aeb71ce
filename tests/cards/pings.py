"""Pings and preventive actions as the card tests show them: every cause, every state."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from app.actions.notify_manager import ManagerNotified
from app.actions.nudge import Nudged
from app.domain.clocks import Clock
from app.domain.desk_events import ClockFired, CountReached
from app.domain.escalation import Count
from app.domain.events import EventData
from app.domain.ticket import NudgeReason
from app.domain.views import PingView, PreventionView
from tests.cards.people import ALEX, DESK_ITSELF, LEA, MARA, MAX, RAISED

_DUE = {"first_response": 1.0, "resolution": 8.0, "acceptance": 1.5, "next_update": 2.5}
"""After how many hours each promise of the tickets is used up."""
_OFFERED = 55 / 60


def _after(hours: float) -> datetime:
    return RAISED + timedelta(hours=hours)


def _of_clock(clock: str, percent: int) -> ClockFired:
    return ClockFired(clock=Clock(clock), percent=percent, due=_after(_DUE[clock]), line="first", rule=3)


def _counted(count: Count, times: int) -> CountReached:
    return CountReached(None, ("lead", "manager"), count, times)


_CAUSES: Mapping[str, tuple[str, EventData]] = {
    "first_response": ("new", _of_clock("first_response", 75)),
    "first_response_overdue": ("new", _of_clock("first_response", 100)),
    "resolution": ("in_progress", _of_clock("resolution", 75)),
    "resolution_overdue": ("late", _of_clock("resolution", 100)),
    "acceptance": ("offered", _of_clock("acceptance", 75)),
    "acceptance_overdue": ("offered", _of_clock("acceptance", 100)),
    "next_update": ("in_progress", _of_clock("next_update", 75)),
    "next_update_overdue": ("late", _of_clock("next_update", 150)),
    "nudge": ("late", Nudged(NudgeReason.PROMISE_MISSED)),
    "notify_manager": ("in_progress", ManagerNotified("Die ganze Abteilung steht still.")),
    "count_reopened": ("in_progress", _counted(Count.REOPENED, 2)),
    "count_returned": ("returned", _counted(Count.RETURNED, 2)),
    "count_nudged": ("late", _counted(Count.NUDGED, 3)),
}
_ASKED_BY = {"nudge": replace(ALEX, name="Alex Wilber"), "notify_manager": MARA}


def _asked(name: str) -> PingView:
    """One that was asked for the first time; two reminders and two more people follow."""
    cause = next(each for each in (*_ALIKE, name.partition("_")[0]) if name.startswith(each))
    state, data = _CAUSES[name]
    at = _asked_at(state, data)
    return PingView(
        id=7,
        cause=cause,
        state="open",
        event=data,
        asked_by=_ASKED_BY.get(cause, DESK_ITSELF),
        at=at,
        next_at=at + timedelta(minutes=10),
        reminders_left=2,
        asked_next_at=at + timedelta(minutes=30),
        then=(MAX,),
    )


def _asked_at(state: str, data: EventData) -> datetime:
    """When so much of its promise was used up, else when there was a reason to ask."""
    if isinstance(data, ClockFired):
        start = _OFFERED if data.clock is Clock.ACCEPTANCE else 0
        return _after(start + (_DUE[data.clock] - start) * data.percent / 100)
    return _after(8.25 if state == "late" else 2)


_ALIKE = ("first_response", "next_update", "notify_manager")
_OPEN = _asked("resolution_overdue")
_ENDED: Mapping[str, Any] = {"next_at": None, "reminders_left": 0, "asked_next_at": None, "then": ()}
_AT_LAST = {**_ENDED, "ended_at": _OPEN.at + timedelta(minutes=4)}

PINGS: Mapping[str, tuple[str, PingView]] = {
    **{name: (state, _asked(name)) for name, (state, _) in _CAUSES.items()},
    "reminded": ("late", replace(_OPEN, reminders_left=0)),
    "next_is_unknown": ("late", replace(_OPEN, reminders_left=0, then=(replace(MAX, name=""),))),
    "last_round": ("late", replace(_OPEN, reminders_left=1, then=())),
    "last_reminder_gone": ("late", replace(_OPEN, reminders_left=0, then=())),
    "acknowledged": ("late", replace(_OPEN, **_AT_LAST, state="acknowledged", ended_by=LEA)),
    "taken_over": ("taken_over", replace(_OPEN, **_AT_LAST, state="taken_over", ended_by=MAX)),
    "stopped": ("resolved", replace(_asked("next_update"), **_ENDED, state="stopped", ended_at=_after(3))),
    "exhausted": ("late", replace(_OPEN, **_AT_LAST, state="exhausted")),
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

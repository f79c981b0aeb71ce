"""What happens to a ticket, as its card is shown: a ticket in the middle of an escalation, and one that is resolved."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from app.actions.escalate import Escalated
from app.actions.note import Noted
from app.cards.explain import explain_card
from app.domain.clocks import Clock, State
from app.domain.desk_events import ClockFired, PingSent, Raised, Submitted
from app.domain.duration import Duration
from app.domain.escalation import Count
from app.domain.events import NO_DATA
from app.domain.explanation import (
    Change,
    ClockView,
    CountAhead,
    DeferredAhead,
    Explanation,
    Happened,
    Names,
    OpenPing,
    PingAhead,
    PreventionAhead,
    Rule,
    StepAhead,
    Told,
)
from app.domain.people import Role
from app.domain.ping import PingMove
from app.domain.priority import Impact, Priority, Urgency
from app.domain.ticket import EscalationReason, Kind
from app.domain.views import Delivery, PingView, PreventionView
from app.i18n import Text
from tests.cards.people import (
    ALEX,
    BEN,
    BERLIN,
    DESK_ITSELF,
    FIRST,
    JONAS,
    MANAGEMENT,
    MARA,
    NETWORK,
    RAISED,
    TICKETS,
    told,
    view,
    view_of,
)

Card = dict[str, Any]
HOUR = timedelta(hours=1)
TAKEN = (Change("status", "new", "in_progress"), Change("assignee", None, MARA))
FIRED = ClockFired(
    clock=Clock.ACCEPTANCE, percent=100, line="network", due=RAISED + 2 * HOUR, tell=("lead", JONAS.id), rule=6
)
PING = PingView(7, "acceptance", "open", NO_DATA, DESK_ITSELF, RAISED + 2 * HOUR)
SUBMISSION = Raised(Kind.INCIDENT, "", "", "vpn", Urgency.HIGH, Impact.ME, Priority.P2, "first")
HAND_OVER = Escalated(
    to="network", from_="first", reason=EscalationReason.PERMISSION, tried="Neustart", needed="Neustart"
)
NAMES = Names({JONAS.id: JONAS}, {"first": FIRST, "network": NETWORK})
ACTION = PreventionView(3, "Zweiten VPN-Zugang einrichten und halbjährlich testen.", BEN, date(2026, 11, 26), MARA)
OWED = replace(ACTION, id=4, text="", owner=JONAS)
PAST = (
    Happened(RAISED, "ticket.submit", ALEX, Submitted(SUBMISSION), names=NAMES),
    Happened(RAISED + 0.15 * HOUR, "ticket.take", MARA, NO_DATA, TAKEN),
    Happened(RAISED + 0.9 * HOUR, "ticket.note", MARA, Noted("Zertifikat gültig bis 2027.")),
    Happened(RAISED + HOUR, "ticket.escalate", MARA, HAND_OVER, names=NAMES),
    Happened(RAISED + 2 * HOUR, "clock.fired", DESK_ITSELF, FIRED, names=NAMES),
    Happened(RAISED + 2 * HOUR, "ping.sent", DESK_ITSELF, PingSent(7, "acceptance", (JONAS.id,)), names=NAMES),
)
CLOCKS = (
    ClockView(Clock.FIRST_RESPONSE, State.MET, FIRST, Duration(1, "h"), "office", 15, 3060, None, RAISED + 0.15 * HOUR),
    ClockView(Clock.RESOLUTION, State.RUNNING, FIRST, Duration(8, "h"), "office", 26, 21_300, RAISED + 9 * HOUR),
    ClockView(Clock.ACCEPTANCE, State.OVERDUE, NETWORK, Duration(1, "h"), "office", 104, 0, RAISED + 2 * HOUR),
)
TO_MANAGEMENT = DeferredAhead(MANAGEMENT, NETWORK, Rule(5, is_older=True))
AHEAD = (
    PingAhead(RAISED + 2.2 * HOUR, PING, PingMove.REMINDER, Told((JONAS,))),
    PingAhead(RAISED + 2.5 * HOUR, PING, PingMove.ABSENT, Told((BEN,))),
    PingAhead(RAISED + 2.5 * HOUR, PING, PingMove.ASK, Told(manager_of=MARA, otherwise=(BEN,))),
    StepAhead(RAISED + 7 * HOUR, Clock.RESOLUTION, 75, Told((MARA,), (FIRST,), absent=(MARA,)), Rule(3, is_older=True)),
    StepAhead(
        RAISED + 9 * HOUR,
        Clock.RESOLUTION,
        100,
        Told((JONAS, BEN)),
        Rule(4, is_older=True),
        Priority.P1,
        NETWORK,
        RAISED + 10 * HOUR,
    ),
    StepAhead(RAISED + 10 * HOUR, Clock.RESOLUTION, 200, Told((ALEX,)), Rule(5, is_older=True), deferred=TO_MANAGEMENT),
    PingAhead(RAISED + 12 * HOUR, PING, PingMove.GIVE_UP, Told(), is_estimate=True),
    PreventionAhead(RAISED + 47 * HOUR, ACTION),
    PreventionAhead(RAISED + 47 * HOUR, OWED),
)
ESCALATING = Explanation(
    now=RAISED + 2.1 * HOUR,
    view=view("offered", Role.AGENT),
    lines=(FIRST, NETWORK),
    past=PAST,
    clocks=CLOCKS,
    ahead=AHEAD,
    counts=(CountAhead(Count.RETURNED, 2, 1, Told((JONAS,)), Rule(None)),),
    deferred=(replace(TO_MANAGEMENT, rule=Rule(4, is_older=True)),),
    pings=(OpenPing(PING, (JONAS,)),),
    preventions=(ACTION, OWED),
    messages=(Delivery(9, "INC-1042", "network", "line", "pending", "http_502", 4, RAISED, RAISED),),
    is_older_policy=True,
)
WAITING = replace(
    ESCALATING,
    now=RAISED + 51 * HOUR,
    view=view_of(TICKETS["pending_requester"], Role.AGENT),
    clocks=(
        replace(CLOCKS[1], state=State.PAUSED, left=12_000, due_at=None, paused_since=RAISED + HOUR),
        ClockView(
            *(Clock.NEXT_UPDATE, State.MISSED, FIRST, Duration(2, "d"), "office", 103, 0),
            due_at=RAISED + 48 * HOUR,
            ended_at=RAISED + 50 * HOUR,
        ),
    ),
    past=PAST * 20,
    deferred=(),
    ahead=(),
    pings=(),
    messages=(),
    preventions=(),
    is_older_policy=False,
)
RESOLVED = replace(
    WAITING,
    now=ESCALATING.now,
    view=view("resolved", Role.AGENT),
    clocks=CLOCKS[:1],
    past=PAST[:3],
    counts=(),
    reopen_until=RAISED + timedelta(days=14),
)


def explanations(t: Text) -> dict[str, Card]:
    """The cards by the names of their golden files."""
    shown = {"escalating": ESCALATING, "waiting": WAITING, "resolved": RESOLVED}
    return {f"explain/{name}": explain_card(in_words_of(each, t), t, BERLIN) for name, each in shown.items()}


def in_words_of(explained: Explanation, t: Text) -> Explanation:
    """With what people wrote in the reader's language; clocks hold no words."""
    return replace(told(replace(explained, clocks=()), t.language), clocks=explained.clocks)

"""Tickets and requests as examples."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.domain.events import Event
from app.domain.priority import Impact, Priority, Urgency
from app.domain.ticket import (
    EscalationReason,
    FirstLineCould,
    Kind,
    NudgeReason,
    Offer,
    PendingReason,
    Relation,
    ReturnReason,
    Status,
    Ticket,
)
from app.domain.verbs import Verb
from tests.support import lifecycle, requests

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FORTNIGHT = timedelta(days=14)
OFFER = Offer("network", "mara", NOON, EscalationReason.SKILL, "Neu verbunden", "Tunnel prüfen")

IN_STATUS: dict[Status, dict[str, Any]] = {
    Status.NEW: {},
    Status.IN_PROGRESS: {"assignee": "mara", "assigned_at": NOON},
    Status.PENDING: {"assignee": "mara", "assigned_at": NOON, "pending_reason": PendingReason.SUPPLIER},
    Status.RESOLVED: {"assignee": "mara", "assigned_at": NOON, "resolution": "Neu gestartet", "resolved_at": NOON},
    Status.CLOSED: {
        "assignee": "mara",
        "assigned_at": NOON,
        "resolution": "Neu gestartet",
        "resolved_at": NOON,
        "closed_at": NOON,
    },
    Status.WITHDRAWN: {"closed_at": NOON},
}


def a_ticket(status: Status = Status.NEW, **changes: Any) -> Ticket:
    """A ticket of Ada's at the first line."""
    ticket = Ticket(
        id=1001,
        number="INC-1001",
        kind=Kind.INCIDENT,
        status=status,
        title="VPN geht nicht",
        description="Seit heute früh.",
        category="vpn",
        urgency=Urgency.NORMAL,
        impact=Impact.ME,
        priority=Priority.P3,
        line="first",
        requester="ada",
        created_at=NOON,
        updated_at=NOON,
        line_since=NOON,
    )
    return replace(ticket, **{**IN_STATUS[status], **changes})


REQUESTS: dict[Verb, requests.Request] = {
    Verb.COMMENT: requests.Comment("Immer noch"),
    Verb.EDIT: requests.Edit("VPN bricht ab", "Alle zehn Minuten."),
    Verb.WITHDRAW: requests.Withdraw(),
    Verb.CONFIRM: requests.Confirm(),
    Verb.RATE: requests.Rate(4, "Danke"),
    Verb.TAKE: requests.Take(),
    Verb.ASSIGN: requests.Assign("tom"),
    Verb.GIVE_BACK: requests.GiveBack(),
    Verb.REPLY: requests.Reply("Bitte neu starten"),
    Verb.NOTE: requests.Note("Kennt das jemand?"),
    Verb.PEND: requests.Pend(PendingReason.REQUESTER, date(2026, 11, 27), "Welches Gerät?"),
    Verb.RESUME: requests.Resume(),
    Verb.CLASSIFY: requests.Classify("other", Urgency.HIGH, Impact.SITE, Kind.REQUEST, Priority.P1),
    Verb.ESCALATE: requests.Escalate("network", EscalationReason.SKILL, "Neu verbunden", "Tunnel prüfen"),
    Verb.RESOLVE: requests.Resolve("Tunnel neu gestartet", FirstLineCould.WITH_GUIDE, "Erst den Dienst prüfen"),
    Verb.REOPEN: requests.Reopen("Geht wieder nicht"),
    Verb.ACCEPT: requests.Accept(),
    Verb.RETURN: requests.Return(ReturnReason.FIRST_LINE_CAN, "Siehe Anleitung 7"),
    Verb.NUDGE: requests.Nudge(NudgeReason.GETTING_WORSE),
    Verb.NOTIFY_MANAGER: requests.NotifyManager("Die Abteilung steht still"),
    Verb.TAKE_OVER: requests.TakeOver(),
    Verb.LINK: requests.Link(1000, Relation.CHILD_OF, "INC-1000"),
    Verb.UNLINK: requests.Unlink("INC-1000"),
}


def after(ticket: Ticket, request: requests.Request, *, actor: str = "mara", hours: float = 1) -> tuple[Ticket, Event]:
    """Apply a request an hour after noon."""
    now = NOON + timedelta(hours=hours)
    return lifecycle.apply(ticket, request, actor=actor, now=now, reopen_for=FORTNIGHT)

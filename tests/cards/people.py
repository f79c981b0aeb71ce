"""The people, lines and tickets that the card tests show: fixed, so that every golden file stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from app.actions.registry import offered
from app.domain.clocks import Clock, State
from app.domain.merging import merged_into, teaches, together_with
from app.domain.people import DESK, Person, Role
from app.domain.priority import Impact, Priority, Urgency
from app.domain.ticket import (
    OPEN,
    EscalationReason,
    FieldValue,
    Gravity,
    Kind,
    Offer,
    OfferCause,
    PendingReason,
    Status,
    Ticket,
)
from app.domain.views import Entry, HandOverView, LineView, LinkView, PromiseView, ReturnView, TicketView

V = TypeVar("V")

BERLIN = ZoneInfo("Europe/Berlin")
RAISED = datetime(2026, 11, 23, 8, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Name:
    """A label in both languages."""

    de: str
    en: str

    def text(self, language: str) -> str:
        return self.de if language == "de" else self.en


ALEX = Person("alex", "Alex Wilber", teams_id="29:alex", email="alex.wilber@contoso.example")
MARA = Person("mara", "Mara Klein", teams_id="29:mara", email="mara.klein@contoso.example")
BEN = Person("ben", "Ben Okafor", teams_id="29:ben", email="ben.okafor@contoso.example")
LEA = Person("lea", "Lea Leitner", teams_id="29:lea", email="lea.leitner@contoso.example")
MAX = Person("max", "Max Manager", teams_id="29:max", email="max.manager@contoso.example")
JONAS = Person("jonas", "Jonas Weiß", teams_id="29:jonas", email="jonas.weiss@contoso.example")
DESK_ITSELF = Person(DESK, "IT-Service")
BY_ID = {person.id: person for person in (MARA, JONAS, MAX, DESK_ITSELF)}

FIRST = LineView("first", Name("First line", "First line"), 1)
NETWORK = LineView("network", Name("Netzwerk", "Network"), 2)
MANAGEMENT = LineView("management", Name("Management", "Management"), 4)
LINES = {line.id: line for line in (FIRST, NETWORK, MANAGEMENT)}
VPN = Name("VPN und Fernzugriff", "VPN and remote access")
OTHER = Name("Sonstiges", "Other")
LEVELS = (0, 1, 2, 3, 4)
DEVICE = FieldValue("device", {"de": "Gerät", "en": "Device"}, "NB-2231")
GUIDELINE = Name(
    "Erst den Client neu starten und das Zertifikat prüfen (Anleitung „VPN in fünf Schritten“). "
    "Eskalieren, wenn das Zertifikat gültig ist und mehr als eine Person betroffen ist.",
    "Restart the client and check the certificate first (guide “VPN in five steps”). "
    "Escalate when the certificate is valid and more than one person is affected.",
)

TICKET = Ticket(
    id=1042,
    number="INC-1042",
    kind=Kind.INCIDENT,
    status=Status.NEW,
    title="VPN bricht nach wenigen Minuten ab",
    description=(
        "Seit heute Morgen trennt sich die VPN-Verbindung nach etwa fünf Minuten.\n"
        "Neu starten hilft nicht. Die Meldung lautet: „Sitzung beendet (809)“."
    ),
    category="vpn",
    urgency=Urgency.HIGH,
    impact=Impact.TEAM,
    priority=Priority.P2,
    line="first",
    requester="alex",
    created_at=RAISED,
    updated_at=RAISED,
    line_since=RAISED,
    version=1,
    fields=(DEVICE,),
)

ASKED = Entry(RAISED + timedelta(minutes=31), MARA, "Tritt es auch im Büro-WLAN auf?", internal=False)
ANSWERED = Entry(RAISED + timedelta(minutes=44), ALEX, "Ja, im Büro genauso. Bei Priya auch.", internal=False)
NOTED = Entry(RAISED + timedelta(minutes=50), MARA, "Zertifikat gültig bis 2027, Client 5.1.3.", internal=True)
ENTRIES = (ASKED, ANSWERED, NOTED)

_TAKEN: Mapping[str, Any] = {"assignee": "mara", "assigned_at": RAISED + timedelta(minutes=9), "version": 4}
_RESOLVED: Mapping[str, Any] = {
    **_TAKEN,
    "status": Status.RESOLVED,
    "resolution": "Ein Update auf dem VPN-Server hat die Sitzungen getrennt. Es ist zurückgenommen, "
    "die Verbindung hält jetzt wieder. Es muss nichts installiert werden.",
    "resolved_at": RAISED + timedelta(hours=3),
}
_OFFER = Offer(
    line="network",
    by="mara",
    at=RAISED + timedelta(minutes=55),
    reason=EscalationReason.PERMISSION,
    tried="Client neu gestartet, Zertifikat geprüft (gültig), zweites Gerät getestet: gleicher Fehler.",
    needed="Prüfung der Sitzungen auf dem VPN-Gateway, dafür fehlt uns die Berechtigung.",
)

_TO_MANAGEMENT = replace(
    _OFFER,
    line="management",
    reason=EscalationReason.TIME,
    needed="Entscheidung über einen zweiten Anbieter.",
    gravity=Gravity.IMAGE,
    business_impact="Der Außendienst erreicht seit heute früh keine Kundendaten.",
)
_BY_POLICY = replace(
    _TO_MANAGEMENT,
    by=DESK,
    tried="",
    needed="",
    gravity=Gravity.NO_SOLUTION,
    business_impact="",
    cause=OfferCause("resolution", 200, RAISED + timedelta(hours=8)),
)

TICKETS: Mapping[str, Ticket] = {
    "new": TICKET,
    "in_progress": replace(TICKET, status=Status.IN_PROGRESS, **_TAKEN),
    "pending_requester": replace(TICKET, status=Status.PENDING, pending_reason=PendingReason.REQUESTER, **_TAKEN),
    "pending_supplier": replace(
        TICKET,
        status=Status.PENDING,
        pending_reason=PendingReason.SUPPLIER,
        pending_until=date(2026, 11, 26),
        **_TAKEN,
    ),
    "pending_change": replace(TICKET, status=Status.PENDING, pending_reason=PendingReason.CHANGE, **_TAKEN),
    "offered": replace(TICKET, status=Status.IN_PROGRESS, offer=_OFFER, **_TAKEN),
    "offered_to_management": replace(TICKET, status=Status.IN_PROGRESS, offer=_TO_MANAGEMENT, **_TAKEN),
    "offered_by_policy": replace(TICKET, status=Status.IN_PROGRESS, offer=_BY_POLICY, **_TAKEN),
    "late": replace(TICKET, status=Status.IN_PROGRESS, promises_missed=1, nudged=1, **_TAKEN),
    "taken_over": replace(
        TICKET,
        status=Status.IN_PROGRESS,
        nudged=1,
        **{**_TAKEN, "assignee": "max", "assigned_at": RAISED + timedelta(hours=8, minutes=4)},
    ),
    "at_management": replace(
        TICKET,
        status=Status.IN_PROGRESS,
        line="management",
        line_since=RAISED + timedelta(hours=2),
        assignee="max",
        assigned_at=RAISED + timedelta(hours=2),
        version=8,
    ),
    "returned": replace(TICKET, status=Status.IN_PROGRESS, returned=1, reopened=2, **_TAKEN),
    "accepted": replace(
        TICKET,
        status=Status.IN_PROGRESS,
        line="network",
        line_since=RAISED + timedelta(hours=1),
        assignee="jonas",
        assigned_at=RAISED + timedelta(hours=1),
        version=6,
    ),
    "resolved": replace(TICKET, **_RESOLVED),
    "closed": replace(TICKET, **{**_RESOLVED, "status": Status.CLOSED, "closed_at": RAISED + timedelta(hours=4)}),
    "rated": replace(TICKET, **{**_RESOLVED, "status": Status.CLOSED, "rating": 5}),
    "withdrawn": replace(TICKET, status=Status.WITHDRAWN, version=2),
    "merged": replace(
        TICKET,
        status=Status.CLOSED,
        resolution=together_with("INC-1031"),
        closed_at=RAISED + timedelta(hours=1),
        is_linked=True,
        **_TAKEN,
    ),
}


def view(state: str, role: Role) -> TicketView:
    """The ticket in one of the states above, for a reader in the role."""
    return view_of(TICKETS[state], role, returned=state == "returned", said=state != "new")


def view_of(ticket: Ticket, role: Role, *, returned: bool = False, said: bool = True) -> TicketView:
    """Any ticket for a reader in the role, with the people and entries above."""
    entries = ENTRIES if said else ()
    return TicketView(
        ticket=ticket,
        line=LINES[ticket.line],
        category=VPN,
        requester=ALEX,
        levels=LEVELS,
        buttons=offered(ticket, role),
        assignee=BY_ID.get(ticket.assignee or ""),
        entries=entries if role is not Role.REQUESTER else tuple(entry for entry in entries if not entry.internal),
        offered_to=LINES[ticket.offer.line] if ticket.offer else None,
        offered_by=BY_ID[ticket.offer.by] if ticket.offer else None,
        returned=ReturnView(JONAS, NETWORK, "missing_information", "Bitte den Gateway-Namen ergänzen.")
        if returned
        else None,
        handed_over=_came(ticket) if ticket.line_since > ticket.created_at and role is not Role.REQUESTER else None,
        promises=promises_of(ticket),
        links=_links(ticket) if role is not Role.REQUESTER else (),
        may_teach=role is Role.AGENT and teaches(ticket),
        ends_at=RAISED + timedelta(days=14) if ticket.pending_reason is PendingReason.REQUESTER else None,
    )


def _came(ticket: Ticket) -> HandOverView:
    if ticket.line == "management":
        return HandOverView(JONAS, NETWORK, _TO_MANAGEMENT)
    return HandOverView(MARA, FIRST, _OFFER)


def _links(ticket: Ticket) -> tuple[LinkView, ...]:
    is_merged = merged_into(ticket) is not None
    return (
        (LinkView(1031, "INC-1031", "VPN-Gateway antwortet nicht", "in_progress", "duplicate_of"),) if is_merged else ()
    )


def promises_of(ticket: Ticket) -> tuple[PromiseView, ...]:
    """Clocks as they would stand an hour after the ticket was raised, and later for one that is late or ended."""

    def at(hours: float) -> datetime:
        return RAISED + timedelta(hours=hours)

    late, asks = ticket.nudged > 0, ticket.pending_reason is PendingReason.REQUESTER
    response = PromiseView(Clock.FIRST_RESPONSE, State.RUNNING, at(1))
    if ticket.assigned_at:
        response = PromiseView(Clock.FIRST_RESPONSE, State.MET, at(1), at(0.15))
    if ticket.resolved_at:
        return response, PromiseView(Clock.RESOLUTION, State.MET, at(8), ticket.resolved_at)
    if ticket.status not in OPEN:
        return response, PromiseView(Clock.RESOLUTION, State.MET, at(8), at(1))
    if asks:
        return response, PromiseView(Clock.RESOLUTION, State.PAUSED, None)
    resolution = PromiseView(Clock.RESOLUTION, State.OVERDUE if late else State.RUNNING, at(8))
    acceptance = (PromiseView(Clock.ACCEPTANCE, State.SOON, at(1.5)),) if ticket.offer else ()
    return response, resolution, *acceptance, PromiseView(Clock.NEXT_UPDATE, State.RUNNING, at(9 if late else 2.5))


def _all(state: str, shown: State) -> TicketView:
    """An agent's view of a ticket whose running clocks all stand like that."""
    seen = view(state, Role.AGENT)
    return replace(
        seen, promises=tuple(each if each.ended_at else replace(each, state=shown) for each in seen.promises)
    )


def _late_all_along() -> TicketView:
    begun, solved = RAISED + timedelta(hours=1.5), RAISED + timedelta(hours=9)
    ticket = replace(TICKETS["resolved"], assigned_at=begun, resolved_at=solved)
    response, resolution = promises_of(ticket)
    missed = replace(response, state=State.MISSED, ended_at=begun), replace(resolution, state=State.MISSED)
    return replace(view_of(ticket, Role.AGENT, said=False), promises=missed)


CLOCKS: Mapping[str, TicketView] = {
    "running": view("new", Role.AGENT),
    "soon": _all("in_progress", State.SOON),
    "overdue": _all("offered", State.OVERDUE),
    "paused": view("pending_requester", Role.AGENT),
    "missed": _late_all_along(),
}
"""Every state a clock has on a card, `met` among those of a paused one."""


ENGLISH: Mapping[str, str] = {
    TICKET.title: "VPN drops after a few minutes",
    TICKET.description: "Since this morning the VPN connection drops after about five minutes.\n"
    "Restarting does not help. The message says “Session ended (809)”.",
    ASKED.text: "Does it happen on the office Wi-Fi too?",
    ANSWERED.text: "Yes, just the same. Priya has it as well.",
    NOTED.text: "Certificate valid until 2027, client 5.1.3.",
    str(_RESOLVED["resolution"]): "An update on the VPN server ended the sessions. It has been taken back, "
    "the connection holds again. Nothing needs to be installed.",
    _OFFER.tried: "Restarted the client, checked the certificate (valid), tried a second device: same error.",
    _OFFER.needed: "A look at the sessions on the VPN gateway; we do not have the permission for it.",
    _TO_MANAGEMENT.needed: "A decision about a second provider.",
    _TO_MANAGEMENT.business_impact: "Field service has not reached any customer data since this morning.",
    "Die ganze Abteilung steht still.": "The whole department is at a standstill.",
    "Zweiten VPN-Zugang einrichten und halbjährlich testen.": "Set up a second VPN access and test it twice a year.",
    "Bitte den Gateway-Namen ergänzen.": "Please add the name of the gateway.",
    "Welche Meldung erscheint?": "Which message is shown?",
    "Noch nicht behoben.": "Not fixed yet.",
    "Seit heute wieder.": "It came back today.",
    "Bei Priya auch.": "Priya has it as well.",
    "Zertifikat gültig bis 2027.": "Certificate valid until 2027.",
    "Update zurückgenommen.": "Took back the update.",
    "Neustart": "Restarted",
    "Angefangen …": "Just begun …",
    "VPN-Gateway antwortet nicht": "VPN gateway does not answer",
    "Zweiter Monitor bleibt schwarz": "Second screen stays black",
    "Zugriff auf das Laufwerk „Vertrieb“": "Access to the drive “Sales”",
    "Gehaltsabrechnung nicht lesbar": "Payslip cannot be opened",
    "Drucker im 3. Stock druckt nur leere Seiten": "Printer on floor 3 prints blank pages only",
}


def told(value: V, language: str) -> V:
    """The value with what people wrote in the language."""
    return value if language == "de" else _in_english(value)


def _in_english(value: Any) -> Any:
    if isinstance(value, str):
        return ENGLISH.get(value, value)
    if isinstance(value, Mapping):
        return {name: _in_english(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_in_english, value))
    if is_dataclass(value) and not isinstance(value, type | Name):
        return replace(value, **{field.name: _in_english(getattr(value, field.name)) for field in fields(value)})
    return value

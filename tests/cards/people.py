"""The people, lines and tickets that the card tests show: fixed, so that every golden file stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from app.domain.lifecycle import offered
from app.domain.people import Person, Role
from app.domain.priority import Impact, Priority, Urgency
from app.domain.ticket import EscalationReason, FieldValue, Kind, Offer, PendingReason, Status, Ticket
from app.domain.views import Entry, LineView, ReturnView, TicketView

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
JONAS = Person("jonas", "Jonas Weiß", teams_id="29:jonas", email="jonas.weiss@contoso.example")

FIRST = LineView("first", Name("First line", "First line"), 1)
NETWORK = LineView("network", Name("Netzwerk", "Network"), 2)
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
}


def view(state: str, role: Role) -> TicketView:
    """The ticket in one of the states above, for a reader in the role."""
    return view_of(TICKETS[state], role, returned=state == "returned", said=state != "new")


def view_of(ticket: Ticket, role: Role, *, returned: bool = False, said: bool = True) -> TicketView:
    """Any ticket for a reader in the role, with the people and entries above."""
    entries = ENTRIES if said else ()
    return TicketView(
        ticket=ticket,
        line=NETWORK if ticket.line == "network" else FIRST,
        category=VPN,
        requester=ALEX,
        levels=LEVELS,
        verbs=offered(ticket, role),
        assignee={"mara": MARA, "jonas": JONAS}.get(ticket.assignee or ""),
        entries=entries if role is not Role.REQUESTER else tuple(entry for entry in entries if not entry.internal),
        offered_to=NETWORK if ticket.offer else None,
        offered_by=MARA if ticket.offer else None,
        returned=ReturnView(JONAS, NETWORK, "missing_information", "Bitte den Gateway-Namen ergänzen.")
        if returned
        else None,
    )


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
    "Bitte den Gateway-Namen ergänzen.": "Please add the name of the gateway.",
    "Welche Meldung erscheint?": "Which message is shown?",
    "Noch nicht behoben.": "Not fixed yet.",
    "Seit heute wieder.": "It is back since today.",
    "Bei Priya auch.": "Priya has it as well.",
    "Zertifikat gültig bis 2027.": "Certificate valid until 2027.",
    "Update zurückgenommen.": "Took back the update.",
    "Neustart": "Restarted",
    "Angefangen …": "Just begun …",
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

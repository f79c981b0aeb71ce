"""The people, lines and tickets that the card tests show: fixed, so that every golden file stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.lifecycle import offered
from app.domain.people import Person, Role
from app.domain.priority import Impact, Priority, Urgency
from app.domain.ticket import EscalationReason, FieldValue, Kind, Offer, PendingReason, Status, Ticket
from app.domain.views import Entry, LineView, ReturnView, TicketView

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

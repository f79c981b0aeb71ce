"""What a click costs: promises are kept without a statement more for a ticket about which nobody was asked."""

from typing import Any

from sqlalchemy import Engine, event

from app.domain.priority import Impact, Urgency
from app.domain.ticket import EscalationReason, Kind, PendingReason
from app.services import tickets
from app.services.tickets import Submission, Turn
from app.store.database import Unit
from tests.services.prepared import actor
from tests.support import requests
from tests.support.desk import World

FORM = Submission("VPN geht nicht", "Seit heute früh.", "vpn", Urgency.NORMAL, Impact.ME, Kind.INCIDENT)
MOST = (
    (requests.Take(), 5),
    (requests.Reply("Hallo"), 6),
    (requests.Note("?"), 6),
    (requests.Pend(PendingReason.REQUESTER, None, "Welches Gerät?"), 6),
    (requests.Resume(), 6),
    (requests.Escalate("network", EscalationReason.SKILL, "a", "b"), 8),
    (requests.Resolve("Neu gestartet"), 6),
)


async def counted(desk: World, unit: Unit[Any]) -> tuple[int, Any]:
    """How many statements the unit ran (a transaction's begin among them), and its result."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        result = await desk.database.write(unit)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(seen) + 1, result


async def test_a_click_costs_no_statement_for_clocks_that_run(desk: World) -> None:
    now = desk.clock.now()
    ada, mara = Turn(actor(desk.cast.requester), now), Turn(actor(desk.cast.mara, "first"), now)
    statements, raised = await counted(desk, lambda tx: tickets.submit(tx, desk.desk, ada, FORM))
    assert statements <= 5  # one looks for a flood
    for request, most in MOST:
        statements, _ = await counted(
            desk, lambda tx, request=request: tickets.act(tx, desk.desk, mara, raised.ticket.id, request)
        )
        assert statements <= most, request

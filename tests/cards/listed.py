"""The lists that the card tests show."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.cards import list_choices, lists
from app.domain.clocks import Clock, State
from app.domain.lists import OF_AGENTS, OF_LINES, Assigned, ListName, ListQuery, Wanted
from app.domain.priority import Priority
from app.domain.views import Choice, FormState, LineView, ListView, PromiseView, Row, SavedView
from app.i18n import Text
from tests.cards.people import BERLIN, FIRST, NETWORK, OTHER, RAISED, VPN, Name, told

SAP = LineView("sap", Name("SAP und Lohn", "SAP and payroll"), 2)
LINES = (FIRST, NETWORK, SAP)
CATEGORIES = (Choice("vpn", VPN), Choice("other", OTHER))


def promise(state: State, clock: Clock = Clock.RESOLUTION, *, hours: float = 3) -> PromiseView:
    due_at = None if state is State.PAUSED else RAISED + timedelta(hours=hours)
    return PromiseView(clock, state, due_at)


def row(number: int, status: str, title: str, **more: Any) -> Row:
    priority = ("P1", "P2", "P3", "P4")[number % 4]
    line = NETWORK if number % 2 else FIRST
    raised = RAISED + timedelta(minutes=number - 1000)
    known = {"assignee": None, "raised_at": raised, **more}
    return Row(number, f"INC-{number}", title, status, priority, line, "Alex Wilber", **known)


ROWS = (
    row(
        1042,
        "in_progress",
        "VPN bricht nach wenigen Minuten ab",
        assignee="Mara Klein",
        promise=promise(State.OVERDUE),
    ),
    row(1038, "new", "Zweiter Monitor bleibt schwarz", promise=promise(State.SOON, Clock.FIRST_RESPONSE, hours=4)),
    row(
        1031,
        "pending",
        "Zugriff auf das Laufwerk „Vertrieb“",
        assignee="Ben Okafor",
        promise=promise(State.PAUSED),
    ),
    row(1024, "new", "Gehaltsabrechnung nicht lesbar", is_stub=True, promise=promise(State.RUNNING, hours=9)),
    row(
        1017,
        "resolved",
        "Drucker im 3. Stock druckt nur leere Seiten",
        assignee="Jonas Weiß",
        resolved_at=RAISED + timedelta(hours=3.5),
    ),
)
"""As they are at 12:45 in Berlin."""
GATEWAY = row(1033, "new", "VPN-Gateway antwortet nicht", promise=promise(State.RUNNING, Clock.FIRST_RESPONSE, hours=5))
OFFERED = row(
    1041,
    "in_progress",
    "VPN bricht nach wenigen Minuten ab",
    assignee="Jonas Weiß",
    is_offer=True,
    promise=promise(State.RUNNING, Clock.ACCEPTANCE, hours=5),
)
DEEP = ListQuery(after="P2.1050", back=("",))
VIEW = ListQuery(ListName.UNASSIGNED, line="network", priority=Priority.P2, category="vpn", view=3)
VIEWS = (SavedView(3, "Netzwerk dringend", VIEW), SavedView(7, "Mein Montag", ListQuery(ListName.WORK, view=7)))


def page(query: ListQuery, *rows: Row, more: bool = False, in_channel: bool = False) -> ListView:
    """A page as its readers get it: an agent of three lines in a chat, or one line in its channel."""
    return ListView(
        query,
        rows,
        following=query.following(f"{rows[-1].priority}.{rows[-1].id}" if rows else "P3.1024") if more else None,
        previous=query.previous(),
        first=query.first() if query.page > 2 else None,
        lists=OF_LINES if in_channel else OF_AGENTS,
        lines=(FIRST,) if in_channel else LINES,
        categories=CATEGORIES,
        views=() if in_channel else VIEWS,
        is_personal=not in_channel,
    )


def urgent(*rows: Row) -> list[Row]:
    """In a queue's order."""
    return sorted(rows, key=lambda each: (each.priority, each.id))


def own(*rows: Row, status: Wanted | None = None, more: bool = False) -> ListView:
    """A page of somebody's own tickets."""
    mine = ListQuery(ListName.MINE, status=status)
    theirs = tuple(replace(each, is_stub=False, promise=_for_requester(each)) for each in rows)
    return ListView(mine, theirs, following=mine.following("0.1017") if more else None)


def _for_requester(row: Row) -> PromiseView | None:
    return row.promise and promise(State.RUNNING, Clock.NEXT_UPDATE, hours=26)


def sample_page(name: ListName) -> ListView:
    """The page that an example shows."""
    if name is ListName.MINE:
        return own(*ROWS, more=True)
    if name is ListName.WORK:
        return page(ListQuery())
    return page(
        ListQuery(), OFFERED, *urgent(*(each for each in ROWS[:4] if each.line is FIRST)), more=True, in_channel=True
    )


def all_lists(t: Text) -> Mapping[str, Any]:
    def listed(shown: ListView, state: FormState | None = None) -> Any:
        seen = replace(shown, rows=told(shown.rows, t.language))
        if shown.query.list is ListName.MINE:
            return lists.my_tickets(seen, t, BERLIN)
        return lists.list_card(seen, t, BERLIN, *([state] if state else []))

    queue = ListQuery()
    at_first = urgent(*(each for each in ROWS[:4] if each.line is FIRST))
    risky = [each for each in ROWS if each.promise and each.promise.state in (State.OVERDUE, State.SOON)]
    hers = replace(ROWS[0], is_stub=False)
    refused = FormState({"view_name": "", "priority": "P1"}, {"view_name": t("error.input.required")})
    return {
        "list/mine": listed(own(*ROWS, more=True)),
        "list/mine_last": listed(own(*ROWS[:2], status=Wanted.OPEN)),
        "list/mine_empty": listed(own()),
        "list/queue": listed(page(queue, OFFERED, *at_first, more=True, in_channel=True)),
        "list/queue_last": listed(page(DEEP, *ROWS[:1], in_channel=True)),
        "list/queue_left": listed(page(DEEP.following("P2.1058"), in_channel=True)),
        "list/queue_empty": listed(page(queue, in_channel=True)),
        "list/queue_of_lines": listed(page(DEEP.following("P2.1058"), *urgent(*ROWS[:3]), more=True)),
        "list/queue_narrowed": listed(
            page(ListQuery(level=2, category="vpn", status=Wanted.NEW, assigned=Assigned.NOBODY), GATEWAY)
        ),
        "list/queue_so_far": listed(page(ListQuery(category="vpn"), more=True)),
        "list/queue_refused": listed(page(queue, *ROWS[:1]), refused),
        "list/work": listed(page(ListQuery(ListName.WORK), hers)),
        "list/unassigned": listed(page(VIEW, GATEWAY)),
        "list/at_risk": listed(page(ListQuery(ListName.AT_RISK), *risky)),
        "list/resolved": listed(page(ListQuery(ListName.RESOLVED, line="network"), ROWS[4])),
        "list/views": list_choices.saved_views(page(queue), t),
        "list/views_empty": list_choices.saved_views(replace(page(queue), views=()), t),
    }

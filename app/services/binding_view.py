"""A binding as its notice shows it."""

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.views import BindingView
from app.services import views
from app.services.lines import places
from app.store import bindings


def readers(desk: Desk, line_id: str) -> tuple[str, ...]:
    """Who is told where a line works: whoever answers for it, and the admins."""
    line = desk.lines.get(line_id)
    named = (line and line.lead, line and line.deputy, *desk.admins)
    return tuple(dict.fromkeys(each for each in named if each))


def view(tx: Connection, desk: Desk, binding: int) -> BindingView | None:
    """A binding as its notice shows it; None where there is none."""
    row = bindings.find(tx, binding)
    if row is None:
        return None
    former = bindings.find(tx, row.former) if row.former else None
    held = bindings.of_line(tx, row.line)
    counts = any(place.line == row.line and held and place.channel == held.channel for place in places(tx, desk))
    return BindingView(
        id=row.id,
        line=views.line_view(desk, row.line),
        channel=row.channel_name or row.channel,
        team=row.team_name or row.team,
        by=views.person(tx, row.bound_by),
        at=row.bound_at,
        former=(former.channel_name or former.channel) if former else None,
        ended_by=views.person(tx, row.ended_by) if row.ended_by else None,
        ended_at=row.ended_at,
        undone=row.undone,
        now_in=(held.channel_name or held.channel) if held and counts else None,
        in_desk_file=bool(row.line in desk.lines and desk.lines[row.line].channel),
    )

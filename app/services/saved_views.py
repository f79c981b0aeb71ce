"""Lists that people gave a name: their own, and nobody else's."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from app.domain.errors import InvalidInput
from app.domain.lists import MOST_VIEWS, ListQuery
from app.domain.views import SavedView
from app.store import saved_views


def of(tx: Connection, person: str) -> tuple[SavedView, ...]:
    """Somebody's views, by name."""
    return tuple(_view(row.id, row.name, row.query) for row in saved_views.of(tx, person))


def save(tx: Connection, person: str, name: str, query: ListQuery, *, now: datetime) -> ListQuery:
    """Keep the query under this name, in the place of one that had it; return the query as the view it is now.

    Raises `InvalidInput` for one view too many.
    """
    known = {view.name for view in of(tx, person)}
    if name not in known and len(known) >= MOST_VIEWS:
        raise InvalidInput({"view_name": ("list.too_many_views", {"limit": MOST_VIEWS})})
    kept = replace(query.first(), view=None)
    saved_views.keep(tx, person, name, kept.as_json(), now=now)
    saved = next((view.id for view in of(tx, person) if view.name == name), None)
    return replace(kept, view=saved)


def forget(tx: Connection, person: str, view: int) -> None:
    """Delete one of somebody's views; one that is not theirs stays, and nobody learns that it exists."""
    saved_views.forget(tx, person, view)


def _view(id: int, name: str, stored: dict[str, object]) -> SavedView:
    return SavedView(id, name, replace(ListQuery.from_json(stored), view=id))

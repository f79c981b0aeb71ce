"""Which schema a database has, told without loading the migration tool."""

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

# the newest migration; a test holds it against the migrations folder
SCHEMA = "0012"


def stored(tx: Connection) -> str | None:
    """The schema the database has; None where it was never migrated."""
    try:
        found: str | None = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except DBAPIError:
        return None
    return found


def is_current(tx: Connection) -> bool:
    """Whether the database was migrated to what this program needs; False for an empty one."""
    return stored(tx) == SCHEMA

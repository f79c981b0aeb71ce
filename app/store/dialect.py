"""What SQLite and PostgreSQL say alike but SQLAlchemy spells per database."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(tx: Connection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT."""
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


@lru_cache(maxsize=32)
def insert_new(dialect: str, table: Table) -> Any:
    """An INSERT that leaves rows alone that are there already, built once per table."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def upsert(
    tx: Connection, table: Table, row: dict[str, Any], *, key: Collection[str], keep: Collection[str] = ()
) -> None:
    """Insert the row, or write its columns (except those in `keep`) over the one with the same key."""
    statement = insert_for(tx, table).values(row)
    written = {name: statement.excluded[name] for name in row if name not in key and name not in keep}
    tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=written))

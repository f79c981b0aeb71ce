"""What SQLite and PostgreSQL say alike but SQLAlchemy spells per database."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(table: Table, dialect: str) -> Any:
    """An INSERT that knows ON CONFLICT."""
    return (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)


@lru_cache(maxsize=32)
def insert_new(dialect: str, table: Table) -> Any:
    """An INSERT that leaves rows alone that are there already, built once per table."""
    return insert_into(table, dialect).on_conflict_do_nothing()


def upsert(
    tx: Connection, table: Table, row: dict[str, Any], *, key: tuple[str, ...], keep: tuple[str, ...] = ()
) -> None:
    """Insert the row, or write its columns (except those in `keep`) over the one with the same key."""
    tx.execute(_upsert_of(tx.dialect.name, table, tuple(row), key, keep), row)


@lru_cache(maxsize=64)
def _upsert_of(dialect: str, table: Table, names: tuple[str, ...], key: tuple[str, ...], keep: tuple[str, ...]) -> Any:
    insert = insert_into(table, dialect).values({name: bindparam(name) for name in names})
    written = {name: insert.excluded[name] for name in names if name not in key and name not in keep}
    return insert.on_conflict_do_update(index_elements=list(key), set_=written)

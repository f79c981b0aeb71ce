"""From the address in the settings to a database."""

from pathlib import Path

from sqlalchemy import URL, make_url

from app.store.database import Database
from app.store.sqlite import SqliteDatabase


def connect(address: str) -> Database:
    """Return the database behind `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`; it connects when first used."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        return SqliteDatabase(url)
    from app.store.postgres import PostgresDatabase  # asyncpg is loaded only where it is used

    return PostgresDatabase(url)


def sqlite_file(address: str) -> Path | None:
    """The file of a SQLite address, or None for PostgreSQL."""
    url: URL = make_url(address)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None

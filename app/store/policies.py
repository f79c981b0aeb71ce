"""Escalation policies by digest. A policy is written down before anything runs under it, and never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from app.store.dialect import insert_new
from app.store.schema import policies


def keep(tx: Connection, digest: str, content: dict[str, Any], now: datetime) -> None:
    """Write a policy down, unless it is known."""
    tx.execute(insert_new(tx.dialect.name, policies), {"digest": digest, "content": content, "created_at": now})


def find(tx: Connection, digest: str) -> dict[str, Any] | None:
    """The policy of this digest."""
    return tx.execute(select(policies.c.content).where(policies.c.digest == digest)).scalar_one_or_none()

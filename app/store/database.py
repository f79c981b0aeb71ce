"""Transactions. A unit of work is a synchronous function of a connection, so it can never wait for the network.

`Database.write(unit)` returns when the unit's changes are durable. Units may run again after a failed commit, so they
change nothing but the database.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
Unit = Callable[[Connection], T]


class StoreUnavailable(Exception):
    """The database cannot be reached, is locked for too long, or its disk is full; nothing was changed.

    What it refuses for good (a value no column takes, a second row of one key) is raised as what it is.
    """


class Database(Protocol):
    """What the two databases have in common."""

    @property
    def is_shared(self) -> bool:
        """Whether several processes may serve from it."""

    async def write(self, unit: Unit[T]) -> T:
        """Run a unit that changes something; raise what it raises, or `StoreUnavailable`."""

    async def read(self, unit: Unit[T]) -> T:
        """Run a unit that only reads; raise what it raises, or `StoreUnavailable`."""

    async def close(self) -> None:
        """Finish waiting writes and let go of every connection."""

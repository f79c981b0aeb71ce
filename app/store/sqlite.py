"""SQLite: whatever waits is committed together, a few threads read.

A commit costs one flush to disk, whatever it holds; people who act at the same moment share it and each is answered
after it (docs/decisions/0003 has the measurements).
"""

import asyncio
import contextlib
import fcntl
import os
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar, cast

import orjson
from sqlalchemy import URL, Connection, Engine, NullPool, PoolProxiedConnection, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from app.store.database import StoreUnavailable, Unit

T = TypeVar("T")
READERS = 2
BATCH = 32
CHECKPOINT_EVERY = 100  # commits
BUSY_SECONDS = 5


def dumps(value: Any) -> str:
    """JSON for JSON columns."""
    return orjson.dumps(value).decode()


def sync_engine(url: URL, *, writes: bool, shares_loop: bool = False) -> Engine:
    """Return an engine with our pragmas; a writing one takes the write lock when a transaction begins.

    One that `shares_loop` never waits for a lock by itself, and leaves it to others to clear the write-ahead log.
    """
    if writes and url.database:
        _create_private(Path(url.database))
    pool = {"poolclass": NullPool} if writes else {"poolclass": QueuePool, "pool_size": READERS + 1, "max_overflow": 0}
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"check_same_thread": False, "timeout": 0 if shares_loop else BUSY_SECONDS},
        json_serializer=dumps,
        json_deserializer=orjson.loads,
        **cast(Any, pool),
    )
    own = ("wal_autocheckpoint=0",) if shares_loop else ()

    def _begin(connection: PoolProxiedConnection) -> None:
        connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    # not as a listener to "begin": an engine that is listened to asks around at every statement
    engine.dialect.do_begin = _begin  # type: ignore[method-assign, assignment]

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, above
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", *own):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _create_private(file: Path) -> None:
    """A new database is for its owner alone, and so is what SQLite puts beside it.

    One that is there is left as it is: closing it here would let go of the locks this process has on it.
    """
    with contextlib.suppress(OSError):  # SQLite itself says what is wrong
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


class SqliteDatabase:
    """One file, one serving process.

    Units that change something run on the event loop, which takes a fraction of a millisecond each; what waits for the
    disk or for somebody else's lock waits in a thread. Running the units in a thread, too, was measured: both threads
    then fight over the interpreter at every statement, and a card action takes a third longer.
    """

    is_shared = False

    def __init__(self, url: URL) -> None:
        self._writer = sync_engine(url, writes=True, shares_loop=True)
        self._reader = sync_engine(url, writes=False)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._checkpoints = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._commits = 0
        self._connection: Connection | None = None
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, unit: Unit[T]) -> T:
        """See `Database.write`."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Waiting(unit, done))
        if self._writing is None or self._writing.done():
            self._writing = loop.create_task(self._write_all())
        return await done

    async def read(self, unit: Unit[T]) -> T:
        """See `Database.read`."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, unit)

    async def close(self) -> None:
        """See `Database.close`."""
        if self._writing is not None:
            await self._writing
        if self._connection is not None:
            self._connection.close()
        self._checkpoints.shutdown()
        self._disk.shutdown()
        self._readers.shutdown()
        self._writer.dispose()
        self._reader.dispose()

    def _read(self, unit: Unit[T]) -> T:
        try:
            with self._reader.connect() as connection:
                return unit(connection)
        except DBAPIError as error:
            raise StoreUnavailable(str(error.orig)) from error

    async def _write_all(self) -> None:
        """Write what waits, batch by batch; what comes meanwhile shares the next commit."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            batch = [waiting for waiting in batch if not waiting.done.cancelled()]
            try:
                outcomes = await self._together(batch) if batch else []
            except Exception as error:
                outcomes = [_Failed(StoreUnavailable(str(error)))] * len(batch)
                if self._connection is not None:
                    self._connection.invalidate()
                    self._connection = None
            for waiting, outcome in zip(batch, outcomes, strict=True):
                waiting.tell(outcome)

    async def _together(self, batch: list["_Waiting"]) -> list[Any]:
        """Run the units in one transaction and return what became of each, once that is durable."""
        try:
            connection = await self._begun()
        except DBAPIError as error:
            return [_Failed(StoreUnavailable(str(error.orig)))] * len(batch)
        try:
            outcomes = [_run(connection, waiting.unit) for waiting in batch]
            await self._in_thread(connection.commit)
            self._count_commit()
        except DBAPIError as error:
            await self._in_thread(connection.rollback)
            if len(batch) == 1:
                return [_Failed(StoreUnavailable(str(error.orig)))]
            # one that cannot be saved must not take the others with it
            return [(await self._together([one]))[0] for one in batch]
        return outcomes

    def _count_commit(self) -> None:
        """Every now and then, move the write-ahead log into the database beside the writing.

        Left to itself SQLite does it within a commit, and whoever that is waits ten times as long as everybody else.
        """
        self._commits += 1
        if self._commits % CHECKPOINT_EVERY == 0:
            self._checkpoints.submit(self._checkpoint)

    def _checkpoint(self) -> None:
        with contextlib.suppress(DBAPIError), self._reader.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")

    async def _begun(self) -> Connection:
        """The connection with the write lock: nearly always free at once, else waited for where it blocks nobody."""
        if self._connection is None:
            self._connection = await self._in_thread(self._writer.connect)
        connection = self._connection
        try:
            connection.begin()
        except OperationalError as taken:
            if "locked" not in str(taken.orig):
                raise
            await self._in_thread(partial(_begin_patiently, connection))
        return connection

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)


class _Failed(NamedTuple):
    """What a unit raised."""

    error: Exception


class _Waiting(NamedTuple):
    """A unit and the caller that waits for it."""

    unit: Unit[Any]
    done: "asyncio.Future[Any]"

    def tell(self, outcome: Any) -> None:
        """Answer the caller, if they still wait."""
        if self.done.done():
            return
        if isinstance(outcome, _Failed):
            self.done.set_exception(outcome.error)
        else:
            self.done.set_result(outcome)


def _begin_patiently(connection: Connection) -> None:
    """Wait for the write lock as long as anybody may: another process, a command, holds it."""
    driver = connection.connection.cursor()
    driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    try:
        connection.begin()
    finally:
        driver.execute("PRAGMA busy_timeout = 0")


def _run(connection: Connection, unit: Unit[Any]) -> Any:
    """Run one unit inside the batch; what it raises undoes it and nothing else."""
    driver = connection.connection.cursor()  # said to the driver directly: two statements for every unit add up
    driver.execute("SAVEPOINT unit")
    try:
        result = unit(connection)
    except DBAPIError as error:
        if not isinstance(error, IntegrityError):
            raise
        driver.execute("ROLLBACK TO unit")
        return _Failed(error)
    except Exception as refused:
        driver.execute("ROLLBACK TO unit")
        return _Failed(refused)
    driver.execute("RELEASE unit")
    return result


class AlreadyServed(Exception):
    """Another process serves from this SQLite file."""


def hold_alone(database: Path) -> IO[str]:
    """Take the file beside the database that says it is being served; keep the result open while serving.

    Raises `AlreadyServed` when another process holds it, and `StoreUnavailable` when nothing can be written there.
    """
    try:
        held = database.with_name(database.name + ".serving").open("w")
    except OSError as error:
        raise StoreUnavailable(error.strerror) from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise AlreadyServed(str(database)) from None
    return held

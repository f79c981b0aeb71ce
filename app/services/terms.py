"""The desk's terms: what it promises, and what happens to open tickets when the desk file promises something else."""

from datetime import datetime
from functools import partial

from app.store import leases, tickets
from app.store.database import Database

TERMS = "terms"
LOOKED_AT_ONCE = 20_000


async def follow(database: Database, digest: str, now: datetime) -> None:
    """Where the desk file promises something else than before, let the timers look at every ticket that has a promise.

    `digest` tells one set of terms from another (`Desk.terms_digest`).
    """
    known = await database.read(lambda tx: leases.holder(tx, TERMS))
    if known == digest:
        return
    last = None if known is None else 0
    while last is not None:
        last = await database.write(partial(tickets.look_again, after=last, most=LOOKED_AT_ONCE, now=now))
    # only now: whoever is killed before does it all again
    await database.write(lambda tx: leases.hold(tx, TERMS, digest, until=now))

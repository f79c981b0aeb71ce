"""What is deleted because it no longer counts: in several transactions, so that nobody waits behind all of it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from app.store import copies, drafts, outbox, seen

SENT_KEPT_FOR = timedelta(days=7)
CLICKS_KEPT_FOR = timedelta(days=90)  # a form may lie in a chat for a while before it is sent
SENT_AT_ONCE = 500


def deletions(now: datetime) -> Iterator[Callable[[Connection], object]]:
    """The units of work that delete what was sent, clicked and said long ago, one after the other."""
    yield partial(outbox.forget, before=now - SENT_KEPT_FOR, limit=SENT_AT_ONCE)
    for forget in (seen.forget, drafts.forget, copies.forget_questions):
        yield partial(forget, before=now - CLICKS_KEPT_FOR)

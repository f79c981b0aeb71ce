"""The outbox as those see it who deliver it: what waits, what somebody sends now, and what became of it."""

from sqlalchemy import Connection

from app.store import copies
from app.store.copies import SentCopy as SentCopy
from app.store.messages import Head as Head
from app.store.messages import QueuedMessage as QueuedMessage
from app.store.messages import SentMark as SentMark
from app.store.messages import Way as Way
from app.store.outbox import DEAD as DEAD
from app.store.outbox import DROPPED as DROPPED
from app.store.outbox import PENDING as PENDING
from app.store.outbox import SENT as SENT
from app.store.outbox import Draft as Draft
from app.store.outbox import Outcome as Outcome
from app.store.outbox import claim as claim
from app.store.outbox import finish as finish
from app.store.outbox import give_back as give_back
from app.store.outbox import heads as heads
from app.store.outbox import postpone as postpone
from app.store.outbox import put as put
from app.store.outbox import recover as recover
from app.store.outbox import sent_since as sent_since


def sent_copy(tx: Connection, message: int) -> SentCopy | None:
    """What was sent as this message, as far as it may be changed later."""
    return copies.find(tx, message)

"""Whether and when a failed message is tried again, as a value."""

from datetime import datetime, timedelta

from app.domain.delivery import Reason, TryLater, Undeliverable
from app.services.outbox import DEAD, PENDING, Outcome

LONGEST_WAIT = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(hours=24)
FEWEST_TRIES = 5
AMBIGUOUS_TRIES = 1
# a process that ended between claiming and noting had rarely sent the message by then; that it ends there again and
# again is the message's own doing
VANISHED_TRIES = 3
VANISHED = "sender_vanished"


def after_failure(
    error: TryLater | Undeliverable,
    *,
    message: int,
    attempts: int,
    ambiguous: int,
    created_at: datetime,
    now: datetime,
) -> Outcome:
    """What becomes of a message that was not delivered.

    A new message that may have been accepted without an answer is sent again at most once: a second try can show it
    twice, a third would only make that more likely. Everything else is tried for a day (an admin's retry of an old one
    a few times): when Teams asked for it, or else at intervals that grow to a minute, and scattered so that many failed
    messages do not come back together. A message whose sender vanished goes first, to keep the order; `ambiguous`
    counts that, too, for an edit as well, because what ended a process may end the next.
    """
    if isinstance(error, Undeliverable):
        return Outcome(DEAD, reason=error.reason.value, detail=error.detail[:500])
    vanished = error.reason == VANISHED
    doubtful = ambiguous + (error.ambiguous or vanished)
    if vanished and doubtful > VANISHED_TRIES:
        return Outcome(DEAD, reason=Reason.ENDS_PROCESS.value, detail=error.reason, ambiguous=doubtful)
    if error.ambiguous and not vanished and doubtful > AMBIGUOUS_TRIES:
        return Outcome(DEAD, reason="ambiguous", detail=error.reason, ambiguous=doubtful)
    if now - created_at > GIVE_UP_AFTER and attempts >= FEWEST_TRIES:
        return Outcome(DEAD, reason="expired", detail=error.reason, ambiguous=doubtful)
    wait = timedelta() if vanished else backoff(message, attempts)
    if error.after is not None:
        wait = max(error.after, backoff(message, 0)) * scatter(message)
    return Outcome(PENDING, due_at=now + wait, reason=error.reason, ambiguous=doubtful)


def backoff(message: int, attempts: int) -> timedelta:
    """Two seconds after the first attempt, doubled with every other, up to a minute, and scattered."""
    grown = min(2.0 ** min(attempts, 12), LONGEST_WAIT.total_seconds())
    return timedelta(seconds=grown) * scatter(message)


def scatter(message: int) -> float:
    """Between 1 and 1.25, by the message's id."""
    return 1 + (message * 2_654_435_761 % 1000) / 4000

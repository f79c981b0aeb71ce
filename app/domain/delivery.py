"""Why a message did not arrive: the two answers every failed send is reduced to."""

from datetime import timedelta
from enum import StrEnum


class Reason(StrEnum):
    """Why trying again would not help."""

    BLOCKED = "blocked"
    """The person blocked the bot."""
    DISABLED = "disabled"
    """An administrator switched the bot off for this person or team."""
    NOT_INSTALLED = "not_installed"
    """The app is not installed in that chat or team (any more)."""
    NO_CHANNEL = "no_channel"
    """The line has no channel yet; an admin binds one."""
    GONE = "gone"
    """The conversation does not exist (any more)."""
    MESSAGE_GONE = "message_gone"
    """The message to be edited does not exist (any more); it can be posted anew."""
    TOO_LARGE = "too_large"
    BAD_REQUEST = "bad_request"
    REFUSED = "refused"
    HOST_NOT_ALLOWED = "host_not_allowed"
    BOT_NOT_REGISTERED = "bot_not_registered"
    TOO_SLOW = "too_slow"
    """Rendering it takes longer than anybody may wait for it."""
    ENDS_PROCESS = "ends_process"
    """Process after process ended while it rendered or sent the message."""


class TryLater(Exception):
    """The message may arrive later.

    `after` is how long Teams asked to wait at least. `ambiguous` says that a *new* message may have been accepted
    although no answer came: sending it again can show it twice.
    """

    def __init__(self, reason: str, *, after: timedelta | None = None, ambiguous: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after
        self.ambiguous = ambiguous


class Undeliverable(Exception):
    """The message will not arrive, however often it is sent. `detail` never holds anybody's words."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail

"""Answers to people that are not what they hoped for: a text key of the catalogue and its values."""

from collections.abc import Mapping


class DomainError(Exception):
    """Refused, with a sentence for the person who asked; nothing was changed."""

    key = "error.refused"

    def __init__(self, **values: object) -> None:
        super().__init__(self.key)
        self.values: Mapping[str, object] = values


class NotFound(DomainError):
    """No such ticket, or not yours: the answer is the same, so that nobody can find out which."""

    key = "error.not_found"


class NoPrevention(NotFound):
    """There is no such preventive action, or it is somebody else's."""

    key = "error.no_prevention"


class NoSuchArticle(DomainError):
    """The article is gone, or not for this reader: the answer is the same."""

    key = "error.no_such_article"


class NotAllowed(DomainError):
    """The person is known and the ticket visible, but the action is not theirs."""

    key = "error.not_allowed"


class NotNow(DomainError):
    """The action is not legal in the ticket's present state; the fresh card says why."""

    key = "error.not_now"


class Stale(DomainError):
    """The card showed an older version; somebody was faster. The fresh card is the answer."""

    key = "error.stale"


class TooManyTickets(DomainError):
    """One person raises more than anybody can mean: a flood would hide everybody else's tickets."""

    key = "error.too_many_tickets"


class TooManyActions(DomainError):
    """One person clicks and writes more than anybody can mean."""

    key = "error.too_many_actions"

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)
        self.limit = limit


class ReopenTooLate(DomainError):
    """The time for reopening is over (`desk.reopen_for`)."""

    key = "error.reopen_too_late"


class UndoTooLate(DomainError):
    """Duplicates can be separated again as long as tickets can be reopened (`desk.reopen_for`)."""

    key = "error.undo_too_late"


class RatingTooLate(DomainError):
    """A rating can be changed for a day."""

    key = "error.rating_too_late"


class InvalidInput(DomainError):
    """Inputs that cannot be taken as they are: input id → text key and values of its message."""

    key = "error.invalid_input"

    def __init__(self, problems: Mapping[str, tuple[str, Mapping[str, object]]]) -> None:
        super().__init__()
        self.problems = problems

"""A preventive action: what management decided so that it does not happen again."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class PreventiveAction:
    """Who does what until when. Without words it is owed: its owner is whoever is asked to name it."""

    id: int
    ticket: int
    text: str
    owner: str
    due: date
    decided_by: str
    created_at: datetime
    remind_at: datetime | None
    reminders: int = 0
    done_by: str | None = None
    done_at: datetime | None = None

    @property
    def is_owed(self) -> bool:
        """Whether nobody has said yet what is done."""
        return not self.text

    @property
    def is_done(self) -> bool:
        """Whether nobody is reminded of it any more."""
        return self.done_at is not None

"""How long something may take, as it is promised: in plain units or in working days."""

from typing import NamedTuple

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Duration(NamedTuple):
    """A span of business time. A day is a working day of the calendar, so it has no length in seconds of its own."""

    amount: int
    unit: str

    @property
    def days(self) -> int:
        """Working days; 0 when the duration is written in seconds, minutes or hours."""
        return self.amount if self.unit == "d" else 0

    @property
    def seconds(self) -> int:
        """Seconds; 0 when the duration is written in working days."""
        return 0 if self.unit == "d" else self.amount * _SECONDS[self.unit]

    @property
    def length(self) -> int:
        """Seconds, a working day counted as 24 hours: good for limits, not for clocks."""
        return self.amount * _SECONDS[self.unit]

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

"""What people may ask for: the most characters they may write, and what several verbs ask alike."""

from dataclasses import dataclass
from datetime import date

# the most characters people may write: forms count them, and what arrives is checked by them
TITLE = 100
LONG_TEXT = 4000
HAND_OVER_TEXT = 2000
SHORT_TEXT = 1000
FIELD_TEXT = 200
NUMBER = 24

TICKET_FORM = ("title", "description", "category", "urgency", "impact", "kind")
"""The inputs of a new ticket (interface, card actions); a category's own fields stand among them."""


@dataclass(frozen=True, slots=True)
class Prevention:
    """What keeps it from happening again, asked when a ticket leaves management."""

    text: str
    owner: str
    due: date

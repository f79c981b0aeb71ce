"""What is served, and what whoever serves it brings along."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.delivery.limits import Limits
from app.desk.model import Desk
from app.i18n import LOCALES, Texts
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Overrides:
    """What whoever serves a desk may bring along: a clock, which then counts instead of the database's, other limits
    than those of Teams, a folder with catalogues. Without `background` every step waits until it is called.
    """

    now: Callable[[], datetime] | None = None
    monotonic: Callable[[], float] = time.monotonic
    limits: Limits | None = None
    catalogues: Path = LOCALES
    background: bool = True


NO_OVERRIDES = Overrides()


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is served, as it was read at the start."""

    settings: Settings
    desk: Desk
    texts: Texts

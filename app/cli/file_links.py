"""`ticketbot filelinks`: the key that links to files are signed with."""

from datetime import datetime

from app.cli.unit import in_database
from app.services import file_links
from app.settings import Settings
from app.store.clock import database_time


def rotate(settings: Settings, *, now: datetime) -> datetime:
    """Make a new key; when it takes over, by the clock that all replicas go by."""
    return in_database(settings, lambda tx: file_links.rotate(tx, database_time(tx) or now))

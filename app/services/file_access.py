"""Who may have a file: beside the door to its ticket."""

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.errors import NotFound
from app.domain.files import Attachment
from app.domain.people import Actor
from app.services.access import access_ticket


def may_read_file(tx: Connection, desk: Desk, reader: Actor, file: Attachment) -> bool:
    """Whether somebody may have a file now: it is their own, or they may see its ticket."""
    if file.ticket is None:
        return file.person == reader.id
    try:
        access_ticket(tx, desk, reader, file.ticket)
    except NotFound:
        return False
    return True

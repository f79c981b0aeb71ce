"""Who follows a link to a file: the person it was made for, with the rights they have by now."""

from app.bot.directory.rosters import Rosters
from app.desk.model import Desk
from app.domain.files import Attachment
from app.domain.people import Actor
from app.services.file_access import may_read_file
from app.services.unit_of_work import Database


class FileReaders:
    """Knows people by their id alone: a link is followed in a browser, where nobody signs in."""

    def __init__(self, desk: Desk, database: Database, rosters: Rosters) -> None:
        self._desk = desk
        self._database = database
        self._rosters = rosters

    async def may_read(self, reader: str, file: Attachment) -> bool:
        """Whether they may have the file now; Teams is asked for their lines where those count."""
        lines = frozenset[str]()
        if file.ticket is not None:
            lines = (await self._rosters.membership(frozenset({reader}))).lines
        actor = Actor(reader, "", "", lines)
        return await self._database.read(lambda tx: may_read_file(tx, self._desk, actor, file))

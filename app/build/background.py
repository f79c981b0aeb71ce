"""The last phase: what goes on in the background."""

from functools import partial

from app import logs
from app.bot.directory.profiles import LEARNT_EVERY
from app.bot.directory.rosters import LOOKS_EVERY as LOOKS_AT_ROSTERS_EVERY
from app.bot.edge.keys import KeyStore
from app.bot.files.incoming_files import LOOKS_EVERY as LOOKS_FOR_FILES_EVERY
from app.build.edge import Edge
from app.build.infrastructure import Clocks, Infrastructure, set_clock
from app.build.teams import Teams
from app.build.work import Work
from app.delivery import loops
from app.delivery.auditor import LOOKS_EVERY
from app.delivery.loops import Loop
from app.observation import figures
from app.services.file_links import LEARNT_EVERY as LINK_KEYS_LEARNT_EVERY
from app.store.database import Database

FIGURES_EVERY_SECONDS = 15.0
TIDY_EVERY_SECONDS = 60.0
KEYS_TRIED_EVERY_SECONDS = 30.0
CLOCK_SET_EVERY_SECONDS = 10.0


def background_loops(infrastructure: Infrastructure, teams: Teams, work: Work, edge: Edge) -> tuple[Loop, ...]:
    """Everything that goes on in the background, by name."""
    database, clocks, keys = infrastructure.database, infrastructure.clocks, teams.keys
    measure = figures(database, infrastructure.registry, clocks.now)
    return (
        Loop("dispatcher", partial(loops.dispatch, work.dispatcher)),
        Loop("timers", partial(loops.keep_time, work.timers)),
        *([Loop("assigner", partial(loops.assign, work.assigner))] if work.assigner.lines else []),
        Loop("auditor", partial(loops.every, LOOKS_EVERY, work.auditor.check)),
        Loop("tidying", partial(loops.every, TIDY_EVERY_SECONDS, work.dispatcher.tidy)),
        Loop("figures", partial(loops.every, FIGURES_EVERY_SECONDS, measure)),
        Loop("profiles", partial(loops.every, LEARNT_EVERY, teams.profiles.learn)),
        Loop("rosters", partial(loops.every, LOOKS_AT_ROSTERS_EVERY, teams.rosters.look)),
        Loop("indexer", partial(loops.index, work.indexer)),
        Loop("files", partial(loops.every, LOOKS_FOR_FILES_EVERY, work.files.resume)),
        Loop("logs", partial(loops.every, logs.FLUSHED_EVERY, _flush_logs)),
        *([Loop("keys", partial(loops.every, KEYS_TRIED_EVERY_SECONDS, partial(_load_keys, keys)))] if keys else []),
        Loop("link keys", partial(loops.every, LINK_KEYS_LEARNT_EVERY, edge.downloads.learn_keys)),
        *([_clock_loop(database, clocks)] if clocks.believes_database and database.is_shared else []),
    )


def _clock_loop(database: Database, clocks: Clocks) -> Loop:
    return Loop("clock", partial(loops.every, CLOCK_SET_EVERY_SECONDS, partial(set_clock, database, clocks)))


async def _load_keys(keys: KeyStore) -> None:
    """Have the keys before they are asked for; without the key server the desk starts all the same."""
    if not keys.loaded:
        await keys.refresh()


async def _flush_logs() -> None:
    logs.flush()

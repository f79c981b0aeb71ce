"""The composition root: from settings and desk file to the parts of a serving process, in phases.

Each phase is a module: a frozen value, and the short function that makes it of the phases before. Nothing else in the
program builds what they hold.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from app.actions import registry as actions
from app.build.background import background_loops
from app.build.configuration import Configuration, Overrides
from app.build.edge import Edge, open_edge
from app.build.infrastructure import Infrastructure, open_infrastructure
from app.build.teams import Teams, reach_teams
from app.build.work import Work, set_up_work
from app.delivery.loops import Loop
from app.desk.model import Desk
from app.i18n import Texts
from app.messages import registry as messages
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class App:
    """A desk that is ready to serve, and what goes on in it meanwhile."""

    configuration: Configuration
    infrastructure: Infrastructure
    teams: Teams
    work: Work
    edge: Edge
    background: tuple[Loop, ...]


async def build(
    settings: Settings, desk: Desk, overrides: Overrides, stop: asyncio.Event, stack: AsyncExitStack
) -> App:
    """Build the desk, which is neither listened for nor at work so far; leaving `stack` takes it apart.

    From when `stop` is set it says that it is not ready. Raises `NotMigrated`, `AlreadyServed`, `StoreUnavailable`, and
    `Incomplete` for a verb without words.
    """
    configuration = Configuration(settings, desk, Texts.load(desk.language, overrides.catalogues))
    actions.check_words(configuration.texts)
    messages.check_words(configuration.texts)
    infrastructure = await open_infrastructure(configuration, overrides, stack)
    teams = await reach_teams(configuration, infrastructure, stack)
    work = set_up_work(configuration, infrastructure, teams, overrides.limits)
    stack.push_async_callback(work.files.stop)
    edge = await open_edge(configuration, infrastructure, teams, work, stop)
    background = background_loops(infrastructure, teams, work, edge)
    return App(configuration, infrastructure, teams, work, edge, background)

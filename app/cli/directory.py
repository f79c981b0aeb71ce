"""What `ticketbot check` says about Microsoft Graph: the desk does without it, so nothing here is a problem."""

import asyncio
from collections.abc import Awaitable
from urllib.parse import quote

from prometheus_client import CollectorRegistry

from app.bot.directory.graph import Graph, GraphFailure, GraphRefused
from app.bot.out.connector import Json, client_session
from app.bot.out.credentials import TokenProvider, token_source
from app.settings import Settings

TIMEOUT = 10.0
_NOBODY = "00000000-0000-0000-0000-000000000000"
"""Good enough to be refused: Graph looks at the permission before it looks for the person."""
USERS, PRESENCE = "User.Read.All", "Presence.Read.All"
CATALOGUE, INSTALLATION = "AppCatalog.Read.All", "TeamsAppInstallation.ReadWriteSelfForUser.All"
PERMISSIONS = (USERS, PRESENCE, CATALOGUE, INSTALLATION)


async def directory_sentence(settings: Settings) -> str:
    """Which of the optional permissions work, tried with questions that change nothing."""
    monotonic = asyncio.get_running_loop().time
    tokens = TokenProvider(token_source(settings), monotonic=monotonic)
    async with client_session() as session:
        graph = Graph(
            session,
            tokens,
            settings.graph_url,
            monotonic=monotonic,
            registry=CollectorRegistry(),
            timeout=TIMEOUT,
        )
        try:
            return _sentence(await _missing(graph, settings.app_id))
        except GraphFailure as failure:
            return (
                f"TICKETBOT_GRAPH_URL: Microsoft Graph does not answer there ({failure.reason}): "
                "the desk serves without managers and absences until it does."
            )


async def _missing(graph: Graph, app_id: str) -> list[str]:
    """The permissions that are not granted, in their order."""
    try:
        person, refuses_users = _first_id(await graph.get("users", "users", {"$top": "1", "$select": "id"})), False
    except GraphRefused as refused:
        if refused.status != 403:
            raise  # a Graph has a list of people, granted or not
        person, refuses_users = _NOBODY, True
    own = {"$filter": f"externalId eq '{app_id}'", "$select": "id"}
    installed = {"$expand": "teamsApp", "$filter": f"teamsApp/externalId eq '{app_id}'"}
    where = f"users/{quote(person, safe='')}/teamwork/installedApps"
    refuses = {
        USERS: refuses_users,
        PRESENCE: await _refuses(graph.post("presence", "communications/getPresencesByUserId", {"ids": [person]})),
        CATALOGUE: await _refuses(graph.get("catalogue", "appCatalogs/teamsApps", own)),
        INSTALLATION: await _refuses(graph.get("installed", where, installed)),
    }
    return [permission for permission, is_missing in refuses.items() if is_missing]


async def _refuses(question: Awaitable[Json]) -> bool:
    try:
        await question
    except GraphRefused as refused:
        return refused.status == 403
    return False


def _first_id(answer: Json) -> str:
    listed = answer.get("value")
    first = listed[0] if isinstance(listed, list) and listed else None
    found = first.get("id") if isinstance(first, dict) else None
    return found if isinstance(found, str) else _NOBODY


def _sentence(missing: list[str]) -> str:
    working = [permission for permission in PERMISSIONS if permission not in missing]
    if not missing:
        return f"Microsoft Graph: the optional permissions {_and(working)} are granted."
    if not working:
        return f"Microsoft Graph: none of the optional permissions {_and(missing)} is granted; the desk does without."
    return f"Microsoft Graph: granted is {_and(working)}, not granted is {_and(missing)}; the desk does without."


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))

"""A small Microsoft Graph: people, their managers, who is there, and for whom the app was installed."""

import asyncio
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.inbound import Json
from tests.support.loopback import Loopback
from tests.support.teams import Seen

CATALOGUE_ID = "0f4e4b5c-5a70-4d3b-9f0d-6f3a52a3c001"
PERMISSIONS = frozenset(
    {"User.Read.All", "Presence.Read.All", "AppCatalog.Read.All", "TeamsAppInstallation.ReadWriteSelfForUser.All"}
)
_NEEDS = {
    "users": "User.Read.All",
    "user": "User.Read.All",
    "manager": "User.Read.All",
    "presence": "Presence.Read.All",
    "catalogue": "AppCatalog.Read.All",
    "install": "TeamsAppInstallation.ReadWriteSelfForUser.All",
    "installed": "TeamsAppInstallation.ReadWriteSelfForUser.All",
}


@dataclass
class Failure:
    """What goes wrong with the next `times` questions of this kind."""

    status: int
    times: int = 1
    on: str = "any"
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


class FakeGraph(Loopback):
    """The directory of one tenant. Questions: users, user, manager, presence, catalogue, install, installed."""

    def __init__(self) -> None:
        super().__init__()
        self.users: dict[str, Json] = {}
        self.managers: dict[str, Any] = {}
        """Person id → the manager, as Graph describes them."""
        self.presences: dict[str, Json] = {}
        self.catalogue: dict[str, str] = {}
        """Id in the manifest → id in the catalogue."""
        self.installed: set[str] = set()
        self.blocked: set[str] = set()
        """Whom a policy of the company denies the app: 403."""
        self.granted = set(PERMISSIONS)
        self.on_install: Callable[[str], object] = self.installed.add
        """Hears whom the app was installed for."""
        self.failures: list[Failure] = []
        self.seen: list[Seen] = []
        self.kinds: list[str] = []
        """Every question by its kind, answered or not."""
        self.answering = asyncio.Event()
        """Cleared, every question hangs."""
        self.answering.set()

    def person(self, person_id: str, **more: Any) -> Json:
        """Somebody with an account; `more` replaces what Graph says about them."""
        known = {
            "@odata.type": "#microsoft.graph.user",
            "id": person_id,
            "displayName": f"Person {person_id[:4]}",
            "mail": f"{person_id[:4]}@example.com",
            "accountEnabled": True,
        }
        self.users[person_id] = known | more
        return self.users[person_id]

    def report_to(self, person_id: str, manager_id: str, **more: Any) -> None:
        """Give a person a manager."""
        self.managers[person_id] = self.person(manager_id, **more)

    def fail(self, status: int, **more: Any) -> None:
        """Let coming questions fail; see `Failure`."""
        self.failures.append(Failure(status, **more))

    def asked(self, kind: str) -> int:
        """How many questions of this kind arrived."""
        return self.kinds.count(kind)

    def routes(self) -> list[web.RouteDef]:
        user = "/v1.0/users/{person}"
        return [
            web.get("/v1.0/users", self._users),
            web.get(user, self._user),
            web.get(f"{user}/manager", self._manager),
            web.get(f"{user}/teamwork/installedApps", self._installed),
            web.post(f"{user}/teamwork/installedApps", self._install),
            web.post("/v1.0/communications/getPresencesByUserId", self._presence),
            web.get("/v1.0/appCatalogs/teamsApps", self._catalogue),
            web.route("*", "/{rest:.*}", self._elsewhere),
        ]

    async def _users(self, request: web.Request) -> web.Response:
        await self._note(request, "users")
        first = list(self.users)[: int(request.query.get("$top", "100"))]
        return web.json_response({"value": [{"id": each} for each in first]})

    async def _user(self, request: web.Request) -> web.Response:
        await self._note(request, "user")
        person = request.match_info["person"]
        known = self.users.get(person)
        if known is None:
            raise _refusal(404, "Request_ResourceNotFound")
        answer = _selected(known, request.query.get("$select", "").split(","))
        if "$expand" in request.query and person in self.managers:
            answer["manager"] = self.managers[person]
        return web.json_response(answer)

    async def _manager(self, request: web.Request) -> web.Response:
        await self._note(request, "manager")
        manager = self.managers.get(request.match_info["person"])
        if manager is None:
            raise _refusal(404, "Request_ResourceNotFound")
        return web.json_response(manager)

    async def _presence(self, request: web.Request) -> web.Response:
        asked = (await self._note(request, "presence"))["ids"]
        return web.json_response({"value": [self.presences[each] for each in asked if each in self.presences]})

    async def _catalogue(self, request: web.Request) -> web.Response:
        await self._note(request, "catalogue")
        wanted = re.fullmatch(r"externalId eq '([^']*)'", request.query["$filter"])
        found = self.catalogue.get(wanted[1]) if wanted else None
        return web.json_response({"value": [{"id": found}] if found else []})

    async def _installed(self, request: web.Request) -> web.Response:
        await self._note(request, "installed")
        return web.json_response({"value": []})

    async def _install(self, request: web.Request) -> web.Response:
        wish = await self._note(request, "install")
        person = request.match_info["person"]
        apps = {f"{self.url}/v1.0/appCatalogs/teamsApps/{each}" for each in self.catalogue.values()}
        if wish["teamsApp@odata.bind"] not in apps:
            raise _refusal(400, "BadRequest")
        if person in self.blocked:
            raise _refusal(403, "Forbidden")
        if person in self.installed:
            raise _refusal(409, "Conflict")
        self.installed.add(person)
        self.on_install(person)
        return web.Response(status=201)

    async def _elsewhere(self, request: web.Request) -> web.Response:
        await self._note(request, "elsewhere")
        raise _refusal(404, "NotFound")

    async def _note(self, request: web.Request, kind: str) -> Any:
        body = await request.json() if request.can_read_body else None
        authorization = request.headers.get("Authorization")
        self.seen.append(Seen(0, request.method, request.path_qs, authorization, body))
        self.kinds.append(kind)
        await self.answering.wait()
        for failure in self.failures:
            if failure.times and failure.on in ("any", kind):
                failure.times -= 1
                raise _answered(failure)
        if not authorization:
            raise _refusal(401, "InvalidAuthenticationToken")
        if _NEEDS.get(kind) not in {None, *self.granted}:
            raise _refusal(403, "Authorization_RequestDenied")
        return body


class _Answered(web.HTTPException):
    status_code = 500


def _answered(failure: Failure) -> web.HTTPException:
    body = failure.body if isinstance(failure.body, str) else json.dumps(failure.body)
    answer = _Answered(headers=failure.headers, text=body)
    answer.set_status(failure.status)
    return answer


def _refusal(status: int, code: str) -> web.HTTPException:
    return _answered(Failure(status, body={"error": {"code": code, "message": "told in words"}}))


def _selected(known: Json, names: Iterable[str]) -> Json:
    return {name: known[name] for name in names if name in known}

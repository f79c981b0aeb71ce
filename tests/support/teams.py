"""A small Teams: keeps what people would see, limits, refuses and breaks on request.

`python -m tests.support.teams --port N` runs it as a process of its own; `/_control/…` then does what the methods do.
"""

import argparse
import asyncio
import itertools
import json
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from tests.support.entra import TENANT_ID
from tests.support.inbound import Json, Person
from tests.support.loopback import Loopback

T = TypeVar("T")
MAX_CARD_BYTES = 28 * 1024
SEND_WINDOWS = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
TENANT_WINDOWS = ((50, 1.0),)


@dataclass
class Message:
    """A message as people see it now, and what it was before."""

    id: str
    conversation_id: str
    activity: Json
    edits: list[Json] = field(default_factory=list)

    @property
    def card(self) -> Json | None:
        attachments = self.activity.get("attachments") or []
        return attachments[0].get("content") if attachments else None

    @property
    def words(self) -> str:
        """Every text a reader finds on it."""
        return " ".join(_texts([self.activity.get("text"), self.card]))


@dataclass(frozen=True)
class Accepted:
    """A call that Teams carried out: `kind` is send, update or create."""

    at: float
    kind: str
    conversation_id: str
    message_id: str
    activity: Json


@dataclass(frozen=True)
class Seen:
    """Any call, carried out or not."""

    at: float
    method: str
    path: str
    authorization: str | None
    body: Any


@dataclass
class Failure:
    """What goes wrong with the next `times` calls. `mode`: answer, hang, reset, accept_reset, accept_hang."""

    status: int = 503
    times: int = 1
    on: str = "any"
    conversation: str | None = None
    mode: str = "answer"
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


class FakeTeams(Loopback):
    """The connector service of one tenant."""

    def __init__(self, *, limits: bool = False) -> None:
        super().__init__()
        self.limits = limits
        self.messages: dict[str, dict[str, Message]] = defaultdict(dict)
        """Conversation id without `;messageid=` → message id → message."""
        self.accepted: list[Accepted] = []
        self.seen: list[Seen] = []
        self.failures: list[Failure] = []
        self.rosters: dict[str, list[Json]] = {}
        """Team, private or shared channel, or chat → its own members; a standard channel has those of its team."""
        self.channels: dict[str, dict[str, Json]] = defaultdict(dict)
        """Team → channel → what the list of its channels says of it, besides General, which is always there."""
        self.lists_types = True
        """Whether the list of a team's channels says of which type each is."""
        self.lists_own_channels = True
        """Whether it names private and shared channels at all."""
        self.held: asyncio.Event | None = None
        """Rosters that were read wait for this before they are answered; `holding` counts them."""
        self.holding = 0
        self.gone: set[str] = set()
        """Conversations that vanished: 404."""
        self.not_installed: set[str] = set()
        """Person ids or conversation ids where the app is not installed: 403."""
        self.blocked: set[str] = set()
        """Conversations whose person blocked the bot: 403."""
        self._ids = itertools.count(1_800_000_000_001)
        self._sends: dict[str, deque[float]] = defaultdict(deque)
        self._changed = asyncio.Condition()

    @property
    def service_url(self) -> str:
        return f"{self.url}/teams/"

    def roster(self, conversation_id: str, *people: Person, tenant_id: str = TENANT_ID, role: str = "user") -> None:
        """Who is in a team, a private or shared channel, or a chat."""
        self.rosters[conversation_id] = []
        self.join(conversation_id, *people, tenant_id=tenant_id, role=role)

    def join(self, conversation_id: str, *people: Person, tenant_id: str = TENANT_ID, role: str = "user") -> None:
        """More people come in: of another tenant, or with another role (`owner`, `guest`, `anonymous`)."""
        self.rosters.setdefault(conversation_id, []).extend(
            {
                "id": person.teams_id,
                "objectId": person.aad_id,
                "name": person.name,
                "email": f"{person.aad_id[:8]}@example.com",
                "userPrincipalName": f"{person.aad_id[:8]}@example.com",
                "tenantId": tenant_id,
                "userRole": role,
            }
            for person in people
        )

    def channel(self, channel_id: str, team_id: str, kind: str = "standard") -> None:
        """A team has this channel: `standard`, `private` or `shared`. The latter two have a roster of their own, once
        the app was added there.
        """
        self.channels[team_id][channel_id] = {"id": channel_id, "name": channel_id, "type": kind}

    def fail(self, status: int = 503, **more: Any) -> None:
        """Let coming calls fail; see `Failure`."""
        self.failures.append(Failure(status, **more))

    def chat(self, conversation: Person | str) -> list[Message]:
        """What stands in a chat, channel or thread now, oldest first."""
        conversation_id = conversation.chat_id if isinstance(conversation, Person) else conversation
        base, _, root = conversation_id.partition(";messageid=")
        messages = list(self.messages[base].values())
        return [message for message in messages if not root or message.conversation_id == conversation_id]

    async def until(self, condition: Callable[[], T], within: float = 5.0) -> T:
        """Wait until `condition` is true of what Teams has seen; on time-out fail with everything people would see."""

        def holds() -> Any:
            return condition()

        async with self._changed:
            try:
                async with asyncio.timeout(within):
                    return await self._changed.wait_for(holds)
            except TimeoutError:
                raise AssertionError(f"did not happen within {within} s\n{self.transcript()}") from None

    def transcript(self) -> str:
        """What everybody sees, for people to read."""
        lines = []
        for base, messages in self.messages.items():
            lines.append(f"== {base}")
            for message in messages.values():
                edited = f" (edited {len(message.edits)}×)" if message.edits else ""
                lines.append(f"  [{message.id}]{edited} {message.words[:300]}")
        return "\n".join(lines) or "nobody sees anything"

    def routes(self) -> list[web.RouteDef]:
        conversation = "/teams/v3/conversations/{conversation}"
        return [
            web.post("/teams/v3/conversations", self._create),
            web.post(f"{conversation}/activities", self._send),
            web.post(f"{conversation}/activities/{{message}}", self._send),
            web.put(f"{conversation}/activities/{{message}}", self._update),
            web.delete(f"{conversation}/activities/{{message}}", self._delete),
            web.get(f"{conversation}/pagedmembers", self._paged_members),
            web.get(f"{conversation}/members/{{member}}", self._member),
            web.get("/teams/v3/teams/{team}/conversations", self._channels_of_team),
            web.get("/_control/state", self._control_state),
            web.post("/_control/fail", self._control_fail),
            web.post("/_control/roster", self._control_roster),
            web.post("/_control/channels", self._control_channels),
        ]

    # --- the connector's operations ---

    async def _create(self, request: web.Request) -> web.Response:
        wish = await self._note(request)
        channel = (wish.get("channelData") or {}).get("channel", {}).get("id")
        members = wish.get("members") or []
        where = channel or (members[0]["id"] if members else "")
        failure = await self._obstacle(request, "create", where)
        if channel:
            message = self._post(channel, wish["activity"], "create", own_thread=True)
            answer = {"id": message.conversation_id, "activityId": message.id}
        else:
            answer = {"id": f"a:{where.removeprefix('29:')}"}
        return await self._answer(request, failure, answer, 201)

    async def _send(self, request: web.Request) -> web.Response:
        activity = await self._note(request)
        conversation_id = request.match_info["conversation"]
        failure = await self._obstacle(request, "send", conversation_id)
        self._check_size(activity)
        message = self._post(conversation_id, activity, "send")
        return await self._answer(request, failure, {"id": message.id}, 201)

    async def _update(self, request: web.Request) -> web.Response:
        activity = await self._note(request)
        conversation_id, message_id = request.match_info["conversation"], request.match_info["message"]
        failure = await self._obstacle(request, "update", conversation_id)
        message = self.messages[conversation_id.partition(";messageid=")[0]].get(message_id)
        if message is None:
            raise _refusal(404, "ActivityNotFoundInConversation")
        self._check_size(activity)
        message.edits.append(message.activity)
        message.activity = activity
        self.accepted.append(Accepted(time.monotonic(), "update", message.conversation_id, message_id, activity))
        return await self._answer(request, failure, {"id": message_id}, 200)

    async def _delete(self, request: web.Request) -> web.Response:
        await self._note(request)
        conversation_id, message_id = request.match_info["conversation"], request.match_info["message"]
        failure = await self._obstacle(request, "delete", conversation_id)
        if self.messages[conversation_id.partition(";messageid=")[0]].pop(message_id, None) is None:
            raise _refusal(404, "ActivityNotFoundInConversation")
        return await self._answer(request, failure, {}, 200)

    async def _paged_members(self, request: web.Request) -> web.Response:
        await self._note(request)
        conversation_id = request.match_info["conversation"]
        failure = await self._obstacle(request, "members", conversation_id)
        roster = self._members_of(conversation_id)
        start, size = int(request.query.get("continuationToken") or 0), int(request.query.get("pageSize", 200))
        page: Json = {"members": roster[start : start + size]}
        if start + size < len(roster):
            page["continuationToken"] = str(start + size)
        if self.held:
            self.holding += 1
            await self._tell()
            await self.held.wait()
        return await self._answer(request, failure, page, 200)

    async def _member(self, request: web.Request) -> web.Response:
        await self._note(request)
        conversation_id, wanted = request.match_info["conversation"], request.match_info["member"]
        failure = await self._obstacle(request, "members", conversation_id)
        for member in self._members_of(conversation_id):
            if wanted in (member["id"], member["objectId"]):
                return await self._answer(request, failure, member, 200)
        raise _refusal(404, "MemberNotFoundInConversation")

    async def _channels_of_team(self, request: web.Request) -> web.Response:
        await self._note(request)
        team = request.match_info["team"]
        failure = await self._obstacle(request, "channels", team)
        if team not in self.rosters:
            raise _refusal(404, "ConversationNotFound")
        listed = [{"id": team, "name": None, "type": "standard"}, *self.channels[team].values()]
        if not self.lists_own_channels:
            listed = [each for each in listed if each["type"] == "standard"]
        if not self.lists_types:
            listed = [{name: value for name, value in each.items() if name != "type"} for each in listed]
        return await self._answer(request, failure, {"conversations": listed}, 200)

    def _members_of(self, conversation_id: str) -> list[Json]:
        base = conversation_id.partition(";messageid=")[0]
        for team, channels in self.channels.items():
            kind = channels.get(base, {}).get("type")
            if kind == "standard":
                base = team
            elif kind and base not in self.rosters:
                raise _refusal(403, "BotNotInConversationRoster")
        if base not in self.rosters:
            raise _refusal(404, "ConversationNotFound")
        return self.rosters[base]

    # --- what happens on the way ---

    async def _note(self, request: web.Request) -> Any:
        body = await request.json() if request.can_read_body else None
        authorization = request.headers.get("Authorization")
        self.seen.append(Seen(time.monotonic(), request.method, request.path, authorization, body))
        await self._tell()
        return body

    async def _obstacle(self, request: web.Request, kind: str, where: str) -> Failure | None:
        """Refuse, or return the failure to play once the call is carried out."""
        for failure in self.failures:
            if failure.times and failure.on in ("any", kind) and failure.conversation in (None, where):
                failure.times -= 1
                await self._play(request, failure, "")
                return failure
        if where in self.gone:
            raise _refusal(404, "ConversationNotFound")
        if where in self.not_installed or where.removeprefix("29:") in self.not_installed:
            code = "ForbiddenOperationException" if kind == "create" else "BotNotInConversationRoster"
            raise _refusal(403, code)
        if where in self.blocked:
            inner = json.dumps({"subCode": "MessageWritesBlocked", "details": None})
            raise web.HTTPForbidden(text=json.dumps({"errorCode": 209, "message": inner}))
        if self.limits and kind not in ("members", "channels"):
            self._check_limits(where)
        return None

    async def _answer(self, request: web.Request, failure: Failure | None, answer: Any, status: int) -> web.Response:
        await self._tell()
        if failure:
            await self._play(request, failure, "accept_")
        return web.json_response(answer, status=status)

    @staticmethod
    async def _play(request: web.Request, failure: Failure, prefix: str) -> None:
        if failure.mode == f"{prefix}reset" and request.transport:
            request.transport.abort()
            raise ConnectionResetError
        if failure.mode == f"{prefix}hang":
            await asyncio.Event().wait()
        if failure.mode == f"{prefix}answer":
            body = failure.body if isinstance(failure.body, str) else json.dumps(failure.body or {})
            answer = web.Response(status=failure.status, text=body, headers=failure.headers)
            raise _Answered(answer)

    def _check_limits(self, where: str) -> None:
        now = time.monotonic()
        for key, windows in ((where, SEND_WINDOWS), ("", TENANT_WINDOWS)):
            sends = self._sends[key]
            for allowed, seconds in windows:
                recent = [at for at in sends if at > now - seconds]
                if len(recent) >= allowed:
                    wait = math.ceil(recent[-allowed] + seconds - now)
                    raise _refusal(429, "Throttled", {"Retry-After": str(max(wait, 1))})
        for key in (where, ""):
            self._sends[key].append(now)

    @staticmethod
    def _check_size(activity: Json) -> None:
        for attachment in activity.get("attachments") or []:
            if len(json.dumps(attachment.get("content"), ensure_ascii=False).encode()) > MAX_CARD_BYTES:
                raise _refusal(413, "MessageSizeTooBig")

    def _post(self, conversation_id: str, activity: Json, kind: str, *, own_thread: bool = False) -> Message:
        self._check_size(activity)
        message_id, base = str(next(self._ids)), conversation_id.partition(";messageid=")[0]
        if own_thread or (conversation_id == base and base.startswith("19:")):
            conversation_id = f"{base};messageid={message_id}"
        message = self.messages[base][message_id] = Message(message_id, conversation_id, activity)
        self.accepted.append(Accepted(time.monotonic(), kind, conversation_id, message_id, activity))
        return message

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # --- control, when it runs as a process ---

    async def _control_state(self, _: web.Request) -> web.Response:
        chats = {base: [asdict(message) for message in known.values()] for base, known in self.messages.items()}
        return web.json_response({"chats": chats, "accepted": [asdict(each) for each in self.accepted]})

    async def _control_fail(self, request: web.Request) -> web.Response:
        self.failures.append(Failure(**await request.json()))
        return web.json_response({})

    async def _control_roster(self, request: web.Request) -> web.Response:
        self.rosters.update(await request.json())
        return web.json_response({})

    async def _control_channels(self, request: web.Request) -> web.Response:
        for team, channels in (await request.json()).items():
            for channel in channels:
                self.channel(channel, team)
        return web.json_response({})


class _Answered(web.HTTPException):
    status_code = 500

    def __init__(self, answer: web.Response) -> None:
        super().__init__(headers=answer.headers, text=answer.text)
        self.set_status(answer.status)


def _refusal(status: int, code: str, headers: dict[str, str] | None = None) -> web.HTTPException:
    body = json.dumps({"error": {"code": code, "message": code}})
    return _Answered(web.Response(status=status, text=body, headers=headers))


def _texts(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part]
    if isinstance(part, dict):
        shown = ("text", "title", "value", "label", "placeholder", "body", "items", "columns", "facts", "actions")
        also = ("inlines", "rows", "cells", "card", "choices")
        return [text for name in (*shown, *also) if name in part for text in _texts(part[name])]
    return [text for each in part for text in _texts(each)] if isinstance(part, list) else []


async def _serve(port: int, limits: bool) -> None:
    teams = FakeTeams(limits=limits)
    await teams.start(port)
    print(teams.service_url, flush=True)  # noqa: T201 - whoever starts the process needs the address
    await asyncio.Event().wait()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--limits", action="store_true")
    chosen = arguments.parse_args()
    asyncio.run(_serve(chosen.port, chosen.limits))

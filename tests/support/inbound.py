"""What Teams sends to the bot, in the shapes of Microsoft's documentation."""

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from tests.support.entra import APP_ID, TENANT_ID, FakeEntra

Json = dict[str, Any]
_numbers = itertools.count(1_790_000_000_000)


@dataclass(frozen=True)
class Person:
    """Somebody with an Entra object id; Teams shows the bot its own id for them."""

    name: str
    aad_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    locale: str = "de-DE"
    timezone: str = "Europe/Berlin"

    @property
    def teams_id(self) -> str:
        return f"29:{self.aad_id}"

    @property
    def chat_id(self) -> str:
        """The conversation id of their 1:1 chat with the bot."""
        return f"a:{self.aad_id}"


@dataclass(frozen=True)
class Inbound:
    """Builds activities for one bot in one tenant."""

    service_url: str
    app_id: str = APP_ID
    tenant_id: str = TENANT_ID

    @property
    def bot_id(self) -> str:
        return f"28:{self.app_id}"

    def message(self, person: Person, text: str | None = "hi", **more: Any) -> Json:
        """A chat message; `channel="19:…;messageid=…"` writes in a channel, mentioning the bot."""
        channel = more.pop("channel", None)
        activity = self._activity("message", person, channel, textFormat="plain")
        if text is not None:
            activity["text"] = f"<at>Bot</at> {text}" if channel else text
        if channel:
            bot = {"id": self.bot_id, "name": "Bot"}
            activity["entities"].append({"type": "mention", "text": "<at>Bot</at>", "mentioned": bot})
        return activity | more

    def card_action(
        self, person: Person, verb: str, data: Json | None = None, *, reply_to: str | None = None, **more: Any
    ) -> Json:
        """A click on an Action.Execute; `data` is what the button carries, with the inputs."""
        channel, trigger = more.pop("channel", None), more.pop("trigger", "manual")
        activity = self._activity("invoke", person, channel, name="adaptiveCard/action")
        action = {"type": "Action.Execute", "verb": verb, "data": data or {}}
        activity["value"] = {"action": action, "trigger": trigger}
        if reply_to:
            activity["replyToId"] = reply_to
        return activity | more

    def invoke(self, person: Person, name: str, value: Json, **more: Any) -> Json:
        channel = more.pop("channel", None)
        return self._activity("invoke", person, channel, name=name, value=value) | more

    def search(self, person: Person, words: str | None = None, *, skip: int = 0, count: int = 25, **more: Any) -> Json:
        """The search command; without words it was only opened, and Teams asks for a first list."""
        asked = {"name": "initialRun", "value": "true"} if words is None else {"name": "q", "value": words}
        options = {"skip": skip, "count": count}
        value = {"commandId": "searchTickets", "parameters": [asked], "queryOptions": options}
        return self._in_chat(self.invoke(person, "composeExtension/query", value), more)

    def create_from(self, person: Person, message: Json | None = None, **more: Any) -> Json:
        """The action command was chosen in a message's menu; without a message in the compose box."""
        value: Json = {"commandId": "createTicket", "commandContext": "message" if message else "compose"}
        value |= {"requestId": str(uuid.uuid4()), "context": {"theme": "default"}}
        if message:
            value["messagePayload"] = message
        return self._in_chat(self.invoke(person, "composeExtension/fetchTask", value), more)

    def send_dialog(self, person: Person, data: Json, *, context: str = "message", **more: Any) -> Json:
        """The form of the dialog was sent."""
        value = {"commandId": "createTicket", "commandContext": context, "data": data, "messagePayload": {}}
        value["context"] = {"theme": "default"}
        return self._in_chat(self.invoke(person, "composeExtension/submitAction", value), more)

    def paste(self, person: Person, url: str, **more: Any) -> Json:
        """A link was pasted where the person is writing."""
        return self._in_chat(self.invoke(person, "composeExtension/queryLink", {"url": url}), more)

    def _in_chat(self, activity: Json, more: Json) -> Json:
        """`chat=` is a conversation of other people, in which the bot is not."""
        chat = more.pop("chat", None)
        if chat:
            kind = "groupChat" if chat.endswith("@thread.v2") else "personal"
            activity["conversation"] |= {"id": chat, "conversationType": kind, "isGroup": kind == "groupChat"}
        return activity | more

    def installed(self, person: Person, *, action: str = "add", **more: Any) -> Json:
        return self._activity("installationUpdate", person, more.pop("channel", None), action=action) | more

    def bot_added(self, person: Person, *, channel: str | None = None, team: str | None = None) -> Json:
        """The bot came into a 1:1 chat, or into a team (`channel` is the one chosen at installation)."""
        activity = self._activity("conversationUpdate", person, channel, membersAdded=[{"id": self.bot_id}])
        if channel:
            settings = {"selectedChannel": {"id": channel}}
            activity["channelData"] |= {"eventType": "teamMemberAdded", "settings": settings}
            activity["channelData"]["team"] = {"id": team or channel, "name": "Team", "aadGroupId": str(uuid.uuid4())}
        else:
            activity["membersAdded"].append({"id": person.teams_id, "aadObjectId": person.aad_id})
        return activity

    def left(self, person: Person, *, team: str, channel: str | None = None, kind: str = "private") -> Json:
        """Somebody was removed from a team, or only from a private or shared channel of it."""
        return self._membership(person, team, channel, kind, "Removed")

    def joined(self, person: Person, *, team: str, channel: str | None = None, kind: str = "private") -> Json:
        """Somebody was added to a team, or to a private or shared channel of it."""
        return self._membership(person, team, channel, kind, "Added")

    def _membership(self, person: Person, team: str, channel: str | None, kind: str, what: str) -> Json:
        member = {"id": person.teams_id, "aadObjectId": person.aad_id}
        activity = self._activity("conversationUpdate", person, channel or team, **{f"members{what}": [member]})
        event = f"{'channel' if channel else 'team'}Member{what}"
        activity["channelData"] |= {"eventType": event, "team": {"id": team, "name": "Team"}}
        if channel:
            activity["channelData"]["channel"] = {"id": channel, "name": "Channel", "type": kind}
        return activity

    def _activity(self, kind: str, person: Person, channel: str | None, **more: Any) -> Json:
        conversation: Json = {"id": person.chat_id, "conversationType": "personal", "tenantId": self.tenant_id}
        channel_data: Json = {"tenant": {"id": self.tenant_id}}
        if channel:
            conversation |= {"id": channel, "conversationType": "channel", "isGroup": True}
            channel_id = channel.partition(";messageid=")[0]
            channel_data |= {"channel": {"id": channel_id}, "team": {"id": channel_id}}
        entity = {"type": "clientInfo", "locale": person.locale, "country": "DE", "timezone": person.timezone}
        return {
            "type": kind,
            "id": f"f:{next(_numbers)}" if kind == "invoke" else str(next(_numbers)),
            "timestamp": datetime.now(UTC).isoformat(),
            "localTimezone": person.timezone,
            "locale": person.locale,
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": person.teams_id, "name": person.name, "aadObjectId": person.aad_id},
            "recipient": {"id": self.bot_id, "name": "Bot"},
            "conversation": conversation,
            "entities": [entity],
            "channelData": channel_data,
        } | more


def message_in_teams(body: str, *, author: str = "Olo Brockhouse", **more: Any) -> Json:
    """A message as an action command carries it."""
    link = "https://teams.microsoft.com/l/message/19:c1d2@thread.v2/1616990032035?context=%7B%22contextType%22:%22chat%22%7D"
    user = {"userIdentityType": "aadUser", "id": str(uuid.uuid4()), "displayName": author}
    return {
        "linkToMessage": link,
        "id": "1616990032035",
        "replyToId": None,
        "createdDateTime": "2026-11-23T09:13:52.035Z",
        "lastModifiedDateTime": None,
        "deleted": False,
        "subject": None,
        "summary": None,
        "importance": "normal",
        "locale": "en-us",
        "body": {"contentType": "html", "content": body},
        "from": {"device": None, "conversation": None, "user": user, "application": None},
        "reactions": [],
        "mentions": [],
        "attachments": [],
    } | more


class Caller:
    """Teams' side of the wire: posts activities to the bot, with a good token unless told otherwise."""

    def __init__(self, session: aiohttp.ClientSession, messages_url: str, entra: FakeEntra | None) -> None:
        self._session = session
        self._url = messages_url
        self._entra = entra

    async def post(self, activity: Json, *, token: str | None = None) -> tuple[int, Any]:
        """Status and JSON body (None without one) of the bot's answer."""
        headers = {}
        if token is None and self._entra is not None:
            token = self._entra.token(activity["serviceUrl"])
        if token:
            headers["Authorization"] = f"Bearer {token}"
        async with self._session.post(self._url, json=activity, headers=headers) as response:
            body = await response.read()
            return response.status, await response.json() if body else None

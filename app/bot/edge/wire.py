"""An activity as Teams sends it → botbuilder's `Activity`, checked field by field.

The object is built by hand: msrest's own deserialiser turns wrong types into strings, raises on others, takes most of a
turn's time and loses `conversation.tenantId`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar, overload

from botbuilder.schema import (
    Activity,
    Attachment,
    ChannelAccount,
    ConversationAccount,
    Entity,
    Mention,
    MessageReaction,
)

from app.bot.edge.body import MAX_BYTES
from app.bot.edge.refusals import BadRequest, Forbidden, Unauthorized
from app.bot.edge.token_check import CHANNEL, Claims
from app.bot.edge.turns import EXTENSION
from app.bot.out.addresses import ServiceHosts
from app.domain.people import DIRECTORY_ID, canonical

MAX_ID = 256  # what the columns take; the ids of Teams, and words like a verb or a type, stay below 200
MAX_CONVERSATION_ID = 512
MAX_PERSON_ID = 128
MAX_NAME = 8192  # a display name has 256 at most, but an odd one keeps nobody from help: it is cut where it is shown
MAX_TEXT = MAX_BYTES  # whatever people write may be as long as a body
_FROM_A_PERSON = frozenset({"message", "invoke"})
_STRINGS = {
    # wire name → attribute and the most characters
    "id": ("id", MAX_ID),
    "replyToId": ("reply_to_id", MAX_ID),
    "text": ("text", MAX_TEXT),
    "textFormat": ("text_format", MAX_ID),
    "locale": ("locale", MAX_NAME),
    "localTimezone": ("local_timezone", MAX_NAME),
    "name": ("name", MAX_ID),
    "action": ("action", MAX_ID),
    "summary": ("summary", MAX_TEXT),
}
_TIMES = {"timestamp": "timestamp", "localTimestamp": "local_timestamp"}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Entry:
    """Who may come in: the tenants and hosts we know, or without sign-in everybody on this machine."""

    hosts: ServiceHosts
    tenants: frozenset[str]
    anonymous: bool = False

    @classmethod
    def of(cls, *, service_hosts: Iterable[str], tenants: Iterable[str], anonymous: bool = False) -> "Entry":
        known = frozenset(tenant.strip().lower() for tenant in tenants)
        return cls(ServiceHosts(service_hosts, any_loopback=anonymous), known, anonymous)

    def read(self, body: dict[str, Any], claims: Claims | None) -> Activity:
        """The activity in `body`; raises BadRequest, Forbidden or Unauthorized (see interface, HTTP)."""
        activity = _activity(body)
        self._check_channel(activity.channel_id)
        self._check_service(activity.service_url, claims)
        if not self.anonymous:
            self._check_tenant(body)
        self._check_person(activity)
        return activity

    def _check_channel(self, channel: str) -> None:
        if channel != CHANNEL and not (self.anonymous and channel == "emulator"):
            raise Forbidden("channel")

    def _check_service(self, service_url: str, claims: Claims | None) -> None:
        if not self.hosts.allow(service_url):
            raise Forbidden("service_host")
        if claims is None:
            if not self.anonymous:
                raise Unauthorized("no_claims")
        elif claims.service_url.rstrip("/") != service_url.rstrip("/"):
            raise Unauthorized("service_url_claim")

    def _check_tenant(self, body: dict[str, Any]) -> None:
        tenant = (body.get("channelData") or {}).get("tenant") or {}
        named = [tenant.get("id"), body["conversation"].get("tenantId")]
        tenants = {each.lower() for each in named if each}
        if not tenants:
            raise Forbidden("no_tenant")
        if len(tenants) > 1:
            raise Forbidden("tenants_differ")
        home = (body.get("from") or {}).get("tenantId")  # Teams names it for people of other organisations
        if not tenants | ({home.lower()} if home else set()) <= self.tenants:
            raise Forbidden("foreign_tenant")

    def _check_person(self, activity: Activity) -> None:
        sender = activity.from_property
        person_id = sender.aad_object_id if sender else None
        known_by = person_id or (sender.id if sender else "")
        if len(known_by) > MAX_PERSON_ID:
            raise BadRequest("person_id")
        if self.anonymous:
            if person_id == "":
                raise BadRequest("person_id")
            return
        if person_id is None and activity.type not in _FROM_A_PERSON:
            return  # events about teams and channels may name nobody
        if person_id is None or not DIRECTORY_ID.fullmatch(person_id):
            raise BadRequest("person_id")


def _activity(body: dict[str, Any]) -> Activity:
    kind = _text(body, "type", required=True)
    values: dict[str, Any] = {
        "type": kind,
        "channel_id": _text(body, "channelId") or "",
        "service_url": _text(body, "serviceUrl", required=True, longest=MAX_TEXT),
        "conversation": _conversation(_object(body, "conversation", required=True)),
        "from_property": _account(body, "from", required=kind in _FROM_A_PERSON),
        "recipient": _account(body, "recipient"),
        "channel_data": _channel_data(body),
    }
    for wire, (attribute, longest) in _STRINGS.items():
        values[attribute] = _text(body, wire, longest=longest)
    for wire, attribute in _TIMES.items():
        values[attribute] = _time(body, wire)
    values["value"] = _value(body, kind, values["name"])
    values["entities"] = [entity for each in _objects(body, "entities") if (entity := _entity(each))]
    values["attachments"] = [_attachment(each) for each in _objects(body, "attachments")]
    values["members_added"] = [_member(each) for each in _objects(body, "membersAdded")]
    values["members_removed"] = [_member(each) for each in _objects(body, "membersRemoved")]
    values["reactions_added"] = [_reaction(each) for each in _objects(body, "reactionsAdded")]
    values["reactions_removed"] = [_reaction(each) for each in _objects(body, "reactionsRemoved")]
    return Activity(**values)


def _conversation(account: dict[str, Any]) -> ConversationAccount:
    return ConversationAccount(
        id=_text(account, "id", required=True, longest=MAX_CONVERSATION_ID),
        name=_text(account, "name", longest=MAX_NAME),
        is_group=_typed(account, "isGroup", bool),
        conversation_type=_text(account, "conversationType"),
        tenant_id=_text(account, "tenantId"),
        aad_object_id=_text(account, "aadObjectId"),
        role=_text(account, "role"),
    )


def _account(body: dict[str, Any], name: str, *, required: bool = False) -> ChannelAccount | None:
    account = _object(body, name, required=required)
    if account is None:
        return None
    _text(account, "tenantId")
    return _member(account)


def _member(account: dict[str, Any]) -> ChannelAccount:
    in_directory = _text(account, "aadObjectId")
    return ChannelAccount(
        id=_text(account, "id", required=True),
        name=_text(account, "name", longest=MAX_NAME),
        aad_object_id=canonical(in_directory) if in_directory else in_directory,
        role=_text(account, "role"),
    )


def _channel_data(body: dict[str, Any]) -> dict[str, Any] | None:
    data = _object(body, "channelData")
    if data is None:
        return None
    settings = _object(data, "settings") or {}
    for part in (data, settings):
        for name in ("tenant", "team", "channel", "selectedChannel"):
            inner = _object(part, name)
            if inner is not None:
                for field in ("id", "aadGroupId"):
                    _text(inner, field)
                _text(inner, "name", longest=MAX_NAME)
    _text(data, "eventType")
    return data


def _value(body: dict[str, Any], kind: str, name: str | None) -> object:
    if kind not in _FROM_A_PERSON:
        return body.get("value")
    is_extension = kind == "invoke" and (name or "").startswith(EXTENSION)
    value = _object(body, "value", required=is_extension)
    if is_extension:
        _check_extension(value or {})
    if kind == "invoke" and name == "adaptiveCard/action":
        action = _object(value or {}, "action", required=True)
        _text(action, "type")
        _text(action, "verb", required=True)
        _object(action, "data")
        _text(value or {}, "trigger")
    return value


def _check_extension(value: dict[str, Any]) -> None:
    """What a message extension sends; what is inside a message or a form is anybody's guess and read as such."""
    for name in ("commandId", "commandContext"):
        _text(value, name)
    _text(value, "url", longest=MAX_TEXT)
    for name in ("queryOptions", "messagePayload", "data"):
        _object(value, name)
    for parameter in _objects(value, "parameters"):
        _text(parameter, "name")


def _entity(entity: dict[str, Any]) -> Entity | None:
    """What the entity says, or None for one that nobody could use: clients send odd ones, and none is needed."""
    kind, mentioned = entity.get("type"), entity.get("mentioned")
    if not isinstance(kind, str):
        return None
    if kind != "mention":
        other = Entity(type=kind)
        other.additional_properties = {name: value for name, value in entity.items() if name != "type"}
        return other
    if not isinstance(mentioned, dict) or "text" not in entity:
        return None
    told = [entity["text"], *(mentioned.get(name, "") for name in ("id", "name", "aadObjectId"))]
    if not all(isinstance(each, str) and len(each) <= MAX_NAME for each in told):
        return None
    account = ChannelAccount(
        id=mentioned.get("id"), name=mentioned.get("name"), aad_object_id=mentioned.get("aadObjectId")
    )
    return Mention(mentioned=account, text=entity["text"], type=kind)


def _attachment(attachment: dict[str, Any]) -> Attachment:
    return Attachment(
        content_type=_text(attachment, "contentType"),
        content_url=_text(attachment, "contentUrl", longest=MAX_TEXT),
        name=_text(attachment, "name", longest=MAX_NAME),
        content=attachment.get("content"),
    )


def _reaction(reaction: dict[str, Any]) -> MessageReaction:
    return MessageReaction(type=_text(reaction, "type"))


@overload
def _typed(part: dict[str, Any], name: str, kind: type[_T], *, required: Literal[True]) -> _T: ...
@overload
def _typed(part: dict[str, Any], name: str, kind: type[_T], *, required: bool = False) -> _T | None: ...
def _typed(part: dict[str, Any], name: str, kind: type[_T], *, required: bool = False) -> _T | None:
    value = part.get(name)
    if value is None:
        if required:
            raise BadRequest(f"no_{name}")
        return None
    if not isinstance(value, kind):
        raise BadRequest(f"type_of_{name}")
    return value


@overload
def _text(part: dict[str, Any], name: str, *, required: Literal[True], longest: int = MAX_ID) -> str: ...
@overload
def _text(part: dict[str, Any], name: str, *, required: bool = False, longest: int = MAX_ID) -> str | None: ...
def _text(part: dict[str, Any], name: str, *, required: bool = False, longest: int = MAX_ID) -> str | None:
    """A text of at most `longest` characters: what does not say otherwise is as short as an id."""
    value = _typed(part, name, str, required=required)
    if required and not value:
        raise BadRequest(f"empty_{name}")
    if value is not None and len(value) > longest:
        raise BadRequest(f"length_of_{name}")
    return value


@overload
def _object(part: dict[str, Any], name: str, *, required: Literal[True]) -> dict[str, Any]: ...
@overload
def _object(part: dict[str, Any], name: str, *, required: bool = False) -> dict[str, Any] | None: ...
def _object(part: dict[str, Any], name: str, *, required: bool = False) -> dict[str, Any] | None:
    return _typed(part, name, dict, required=required)


def _objects(part: dict[str, Any], name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = _typed(part, name, list) or []
    if not all(isinstance(item, dict) for item in items):
        raise BadRequest(f"type_of_{name}")
    return items


def _time(part: dict[str, Any], name: str) -> datetime | None:
    value = _text(part, name)
    try:
        return datetime.fromisoformat(value) if value else None
    except ValueError:
        raise BadRequest(f"type_of_{name}") from None

"""What one activity tells, in the desk's own words."""

from dataclasses import dataclass
from typing import Any

from botbuilder.schema import Activity

from app.bot.edge.markup import unescape
from app.services.people import ELSEWHERE, Contact

PERSONAL = "personal"
LONGEST_NAME = 256  # as long as a display name can be in the directory
EXTENSION = "composeExtension/"
_THREAD = ";messageid="
_BETWEEN_PEOPLE = "19:"  # how Teams begins the ids of chats and channels; a chat with the bot begins otherwise


@dataclass(frozen=True, slots=True)
class Spoken:
    """An activity of a person: who, where, and as an answer to which message.

    `conversation` is a chat or a channel without its thread; `thread` is the whole id where it was said in one.
    `is_addressed`: it was said to the bot, not only among people of a channel the bot may read. `channel_type` is
    standard, private or shared, where Teams says it.
    """

    activity_id: str | None
    reply_to: str | None
    conversation: str
    thread: str | None
    is_personal: bool
    team: str | None
    contact: Contact
    is_addressed: bool = True
    channel_type: str | None = None
    channel_name: str | None = None
    team_name: str | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The ids a desk file may know the speaker by."""
        known = (self.contact.person, self.contact.teams_id)
        return frozenset(each for each in known if each)


def spoken(activity: Activity) -> Spoken:
    """Read who said it and where."""
    conversation, _, root = activity.conversation.id.partition(_THREAD)
    data: dict[str, Any] = activity.channel_data or {}
    team = (data.get("team") or {}).get("id")
    kind = _kind(activity, conversation)
    is_personal = kind == PERSONAL
    sender = activity.from_property
    contact = Contact(
        conversation=conversation,
        kind=kind,
        service_url=activity.service_url,
        bot=activity.recipient.id if activity.recipient else "",
        tenant=(data.get("tenant") or {}).get("id") or activity.conversation.tenant_id,
        team=team,
        person=(sender.aad_object_id or sender.id) if sender else None,
        name=(sender.name or "")[:LONGEST_NAME] if sender else "",
        teams_id=sender.id if sender else None,
        language=_short(activity.locale, 16),
        timezone=_short(activity.local_timezone, 64),
    )
    return Spoken(
        activity_id=activity.id,
        reply_to=activity.reply_to_id,
        conversation=conversation,
        thread=activity.conversation.id if root else None,
        is_personal=is_personal,
        team=team,
        contact=contact,
        is_addressed=is_personal or _mentions(activity, contact.bot),
        channel_type=_channel_type(data, conversation),
        channel_name=_name_in(data, "channel"),
        team_name=_name_in(data, "team"),
    )


def where_members_changed(activity: Activity) -> str | None:
    """The private or shared channel that somebody joined or left, else the team."""
    data: dict[str, Any] = activity.channel_data or {}
    event = (_text(data.get("eventType")) or "").lower()
    return (data.get("channel" if event.startswith("channelmember") else "team") or {}).get("id")


def _channel_type(data: dict[str, Any], conversation: str) -> str | None:
    channel = data.get("channel") or {}
    return _text(channel.get("type")) if channel.get("id") == conversation else None


def _text(told: object) -> str | None:
    return told if isinstance(told, str) else None


def _name_in(data: dict[str, Any], part: str) -> str | None:
    """What Teams calls the channel or team, where it says so."""
    named = (data.get(part) or {}).get("name")
    return named.strip()[:LONGEST_NAME] or None if isinstance(named, str) else None


def _mentions(activity: Activity, bot: str) -> bool:
    return any(
        each.type == "mention" and each.mentioned and each.mentioned.id == bot for each in activity.entities or ()
    )


def _kind(activity: Activity, conversation: str) -> str:
    """A chat with the bot, a channel, or elsewhere: message extensions, and the cards they insert, work in any chat."""
    told = activity.conversation.conversation_type or PERSONAL
    if activity.type == "invoke":
        is_others = told == "groupChat" or (told == PERSONAL and conversation.startswith(_BETWEEN_PEOPLE))
        if is_others or (activity.name or "").startswith(EXTENSION):
            return ELSEWHERE
    return PERSONAL if told == PERSONAL else "channel"


def _short(told: str | None, limit: int) -> str | None:
    """A tag as long as tags are; anything longer is none."""
    return told if told is not None and len(told) <= limit else None


def text_of(activity: Activity) -> str:
    """What was typed, without the mention that addressed the bot; everybody else who is mentioned is called by name.

    A mention's own text is replaced once, as a string: botbuilder's helper deletes every occurrence of the bot's name
    and takes quadratic time on hostile input.
    """
    text: str = activity.text or ""
    bot = activity.recipient.id if activity.recipient else None
    is_addressed = False
    for entity in activity.entities or ():
        if entity.type != "mention" or not entity.text or not entity.mentioned:
            continue
        addresses = entity.mentioned.id == bot and not is_addressed
        text = text.replace(entity.text, " " if addresses else entity.mentioned.name or " ", 1)
        is_addressed = is_addressed or addresses
    return unescape(text).replace("\u00a0", " ").strip()

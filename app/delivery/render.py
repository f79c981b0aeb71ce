"""From a queued message to what Teams is asked to do, rendered from the present state in the reader's language.

What each kind of message says is its own module's business (`app/messages`); here is what they have in common: who
reads it where, and whether it is posted or edited.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.cards.notices import not_yours
from app.delivery.addresses import Address, address_of
from app.desk.model import Desk
from app.domain.errors import NotAllowed
from app.i18n import Texts
from app.messages import registry
from app.messages.frame import StoredFrame
from app.messages.message import Frame, Message, Reader, Shown
from app.services import entitled, people
from app.services.entitled import PassOn
from app.services.lines import places
from app.services.outbox import QueuedMessage, Way, sent_copy
from app.zones import zone_of

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Post:
    """A new message; `keep` names the ticket and slot whose living card it becomes, `repeats` whose words it tells."""

    address: Address
    activity: Json
    keep: tuple[int, str] | None = None
    repeats: str | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """An edit of a message; `ends` names the ticket and slot whose living card it is no longer."""

    address: Address
    message: str
    activity: Json
    ends: tuple[int, str] | None = None


Step = Post | Update | PassOn | None
"""None: there is nothing to say any more."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders queued messages. Units of work call it; it only reads."""

    desk: Desk
    texts: Texts

    def step(self, tx: Connection, queued: QueuedMessage, now: datetime) -> Step:
        """What to do for this message now. Raises `Undeliverable` when its conversation cannot be reached, and
        `LookupError` or `ValueError` where nobody knows what it says.
        """
        address = address_of(tx, self.desk, queued.target)
        message = registry.read(queued)
        frame = StoredFrame(tx, self.desk, self.texts, now, self._reader(tx, queued.target), queued)
        match queued.way:
            case Way.CARD:
                return _card(message, frame, address)
            case Way.THREAD:
                return _below_card(message, frame, address)
            case Way.EDIT:
                return _edit(message, frame, address)
            case Way.CHAT:
                return _tell(message, frame, address)
            case Way.ANSWER:
                return _post(message, frame, address)

    def _reader(self, tx: Connection, target: str) -> Reader:
        kind, _, name = target.partition(":")
        if kind == "person":
            known = people.find(tx, name)
            language = (known and known.language) or self.desk.language
            read_in = zone_of(known.timezone if known else None, self.desk.timezone)
            return Reader(self.texts.language(language), read_in, name)
        here = name if kind == "line" else self._line_in(tx, name.partition(";")[0])
        spoken = self.desk.lines[here].language if here in self.desk.lines else None
        return Reader(self.texts.language(spoken or self.desk.language), ZoneInfo(self.desk.timezone), line=here)

    def _line_in(self, tx: Connection, channel: str) -> str | None:
        return next((place.line for place in places(tx, self.desk) if place.channel == channel), None)


def _card(message: Message[Any], frame: StoredFrame, address: Address) -> Step:
    known, person = entitled.card_of(frame.tx, frame.queued, frame.reader.person), frame.reader.person
    if known and _is_elsewhere(known.conversation, address):
        known = None
    if person and not entitled.may_see_card(frame.tx, frame.desk, frame.queued, person):
        if known is None:
            return PassOn()
        gone = activity_of(_not_yours(frame))
        return Update(address.within(known.conversation), known.activity, gone, ends=(frame.ticket, frame.slot))
    shown = message.render(replace(frame, is_new=known is None))
    if shown is None:
        return None
    if known is None:
        keep = (frame.ticket, frame.slot)
        return Post(address, activity_of(shown, alert=message.is_noticed), keep=keep)
    return Update(address.within(known.conversation), known.activity, activity_of(shown))


def _below_card(message: Message[Any], frame: Frame, address: Address) -> Step:
    root = entitled.thread_of(frame.tx, frame.queued)
    if root is None or _is_elsewhere(root.conversation, address):
        return None  # the card that is posted where the line works now says it
    return _post(message, frame, address.within(root.conversation))


def _is_elsewhere(conversation: str, address: Address) -> bool:
    """Whether a card in this conversation lies in a channel that its line has left: others read there."""
    return address.channel is not None and conversation.partition(";")[0] != address.channel


def _tell(message: Message[Any], frame: Frame, address: Address) -> Step:
    if not entitled.may_be_told(frame, message):
        return entitled.passed_on(frame, message)
    return _post(message, frame, address, alert=True)


def _post(message: Message[Any], frame: Frame, address: Address, *, alert: bool = False) -> Step:
    shown = _rendered(message, frame)
    if shown is None:
        return None
    activity = activity_of(shown, alert=alert or message.is_noticed)
    return Post(address, activity, repeats=message.words_repeated(frame))


def _edit(message: Message[Any], frame: Frame, address: Address) -> Step:
    """Something else in place of a message, or the same with what has become of it since."""
    if frame.queued.copy is None:
        shown = message.render(frame)
        return Update(address, frame.queued.replaces or "", activity_of(shown)) if shown else None
    sent = sent_copy(frame.tx, frame.queued.copy)
    if sent is None:
        return None
    if entitled.may_be_told(frame, message):
        shown = _rendered(message, frame) or message.taken_back(frame)
    else:
        shown = _not_yours(frame)
    return Update(address.within(sent.conversation), sent.activity, activity_of(shown)) if shown else None


def _rendered(message: Message[Any], frame: Frame) -> Shown | None:
    try:
        return message.render(frame)
    except NotAllowed as refused:  # they might when they asked for it
        return Shown.sentence(frame.reader.text(refused.key))


def _not_yours(frame: Frame) -> Shown:
    """What takes the place of a message whose reader has no right to it any more."""
    return Shown(frame.reader.text("notice.not_yours"), card=not_yours(frame.reader.text))


def activity_of(shown: Shown, *, alert: bool = False) -> Json:
    """The activity of a message: a text or a card, never both (Teams splits those), with what the toast says."""
    activity: Json = {"type": "message", "summary": shown.summary}
    if shown.card is not None:
        card = {"contentType": "application/vnd.microsoft.card.adaptive", "content": shown.card}
        activity["attachments"] = [card]
    else:
        activity |= {"text": shown.text or shown.summary, "textFormat": "plain"}
    if alert:
        activity["channelData"] = {"notification": {"alert": True}}
    return activity

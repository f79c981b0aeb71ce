"""Where a message goes: from `person:…`, `line:…` or `chat:…` to a conversation of Teams."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.delivery import Reason, Undeliverable
from app.services import people
from app.services.lines import places

# the bot is not yet known anywhere: nobody has written to it, so there is no address to speak to
NOT_MET = Undeliverable(Reason.NOT_INSTALLED, "nobody has written to the bot yet")


@dataclass(frozen=True, slots=True)
class Address:
    """A conversation. Without one, a chat with `person` or a new thread in `channel` is opened first."""

    service_url: str
    bot: str
    tenant: str | None
    conversation: str | None = None
    person: str | None = None
    channel: str | None = None

    def within(self, conversation: str) -> "Address":
        """The same place, in this conversation or thread."""
        return replace(self, conversation=conversation)


def address_of(tx: Connection, desk: Desk, target: str) -> Address:
    """Return where the target can be reached; raise `Undeliverable` when it cannot."""
    kind, _, name = target.partition(":")
    match kind:
        case "person":
            return _of_person(tx, name)
        case "line":
            return _of_line(tx, desk, name)
        case _:
            known = people.chat(tx, name.partition(";messageid=")[0])
            if known is None:
                raise Undeliverable(Reason.GONE)
            _refuse_blocked(known.blocked)
            return Address(known.service_url, known.bot, known.tenant, conversation=name)


def places_of(tx: Connection, desk: Desk, targets: Iterable[str]) -> dict[str, str]:
    """The chat or channel each target is in; Teams' limits and the order of messages are kept in each of them."""
    channels = {place.line: place.channel for place in places(tx, desk)}
    found = {}
    for target in targets:
        kind, _, name = target.partition(":")
        channel = name.partition(";messageid=")[0] if kind == "chat" else channels.get(name) if kind == "line" else None
        found[target] = channel or target
    return found


def _of_person(tx: Connection, person: str) -> Address:
    own = people.personal_chat(tx, person)
    if own is not None:
        _refuse_blocked(own.blocked)
        return Address(own.service_url, own.bot, own.tenant, conversation=own.id)
    near = people.nearest_chat(tx, None)
    if near is None:
        raise NOT_MET
    return Address(near.service_url, near.bot, near.tenant, person=person)


def _of_line(tx: Connection, desk: Desk, line: str) -> Address:
    place = next((place for place in places(tx, desk) if place.line == line), None)
    if place is None:
        raise Undeliverable(Reason.NO_CHANNEL)
    near = people.chat(tx, place.channel) or people.nearest_chat(tx, place.team)
    if near is None:
        raise NOT_MET
    return Address(near.service_url, near.bot, near.tenant, channel=place.channel)


def _refuse_blocked(blocked: str | None) -> None:
    if blocked:
        raise Undeliverable(Reason(blocked))

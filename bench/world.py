"""The people, places and Teams activities of the measurements."""

import uuid
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from string import Template
from typing import Any

APP_ID = "0b7f9a52-5f0e-4c8b-9a55-3d1f6f0c2a11"
TENANT = "6f1c2d3e-1111-4222-8333-944455556666"
ISSUER = "https://api.botframework.com"
TEAM = "19:team-first@thread.tacv2"
CHANNEL = "19:first-line@thread.tacv2"
SECOND_CHANNEL = "19:second-line@thread.tacv2"
AGENTS = 16
#: A person may be limited to a handful of new tickets a minute; the load must look like many people, not like a flood.
TICKETS_PER_REQUESTER = 4

DESK = Path(__file__).with_name("desk.yaml")

Activity = dict[str, Any]
_numbers: Iterator[int] = count(1)


def person(role: str, number: int) -> dict[str, str]:
    """Return somebody as Teams names him: his id for this bot, his name, his Entra object id."""
    entra = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{role}/{number}"))
    return {"id": f"29:{role}-{number}", "name": f"{role.title()} {number:05}", "aadObjectId": entra}


def agent(number: int) -> dict[str, str]:
    return person("agent", number % AGENTS)


def requester(number: int) -> dict[str, str]:
    return person("requester", number)


def desk_file() -> str:
    names = {"lead": agent(0)["aadObjectId"], "team": TEAM, "first": CHANNEL, "second": SECOND_CHANNEL}
    return Template(DESK.read_text(encoding="utf-8")).substitute(names)


def roster() -> list[dict[str, str]]:
    """Return the members of the team that hosts both lines, as the connector lists them."""
    return [
        {**agent(n), "objectId": agent(n)["aadObjectId"], "tenantId": TENANT, "userRole": "user"} for n in range(AGENTS)
    ]


def message(service_url: str, who: dict[str, str], text: str) -> Activity:
    return _common("message", service_url, who) | _personal(who) | {"text": text, "textFormat": "plain"}


def chat_action(service_url: str, who: dict[str, str], verb: str, data: dict[str, Any]) -> Activity:
    """Return a press on a card in somebody's own chat with the bot."""
    return _common("invoke", service_url, who) | _personal(who) | _execute(verb, data)


def line_action(service_url: str, who: dict[str, str], verb: str, data: dict[str, Any]) -> Activity:
    """Return a press on a card in the first line's channel."""
    return _common("invoke", service_url, who) | _in_channel() | _execute(verb, data)


def installed_in_team(service_url: str) -> Activity:
    bot = {"id": f"28:{APP_ID}", "name": "IT-Service"}
    event = {"eventType": "teamMemberAdded", "settings": {"selectedChannel": {"id": CHANNEL}}}
    place = _in_channel(root="")
    place["channelData"] |= event
    return _common("conversationUpdate", service_url, agent(0)) | place | {"membersAdded": [bot]}


def ticket_form(number: int) -> dict[str, Any]:
    """Return what the form for a new ticket sends; each number is another problem."""
    return {
        "desk": {},
        "title": f"VPN bricht ab, Fall {number:07}",
        "description": f"Seit heute Morgen trennt sich die Verbindung alle paar Minuten. Rechner {number:07}.",
        "category": "vpn",
        "urgency": "normal",
        "impact": "me",
        "kind": "incident",
    }


def _common(kind: str, service_url: str, who: dict[str, str]) -> Activity:
    number = next(_numbers)
    return {
        "type": kind,
        "id": f"f:{number:016x}",
        "timestamp": "2026-03-02T09:00:00.000Z",
        "localTimestamp": "2026-03-02T10:00:00.000+01:00",
        "localTimezone": "Europe/Berlin",
        "locale": "de-DE",
        "channelId": "msteams",
        "serviceUrl": service_url,
        "from": who,
        "recipient": {"id": f"28:{APP_ID}", "name": "IT-Service"},
        "entities": [
            {
                "type": "clientInfo",
                "locale": "de-DE",
                "country": "DE",
                "platform": "Windows",
                "timezone": "Europe/Berlin",
            }
        ],
    }


def _personal(who: dict[str, str]) -> Activity:
    chat = {"conversationType": "personal", "id": f"a:chat-{who['aadObjectId']}", "tenantId": TENANT}
    return {"conversation": chat, "channelData": {"tenant": {"id": TENANT}}}


def _in_channel(root: str = ";messageid=1700000000001") -> Activity:
    place = {"isGroup": True, "conversationType": "channel", "id": CHANNEL + root, "tenantId": TENANT}
    team = {"id": TEAM, "name": "IT", "aadGroupId": str(uuid.uuid5(uuid.NAMESPACE_URL, TEAM))}
    return {
        "conversation": place,
        "channelData": {"team": team, "channel": {"id": CHANNEL}, "tenant": {"id": TENANT}},
    }


def _execute(verb: str, data: dict[str, Any]) -> Activity:
    action = {"type": "Action.Execute", "id": verb, "verb": verb, "data": data}
    return {
        "name": "adaptiveCard/action",
        "replyToId": "1700000000001",
        "value": {"action": action, "trigger": "manual"},
    }

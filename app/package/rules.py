"""What Teams demands of our package, checked on every build, with or without Microsoft's schema at hand.

Lengths and counts are those of manifest schema 1.25, except that command titles and descriptions keep the
limits of 1.20 (32 and 128), because older Teams clients cut what is longer.
"""

import re
from collections.abc import Iterator, Mapping

from app.package import png
from app.package.contents import Contents, Json, find, texts

MOST_COMMANDS = 10
MOST_PARAMETERS = 5
MOST_COMMAND_LISTS = 3
ICON_SIZES = {"color": 192, "outline": 32}

_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_VERSION = re.compile(r"\d{1,5}\.\d{1,5}\.\d{1,5}")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}(?::\d{{1,5}})?")

_LENGTHS = {
    "name.short": 30,
    "name.full": 100,
    "description.short": 80,
    "description.full": 4000,
}
_COMMAND_LENGTHS = {"title": 32, "description": 128}
_COMMAND_KEY = re.compile(
    r"(?:bots\[0\]\.commandLists\[\d\]\.commands\[\d\]"
    r"|composeExtensions\[0\]\.commands\[\d\](?:\.parameters\[\d\])?)\.(title|description)"
)


def problems(contents: Contents) -> list[str]:
    """Every rule the package breaks, one sentence each; empty when it may be uploaded."""
    found = [*_identity(contents.manifest), *_bot(contents.manifest), *_extension(contents.manifest)]
    for file, language in contents.languages.items():
        found += _texts(file, texts(language), contents.manifest)
    return [*found, *_icons(contents)]


def _identity(manifest: Json) -> Iterator[str]:
    for where, value in (
        ("id", manifest["id"]),
        ("bots[0].botId", manifest["bots"][0]["botId"]),
        ("composeExtensions[0].botId", manifest["composeExtensions"][0]["botId"]),
        ("webApplicationInfo.id", manifest["webApplicationInfo"]["id"]),
    ):
        if not _GUID.fullmatch(value):
            yield f"{where} is not a GUID: MicrosoftAppId must be the application (client) id from Entra."
    if not _VERSION.fullmatch(manifest["version"]):
        yield "version must be three numbers such as 1.4.0."
    if not _COLOR.fullmatch(manifest["accentColor"]):
        yield "accentColor must look like #3D4FD1."
    if len(manifest["developer"]["name"]) > 32:
        yield "developer.name is longer than 32 characters."
    for key in ("websiteUrl", "privacyUrl", "termsOfUseUrl"):
        if not manifest["developer"][key].startswith("https://") or len(manifest["developer"][key]) > 2048:
            yield f"developer.{key} must be an https address of at most 2048 characters."
    for domain in manifest["validDomains"]:
        if not _HOST.fullmatch(domain):
            yield "validDomains must hold host names alone: no scheme, path or user name in TICKETBOT_PUBLIC_URL."


def _bot(manifest: Json) -> Iterator[str]:
    if len(manifest["bots"]) != 1:
        yield "bots must hold exactly one bot."
    bot = manifest["bots"][0]
    if len(bot["commandLists"]) > MOST_COMMAND_LISTS:
        yield f"bots[0] has more than {MOST_COMMAND_LISTS} command lists."
    for number, listed in enumerate(bot["commandLists"]):
        if not set(listed["scopes"]) <= set(bot["scopes"]):
            yield f"bots[0].commandLists[{number}] is for a scope the bot does not have."
        if not 0 < len(listed["commands"]) <= MOST_COMMANDS:
            yield f"bots[0].commandLists[{number}] must have between 1 and {MOST_COMMANDS} commands."
        titles = [command["title"].casefold() for command in listed["commands"]]
        if len(set(titles)) != len(titles):
            yield f"bots[0].commandLists[{number}] offers one word twice."


def _extension(manifest: Json) -> Iterator[str]:
    if len(manifest["composeExtensions"]) != 1:
        yield "composeExtensions must hold exactly one message extension."
    extension = manifest["composeExtensions"][0]
    if not 0 < len(extension["commands"]) <= MOST_COMMANDS:
        yield f"composeExtensions[0] must have between 1 and {MOST_COMMANDS} commands."
    for number, command in enumerate(extension["commands"]):
        if command["type"] == "query" and not 0 < len(command.get("parameters", ())) <= MOST_PARAMETERS:
            yield f"composeExtensions[0].commands[{number}] must have between 1 and {MOST_PARAMETERS} parameters."
    for handler in extension["messageHandlers"]:
        if not set(handler["value"]["domains"]) <= set(manifest["validDomains"]):
            yield "composeExtensions[0].messageHandlers names a domain that validDomains does not."


def _texts(file: str, language: Mapping[str, str], manifest: Json) -> Iterator[str]:
    for key in sorted(_speaking_keys(manifest) - language.keys()):
        yield f"{file} lacks a text for {key}."
    for key, text in language.items():
        longest = _longest(key)
        if longest is None:
            yield f"{file} has a text for {key}, which Teams does not translate."
        elif not isinstance(find(manifest, key), str):
            yield f"{file} has a text for {key}, which the template does not have."
        elif not text.strip():
            yield f"{file} has an empty text for {key}."
        elif len(text) > longest:
            yield f"{file} has {len(text)} characters for {key}; Teams shows at most {longest}.{_hint(key)}"


def _hint(key: str) -> str:
    return " Shorten desk.name in the desk file." if key == "name.short" else ""


def _longest(key: str) -> int | None:
    if command := _COMMAND_KEY.fullmatch(key):
        return _COMMAND_LENGTHS[command[1]]
    return _LENGTHS.get(key)


def _speaking_keys(manifest: Json) -> set[str]:
    """The keys of everything a person reads, which each language file must therefore translate."""
    named = [
        f"bots[0].commandLists[{at}].commands[{number}]"
        for at, listed in enumerate(manifest["bots"][0]["commandLists"])
        for number in range(len(listed["commands"]))
    ]
    for number, command in enumerate(manifest["composeExtensions"][0]["commands"]):
        place = f"composeExtensions[0].commands[{number}]"
        named += [place, *(f"{place}.parameters[{at}]" for at in range(len(command.get("parameters", ()))))]
    return {f"{place}.{part}" for place in named for part in _COMMAND_LENGTHS} | _LENGTHS.keys()


def _icons(contents: Contents) -> Iterator[str]:
    for kind, pixels in ICON_SIZES.items():
        file = contents.manifest["icons"][kind]
        try:
            width, height = png.size(contents.icons[file])
            if (width, height) != (pixels, pixels):
                yield f"{file} is {width} × {height} pixels; Teams wants {pixels} × {pixels}."
            elif kind == "outline" and not png.read(contents.icons[file]).only_white_on_transparent():
                yield f"{file} must be pure white on a transparent background."
        except png.NotReadableError as unreadable:
            yield f"{file} {unreadable}."

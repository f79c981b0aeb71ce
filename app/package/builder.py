"""Builds the package from the template, the language files and the icons in `manifest/`."""

import io
import json
import re
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from importlib.metadata import version as installed_version
from pathlib import Path
from string import Template
from typing import Any, Protocol
from urllib.parse import urlsplit

from app.package import published, rules
from app.package.contents import Contents, Json, put, texts

CHECKOUT = Path(__file__).resolve().parents[2]
TEMPLATE = "manifest.template.json"
# without it Teams hands the bot only what mentions it (Teams: "receive all channel messages with RSC")
READS_CHANNELS = {"name": "ChannelMessage.Read.Group", "type": "Application"}
_RELEASE = re.compile(r"\d+(?:\.\d+)*")
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name: equal contents make equal bytes


class PackageError(Exception):
    """The package cannot be built; every reason is one sentence for the admin."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class PackageSettings(Protocol):
    """The settings that a package depends on."""

    @property
    def app_id(self) -> str | None: ...

    @property
    def public_url(self) -> str | None: ...


def build(
    settings: PackageSettings,
    desk_name: str | Mapping[str, str],
    out: Path,
    *,
    version: str | None = None,
    source: Path | None = None,
    reads_threads: bool = False,
) -> None:
    """Write the package for these settings, or raise PackageError with everything that stands in the way.

    `desk_name` is one name, or names by language. Teams takes an update only with a higher `version`,
    which is the product's own unless given; `source` holds template, texts and icons. `reads_threads` asks a team's
    owner for the permission to read its channels, so that what agents say below a ticket's card becomes a work note.
    Equal arguments write equal bytes.
    """
    if problems := _unready(settings):
        raise PackageError(problems)
    try:
        contents = assemble(settings, desk_name, version or _product_version(), source or _source())
        if reads_threads:
            contents.manifest["authorization"] = {"permissions": {"resourceSpecific": [READS_CHANNELS]}}
        problems = rules.problems(contents) or published.problems(contents)
    except (LookupError, TypeError, AttributeError, ValueError) as odd:
        raise PackageError([f"{TEMPLATE} or a language file beside it is not as it must be: {odd}."]) from odd
    if problems:
        raise PackageError(problems)
    try:
        out.write_bytes(_zipped(contents))
    except OSError as refused:
        raise PackageError([f"{out} cannot be written: {refused.strerror}."]) from refused


def assemble(settings: PackageSettings, desk_name: str | Mapping[str, str], version: str, source: Path) -> Contents:
    """The package's contents from the files in `source`, not yet checked."""
    names = desk_name if isinstance(desk_name, Mapping) else {}
    address = urlsplit(settings.public_url or "")
    values = {
        "app_id": settings.app_id or "",
        "desk_name": _name(desk_name, "en"),
        "public_host": address.netloc.lower(),
        "public_url": (settings.public_url or "").rstrip("/"),
        "version": version,
    }
    manifest: Json = _filled(_read(source / TEMPLATE), values)
    info = manifest["localizationInfo"]
    files = {info["defaultLanguageFile"]: info["defaultLanguageTag"]}
    further = {file.name: file.stem for file in sorted(source.glob("*.json")) if file.name not in (TEMPLATE, *files)}
    info["additionalLanguages"] = [{"languageTag": tag, "file": file} for file, tag in further.items()]
    files |= further
    languages = {
        file: _filled(_read(source / file), values | {"desk_name": names.get(tag) or values["desk_name"]})
        for file, tag in files.items()
    }
    for key, text in texts(languages[info["defaultLanguageFile"]]).items():
        put(manifest, key, text)
    icons = {file: _bytes(source / file) for file in manifest["icons"].values()}
    return Contents(manifest, languages, icons)


def _unready(settings: PackageSettings) -> list[str]:
    problems = []
    if not settings.app_id:
        problems.append("MicrosoftAppId is not set: the package tells Teams which bot it brings, so it needs one.")
    address = urlsplit(settings.public_url or "")
    if not settings.public_url:
        problems.append("TICKETBOT_PUBLIC_URL is not set: Teams must know the https address the desk is reached at.")
    elif address.scheme.lower() != "https" or not address.hostname:
        problems.append("TICKETBOT_PUBLIC_URL must be an https address with a host: Teams opens nothing else.")
    return problems


def _source() -> Path:
    """Where `manifest/` is: in the checkout, or where an installed wheel keeps its data."""
    for folder in (CHECKOUT / "manifest", Path(sys.prefix) / "share" / "ticketbot" / "manifest"):
        if (folder / TEMPLATE).is_file():
            return folder
    raise PackageError([f"{TEMPLATE} was not found: run the command from an installation that carries manifest/."])


def _product_version() -> str:
    """The three numbers of the product's version; Teams knows no suffix such as `rc1`."""
    project = CHECKOUT / "pyproject.toml"
    if project.is_file():
        full = str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    else:
        full = installed_version("ticketbot")
    release = _RELEASE.match(full)
    numbers = release[0].split(".") if release else []
    return ".".join([*numbers, "0", "0", "0"][:3])


def _name(desk_name: str | Mapping[str, str], language: str) -> str:
    if isinstance(desk_name, str):
        return desk_name
    return desk_name.get(language) or next(iter(desk_name.values()), "")


def _read(file: Path) -> Json:
    try:
        content: Json = json.loads(_bytes(file))
    except ValueError as broken:
        raise PackageError([f"{file.name} is not JSON: {broken}."]) from broken
    return content


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as unreadable:
        raise PackageError([f"{file.name} cannot be read: {unreadable.strerror}."]) from unreadable


def _filled(part: Any, values: Mapping[str, str]) -> Any:
    """The same JSON with every `${placeholder}` replaced inside its strings, so a value can never become structure."""
    match part:
        case str():
            return Template(part).substitute(values)
        case list():
            return [_filled(item, values) for item in part]
        case dict():
            return {key: _filled(item, values) for key, item in part.items()}
        case _:
            return part


def _zipped(contents: Contents) -> bytes:
    files = {"manifest.json": _json(contents.manifest), **contents.icons}
    files |= {file: _json(language) for file, language in contents.languages.items()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()

"""What the operator sets in the environment, read and checked at once.

The names are the Bot Framework's own where they exist, ours otherwise; they are read case-insensitively, and the
environment wins over a `.env` file. Nothing but this module reads the environment.

Longer than other modules: it has every setting, with its check.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import SecretStr

from app.clouds import CLOUDS

AppType = Literal["SingleTenant", "UserAssignedMSI"]
Auth = Literal["required", "anonymous"]
CloudName = Literal["public", "usgov", "dod", "china"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
T = TypeVar("T")


_PUBLIC = CLOUDS["public"]
_DEFAULT_DATABASE_URL = "sqlite+aiosqlite:///ticketbot.db"


class ConfigurationError(Exception):
    """The settings are not usable; `problems` holds one sentence each, naming the variable and never its value."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The checked settings. Values that may hold a secret stay out of the repr."""

    app_id: str = ""
    app_password: SecretStr | None = None
    app_type: AppType = "SingleTenant"
    app_certificate_file: Path | None = None
    tenant_id: str = ""
    database_url: str = field(default=_DEFAULT_DATABASE_URL, repr=False)
    desk_file: Path = Path("desk.yaml")
    host: str = "127.0.0.1"
    port: int = 3978
    metrics_port: int | None = None
    public_url: str | None = None
    allowed_tenants: tuple[str, ...] = ()
    auth: Auth = "required"
    cloud: CloudName = "public"
    login_url: str = _PUBLIC.login_url
    openid_metadata_url: str = _PUBLIC.openid_metadata_url
    token_issuer: str = _PUBLIC.token_issuer
    graph_url: str = _PUBLIC.graph_url
    bot_scope: str = _PUBLIC.bot_scope
    default_service_url: str | None = _PUBLIC.default_service_url
    service_hosts: tuple[str, ...] = _PUBLIC.service_hosts
    file_hosts: tuple[str, ...] = _PUBLIC.file_hosts
    log_level: LogLevel = "INFO"

    @property
    def anonymous(self) -> bool:
        """Whether the bot runs without sign-in, for a trial on one machine."""
        return self.auth == "anonymous"

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, env_file: str | Path | None = ".env") -> "Settings":
        """Read and check the settings; raise ConfigurationError with every problem at once."""
        return _Reader(os.environ if environ is None else environ, env_file).settings()


_BOT_FRAMEWORK_NAMES = (
    "MicrosoftAppId",
    "MicrosoftAppPassword",
    "MicrosoftAppType",
    "MicrosoftAppCertificateFile",
    "MicrosoftAppTenantId",
)
_OUR_NAMES = tuple(
    f"TICKETBOT_{name}"
    for name in (
        *(
            "DATABASE_URL",
            "DESK_FILE",
            "HOST",
            "PORT",
            "METRICS_PORT",
            "PUBLIC_URL",
            "ALLOWED_TENANTS",
            "AUTH",
            "CLOUD",
        ),
        *("LOGIN_URL", "OPENID_METADATA_URL", "TOKEN_ISSUER", "GRAPH_URL", "SERVICE_HOSTS", "FILE_HOSTS", "LOG_LEVEL"),
    )
)
VARIABLES = (*_BOT_FRAMEWORK_NAMES, *_OUR_NAMES)
_CANONICAL = {name.casefold(): name for name in VARIABLES}


class _Reader:
    """Collects the problems of one environment while it turns text into values."""

    def __init__(self, environ: Mapping[str, str], env_file: str | Path | None) -> None:
        self.problems: list[str] = []
        self.given = self._recognised(_read_env_file(env_file)) | self._recognised(environ)

    def settings(self) -> Settings:
        cloud_name = cast(CloudName, self._one_of("TICKETBOT_CLOUD", get_args(CloudName), "public"))
        cloud = CLOUDS[cloud_name]
        auth = cast(Auth, self._one_of("TICKETBOT_AUTH", get_args(Auth), "required"))
        host = self._value("TICKETBOT_HOST", _host, "127.0.0.1")
        credentials = self._credentials(auth)
        public_url = self._value("TICKETBOT_PUBLIC_URL", _url, None)
        if auth == "anonymous":
            self._require_this_machine(host, public_url)
        port, metrics_port = self._ports()
        tenant = credentials["tenant_id"]
        values: dict[str, Any] = {
            **credentials,
            "auth": auth,
            "cloud": cloud_name,
            "host": host,
            "port": port,
            "metrics_port": metrics_port,
            "database_url": self._value("TICKETBOT_DATABASE_URL", _database_url, _DEFAULT_DATABASE_URL),
            "desk_file": self._value("TICKETBOT_DESK_FILE", _desk_file, None) or self._default_desk_file(),
            "public_url": public_url,
            "allowed_tenants": self._many("TICKETBOT_ALLOWED_TENANTS", _guid, (tenant,) if tenant else ()),
            "login_url": self._value("TICKETBOT_LOGIN_URL", _url, cloud.login_url),
            "openid_metadata_url": self._value("TICKETBOT_OPENID_METADATA_URL", _url, cloud.openid_metadata_url),
            "token_issuer": self._value("TICKETBOT_TOKEN_ISSUER", _issuer, cloud.token_issuer),
            "graph_url": self._value("TICKETBOT_GRAPH_URL", _url, cloud.graph_url),
            "bot_scope": cloud.bot_scope,
            "default_service_url": cloud.default_service_url,
            "service_hosts": self._many("TICKETBOT_SERVICE_HOSTS", _service_host, cloud.service_hosts),
            "file_hosts": self._many("TICKETBOT_FILE_HOSTS", _file_host, cloud.file_hosts),
            "log_level": self._one_of("TICKETBOT_LOG_LEVEL", get_args(LogLevel), "INFO"),
        }
        if self.problems:
            raise ConfigurationError(self.problems)
        return Settings(**values)

    def _recognised(self, source: Mapping[str, str]) -> dict[str, str]:
        """Return the values of our variables under their canonical names, trimmed."""
        found: dict[str, str] = {}
        for spelling, text in source.items():
            name = _CANONICAL.get(spelling.casefold())
            if name is None:
                self._refuse_misspelt(spelling)
                continue
            if found.get(name, text.strip()) != text.strip():
                self._refuse(name, "is set twice, in two spellings and with two values: keep one.")
            found[name] = text.strip()
        return found

    def _refuse_misspelt(self, spelling: str) -> None:
        name = spelling.upper()
        if not name.startswith("TICKETBOT_") or name.startswith("TICKETBOT_TEST_"):
            return
        near = get_close_matches(name, _OUR_NAMES, n=1)
        self._refuse(spelling, f"is no setting of this program{f': did you mean {near[0]}?' if near else '.'}")

    def _refuse(self, name: str, sentence: str) -> None:
        self.problems.append(f"{name} {sentence}")

    def _require_this_machine(self, host: str, public_url: str | None) -> None:
        """Nobody signs in without sign-in: neither the network nor a proxy in front may lead others here."""
        if not is_loopback(host):
            self._refuse("TICKETBOT_HOST", "must be 127.0.0.1 or localhost when TICKETBOT_AUTH is anonymous.")
        if public_url is not None and not is_loopback(urlsplit(public_url).hostname or ""):
            self._refuse(
                "TICKETBOT_PUBLIC_URL", "must be an address of this machine, or none, when TICKETBOT_AUTH is anonymous."
            )

    def _ports(self) -> tuple[int, int | None]:
        port: int = self._value("TICKETBOT_PORT", _port, 3978)
        metrics_port: int | None = self._value("TICKETBOT_METRICS_PORT", _port, None)
        if metrics_port == port:
            self._refuse(
                "TICKETBOT_METRICS_PORT", "must differ from TICKETBOT_PORT; without it /metrics stands on that one."
            )
        return port, metrics_port

    def _credentials(self, auth: Auth) -> dict[str, Any]:
        app_id = self._value("MicrosoftAppId", _guid, "")
        tenant = self._value("MicrosoftAppTenantId", _guid, "")
        app_type = self._one_of("MicrosoftAppType", get_args(AppType), "SingleTenant")
        certificate = self._value("MicrosoftAppCertificateFile", _certificate, None)
        password = self.given.get("MicrosoftAppPassword")
        if auth == "anonymous":
            if self.given.get("MicrosoftAppId"):
                self._refuse("TICKETBOT_AUTH", "may be anonymous only when MicrosoftAppId is not set.")
        else:
            self._require_credentials(app_type)
        return {
            "app_id": app_id,
            "tenant_id": tenant,
            "app_type": app_type,
            "app_certificate_file": certificate,
            "app_password": SecretStr(password) if password else None,
        }

    def _require_credentials(self, app_type: str) -> None:
        has_password = bool(self.given.get("MicrosoftAppPassword"))
        has_certificate = bool(self.given.get("MicrosoftAppCertificateFile"))
        if not self.given.get("MicrosoftAppId"):
            self._refuse("MicrosoftAppId", "is not set: it is the application (client) id of the bot's registration.")
        if not self.given.get("MicrosoftAppTenantId"):
            self._refuse("MicrosoftAppTenantId", "is not set: it is the directory (tenant) id of your company.")
        if app_type == "UserAssignedMSI" and has_password:
            self._refuse("MicrosoftAppPassword", "is not used with a managed identity: remove it.")
        if app_type == "UserAssignedMSI" and has_certificate:
            self._refuse("MicrosoftAppCertificateFile", "is not used with a managed identity: remove it.")
        if app_type == "SingleTenant" and has_password and has_certificate:
            self._refuse("MicrosoftAppPassword", "and MicrosoftAppCertificateFile are both set: keep one.")
        if app_type == "SingleTenant" and not has_password and not has_certificate:
            self._refuse(
                "MicrosoftAppPassword", "is not set, nor is MicrosoftAppCertificateFile: one of them is needed."
            )

    def _value(self, name: str, parse: Callable[[str], T], default: T) -> T:
        text = self.given.get(name)
        if text is None:
            return default
        if not text:
            # Bot Framework templates ship their names with empty values; ours are only there because somebody put them
            if name in _OUR_NAMES:
                self._refuse(name, "is set but empty: give it a value or remove it.")
            return default
        try:
            return parse(text)
        except ValueError as problem:
            self._refuse(name, f"{problem}")
            return default

    def _many(self, name: str, parse: Callable[[str], str], default: tuple[str, ...]) -> tuple[str, ...]:
        def parse_all(text: str) -> tuple[str, ...]:
            entries = [entry.strip() for entry in text.split(",")]
            if not any(entries):
                raise ValueError("names nothing: give at least one value or remove it.")
            return tuple(dict.fromkeys(parse(entry) for entry in entries if entry))

        return self._value(name, parse_all, default)

    def _one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        def choose(text: str) -> str:
            for value in allowed:
                if value.casefold() == text.casefold():
                    return value
            raise ValueError(f"must be one of {', '.join(allowed)}.")

        return self._value(name, choose, default)

    def _default_desk_file(self) -> Path:
        path = Path("desk.yaml")
        if "TICKETBOT_DESK_FILE" not in self.given and not path.is_file():
            self._refuse("TICKETBOT_DESK_FILE", "is not set and there is no desk.yaml in this folder.")
        return path


def is_loopback(host: str) -> bool:
    """Return whether a host name or address can only be this machine."""
    name = host.strip("[]").casefold()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _read_env_file(env_file: str | Path | None) -> dict[str, str]:
    if env_file is None or not Path(env_file).is_file():
        return {}
    from dotenv import dotenv_values

    try:
        written = dotenv_values(env_file, interpolate=False)
    except UnicodeDecodeError:
        raise ConfigurationError([f"{env_file} is no text in UTF-8: save it in that encoding."]) from None
    except OSError:
        raise ConfigurationError([f"{env_file} cannot be read."]) from None
    return {name: value or "" for name, value in written.items()}


def _guid(text: str) -> str:
    try:
        return str(UUID(text)) if len(text) == 36 else _not_a_guid()
    except ValueError:
        return _not_a_guid()


def _not_a_guid() -> str:
    raise ValueError("must be a GUID, like 00000000-0000-0000-0000-000000000000.")


def _host(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        if _HOST_NAME.fullmatch(text):
            return text
    raise ValueError("must be a host name or an IP address, without scheme, port or path.")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 65535:
        raise ValueError("must be a number from 1 to 65535.")
    return int(text)


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        understood = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        understood = False
    if not understood or not parts.hostname:
        raise ValueError("must be an address like https://host.")
    if parts.username or parts.password or parts.query or parts.fragment or _SPACE.search(text):
        raise ValueError("must be a plain address: no user name, query, fragment or space.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must begin with https:// (http:// is accepted for this machine only).")
    return text.rstrip("/")


def _issuer(text: str) -> str:
    _url(text)
    return text  # compared letter by letter with the token's claim


def _database_url(text: str) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("is no database address, like sqlite+aiosqlite:///ticketbot.db.") from None
    if url.drivername == "sqlite+aiosqlite":
        if not url.database or url.database == ":memory:" or "mode=memory" in text:
            raise ValueError("must name a file: a database in memory would lose every ticket at each stop.")
        if not Path(url.database).absolute().parent.is_dir():
            raise ValueError("names a file in a folder that does not exist.")
    elif url.drivername == "postgresql+asyncpg":
        if not url.host or not url.database:
            raise ValueError("must name a server and a database: postgresql+asyncpg://user@host/database.")
    else:
        raise ValueError("must begin with sqlite+aiosqlite:// or postgresql+asyncpg://.")
    return text


def _desk_file(text: str) -> Path:
    path = Path(text)
    _readable(path)
    return path


def _certificate(text: str) -> Path:
    path = Path(text)
    content = _readable(path)
    if "PRIVATE KEY-----" not in content or "-----BEGIN CERTIFICATE-----" not in content:
        raise ValueError("must be a PEM file with the private key and the certificate.")
    return path


def _readable(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise ValueError("names a file that does not exist.") from None
    except IsADirectoryError:
        raise ValueError("names a folder, not a file.") from None
    except OSError:
        raise ValueError("names a file that cannot be read.") from None


_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_SPACE = re.compile(r"\s")
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(?::(?P<port>\d{{1,5}}))?", re.IGNORECASE)
_FILE_HOST_PATTERN = re.compile(rf"\*(?:\.{_LABEL}){{2,}}", re.IGNORECASE)


def _is_host(text: str) -> bool:
    match = _HOST.fullmatch(text)
    return match is not None and 1 <= int(match["port"] or 443) <= 65535


def _service_host(text: str) -> str:
    if not _is_host(text):
        raise ValueError("must hold exact host names, each `host` or `host:port`: no scheme, path or wildcard.")
    return text.casefold()


def _file_host(text: str) -> str:
    if not _is_host(text) and _FILE_HOST_PATTERN.fullmatch(text) is None:
        raise ValueError(
            "must hold host names, each `host` or `host:port`, or patterns like *.sharepoint.com:"
            " the star stands first, for one label."
        )
    return text.casefold()

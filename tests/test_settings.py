"""What an operator may set, and what is refused with which sentence."""

import re
from pathlib import Path

import pytest

from app.settings import VARIABLES, ConfigurationError, Settings, is_loopback

APP = "11111111-2222-4333-8444-555555555555"
TENANT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
SECRET = "s3cret~value.that-nobody-may-see"
PEM = "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nx\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a desk file and a certificate."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "desk.yaml").write_text("desk: {}\n")
    (tmp_path / "bot.pem").write_text(PEM)
    return tmp_path


RIGHT = {"MicrosoftAppId": APP, "MicrosoftAppPassword": SECRET, "MicrosoftAppTenantId": TENANT}
ANONYMOUS = {"TICKETBOT_AUTH": "anonymous"}


def problems(environ: dict[str, str]) -> tuple[str, ...]:
    """The sentences an operator reads for these settings."""
    with pytest.raises(ConfigurationError) as refused:
        Settings.load(environ, env_file=None)
    return refused.value.problems


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in RIGHT.items() if key != name}


def test_three_values_are_enough_for_a_bot_in_the_public_cloud(folder: Path) -> None:
    settings = Settings.load(RIGHT, env_file=None)
    assert (settings.app_id, settings.tenant_id, settings.app_type) == (APP, TENANT, "SingleTenant")
    assert settings.app_password is not None
    assert settings.app_password.get_secret_value() == SECRET
    assert settings.allowed_tenants == (TENANT,)
    assert settings.service_hosts[0] == "smba.trafficmanager.net"
    assert settings.login_url == "https://login.microsoftonline.com"
    assert settings.bot_scope == "https://api.botframework.com/.default"
    assert (settings.host, settings.port, settings.log_level, settings.anonymous) == ("127.0.0.1", 3978, "INFO", False)
    assert settings.database_url == "sqlite+aiosqlite:///ticketbot.db"
    assert settings.desk_file == Path("desk.yaml")


def test_names_are_read_in_any_case(folder: Path) -> None:
    settings = Settings.load({name.upper(): value for name, value in RIGHT.items()} | {"ticketbot_port": "8080"}, None)
    assert (settings.app_id, settings.port) == (APP, 8080)


def test_a_certificate_or_a_managed_identity_replaces_the_secret(folder: Path) -> None:
    certificate = without("MicrosoftAppPassword") | {"MicrosoftAppCertificateFile": "bot.pem"}
    assert Settings.load(certificate, env_file=None).app_certificate_file == Path("bot.pem")
    identity = without("MicrosoftAppPassword") | {"MicrosoftAppType": "userassignedmsi"}
    assert Settings.load(identity, env_file=None).app_type == "UserAssignedMSI"


def test_the_environment_wins_over_the_env_file_and_a_dollar_is_just_a_dollar(folder: Path) -> None:
    (folder / ".env").write_text(
        f"MicrosoftAppId={APP}\nMICROSOFTAPPPASSWORD='a${{HOME}}b'\nMicrosoftAppTenantId={TENANT}\nTICKETBOT_PORT=1\n"
    )
    settings = Settings.load({"TICKETBOT_PORT": "2"})
    assert settings.port == 2
    assert settings.app_password is not None
    assert settings.app_password.get_secret_value() == "a${HOME}b"


def test_an_env_file_of_another_encoding_is_refused_by_name(folder: Path) -> None:
    """As some editors and shells of Windows write one."""
    (folder / ".env").write_text(f"MicrosoftAppId={APP}\n", "utf-16")
    with pytest.raises(ConfigurationError, match=r"^\.env is no text in UTF-8"):
        Settings.load({})


@pytest.mark.parametrize(
    ("cloud", "login", "issuer", "connector"),
    [
        ("usgov", "login.microsoftonline.us", "api.botframework.us", "smba.infra.gov.teams.microsoft.us"),
        ("dod", "login.microsoftonline.us", "api.botframework.us", "smba.infra.dod.teams.microsoft.us"),
        (
            "china",
            "login.partner.microsoftonline.cn",
            "api.botframework.azure.cn",
            "frontend.botapi.msg.infra.teams.microsoftonline.cn",
        ),
    ],
)
def test_a_national_cloud_sets_all_its_addresses(
    folder: Path, cloud: str, login: str, issuer: str, connector: str
) -> None:
    settings = Settings.load(RIGHT | {"TICKETBOT_CLOUD": cloud}, env_file=None)
    assert settings.login_url == f"https://{login}"
    assert settings.token_issuer == f"https://{issuer}"
    assert settings.service_hosts == (connector,)
    assert "microsoft.com" not in settings.graph_url
    assert "botframework.com" not in settings.openid_metadata_url


def test_one_address_can_be_replaced_and_the_others_stay_the_clouds(folder: Path) -> None:
    settings = Settings.load(RIGHT | {"TICKETBOT_LOGIN_URL": "http://127.0.0.1:9/"}, env_file=None)
    assert settings.login_url == "http://127.0.0.1:9"
    assert settings.graph_url == "https://graph.microsoft.com"


def test_hosts_and_tenants_are_lists_in_small_letters(folder: Path) -> None:
    lists = {
        "TICKETBOT_SERVICE_HOSTS": "127.0.0.1:9000, Smba.Example.COM ,[::1]:80",
        "TICKETBOT_FILE_HOSTS": "*.sharepoint.com,files.example.com,127.0.0.1:8443",
        "TICKETBOT_ALLOWED_TENANTS": f"{TENANT.upper()},{APP}",
    }
    settings = Settings.load(RIGHT | lists, env_file=None)
    assert settings.service_hosts == ("127.0.0.1:9000", "smba.example.com", "[::1]:80")
    assert settings.file_hosts == ("*.sharepoint.com", "files.example.com", "127.0.0.1:8443")
    assert settings.allowed_tenants == (TENANT, APP)


def test_a_trial_on_one_machine_needs_no_app(folder: Path) -> None:
    settings = Settings.load(ANONYMOUS | {"MicrosoftAppId": "", "TICKETBOT_HOST": "localhost"}, env_file=None)
    assert settings.anonymous
    assert (settings.app_id, settings.allowed_tenants) == ("", ())


WRONG: list[tuple[dict[str, str], str, str]] = [
    (without("MicrosoftAppId"), "MicrosoftAppId", "is not set"),
    (RIGHT | {"MicrosoftAppId": "   "}, "MicrosoftAppId", "is not set"),
    (RIGHT | {"MicrosoftAppId": "my-bot"}, "MicrosoftAppId", "GUID"),
    (without("MicrosoftAppTenantId"), "MicrosoftAppTenantId", "is not set"),
    (RIGHT | {"MicrosoftAppTenantId": "contoso.com"}, "MicrosoftAppTenantId", "GUID"),
    (without("MicrosoftAppPassword"), "MicrosoftAppPassword", "one of them is needed"),
    (RIGHT | {"MicrosoftAppPassword": ""}, "MicrosoftAppPassword", "one of them is needed"),
    (RIGHT | {"MicrosoftAppCertificateFile": "bot.pem"}, "MicrosoftAppPassword", "keep one"),
    (
        without("MicrosoftAppPassword") | {"MicrosoftAppCertificateFile": "none.pem"},
        "MicrosoftAppCertificateFile",
        "does not exist",
    ),
    (
        without("MicrosoftAppPassword") | {"MicrosoftAppCertificateFile": "desk.yaml"},
        "MicrosoftAppCertificateFile",
        "PEM",
    ),
    (RIGHT | {"MicrosoftAppType": "MultiTenant"}, "MicrosoftAppType", "SingleTenant, UserAssignedMSI"),
    (RIGHT | {"MicrosoftAppType": "UserAssignedMSI"}, "MicrosoftAppPassword", "remove it"),
    (RIGHT | {"TICKETBOT_AUTH": "none"}, "TICKETBOT_AUTH", "required, anonymous"),
    (RIGHT | ANONYMOUS, "TICKETBOT_AUTH", "only when MicrosoftAppId is not set"),
    (ANONYMOUS | {"TICKETBOT_HOST": "0.0.0.0"}, "TICKETBOT_HOST", "127.0.0.1"),
    (ANONYMOUS | {"TICKETBOT_HOST": "localhost.example.com"}, "TICKETBOT_HOST", "127.0.0.1"),
    (RIGHT | {"TICKETBOT_HOST": "http://127.0.0.1"}, "TICKETBOT_HOST", "without scheme"),
    (RIGHT | {"TICKETBOT_PORT": "0"}, "TICKETBOT_PORT", "1 to 65535"),
    (RIGHT | {"TICKETBOT_PORT": "65536"}, "TICKETBOT_PORT", "1 to 65535"),
    (RIGHT | {"TICKETBOT_PORT": "http"}, "TICKETBOT_PORT", "1 to 65535"),
    (RIGHT | {"TICKETBOT_PORT": ""}, "TICKETBOT_PORT", "empty"),
    (RIGHT | {"TICKETBOT_CLOUD": "moon"}, "TICKETBOT_CLOUD", "public, usgov, dod, china"),
    (RIGHT | {"TICKETBOT_LOG_LEVEL": "LOUD"}, "TICKETBOT_LOG_LEVEL", "DEBUG"),
    (RIGHT | {"TICKETBOT_PUBLIC_URL": "http://desk.example.com"}, "TICKETBOT_PUBLIC_URL", "https://"),
    (RIGHT | {"TICKETBOT_PUBLIC_URL": "desk.example.com"}, "TICKETBOT_PUBLIC_URL", "https://"),
    (RIGHT | {"TICKETBOT_PUBLIC_URL": "https://"}, "TICKETBOT_PUBLIC_URL", "https://"),
    (RIGHT | {"TICKETBOT_PUBLIC_URL": "https://[broken"}, "TICKETBOT_PUBLIC_URL", "https://"),
    (RIGHT | {"TICKETBOT_LOGIN_URL": "http://login.example.com"}, "TICKETBOT_LOGIN_URL", "https://"),
    (RIGHT | {"TICKETBOT_LOGIN_URL": f"https://me:{SECRET}@login.example.com"}, "TICKETBOT_LOGIN_URL", "user name"),
    (RIGHT | {"TICKETBOT_OPENID_METADATA_URL": "http://keys.example.com/x"}, "TICKETBOT_OPENID_METADATA_URL", "https"),
    (RIGHT | {"TICKETBOT_TOKEN_ISSUER": "anybody"}, "TICKETBOT_TOKEN_ISSUER", "https://"),
    (RIGHT | {"TICKETBOT_GRAPH_URL": "ftp://graph.microsoft.com"}, "TICKETBOT_GRAPH_URL", "https://"),
    (RIGHT | {"TICKETBOT_DATABASE_URL": "ticketbot.db"}, "TICKETBOT_DATABASE_URL", "sqlite+aiosqlite"),
    (RIGHT | {"TICKETBOT_DATABASE_URL": "sqlite:///ticketbot.db"}, "TICKETBOT_DATABASE_URL", "sqlite+aiosqlite"),
    (RIGHT | {"TICKETBOT_DATABASE_URL": "sqlite+aiosqlite://"}, "TICKETBOT_DATABASE_URL", "in memory"),
    (RIGHT | {"TICKETBOT_DATABASE_URL": "sqlite+aiosqlite:///:memory:"}, "TICKETBOT_DATABASE_URL", "in memory"),
    (RIGHT | {"TICKETBOT_DATABASE_URL": "sqlite+aiosqlite:///no/such/x.db"}, "TICKETBOT_DATABASE_URL", "folder"),
    (RIGHT | {"TICKETBOT_DATABASE_URL": f"postgresql://u:{SECRET}@h/d"}, "TICKETBOT_DATABASE_URL", "asyncpg"),
    (RIGHT | {"TICKETBOT_DATABASE_URL": f"postgresql+asyncpg://u:{SECRET}@h"}, "TICKETBOT_DATABASE_URL", "database"),
    (RIGHT | {"TICKETBOT_DATABASE_URL": f"postgresql+asyncpg://u:{SECRET}@h:x/d"}, "TICKETBOT_DATABASE_URL", "address"),
    (RIGHT | {"TICKETBOT_DESK_FILE": "nowhere.yaml"}, "TICKETBOT_DESK_FILE", "does not exist"),
    (RIGHT | {"TICKETBOT_DESK_FILE": "."}, "TICKETBOT_DESK_FILE", "folder"),
    (RIGHT | {"TICKETBOT_SERVICE_HOSTS": ""}, "TICKETBOT_SERVICE_HOSTS", "empty"),
    (RIGHT | {"TICKETBOT_SERVICE_HOSTS": " , "}, "TICKETBOT_SERVICE_HOSTS", "names nothing"),
    (RIGHT | {"TICKETBOT_SERVICE_HOSTS": "https://smba.example.com"}, "TICKETBOT_SERVICE_HOSTS", "exact host names"),
    (RIGHT | {"TICKETBOT_SERVICE_HOSTS": "smba.example.com/teams"}, "TICKETBOT_SERVICE_HOSTS", "exact host names"),
    (RIGHT | {"TICKETBOT_SERVICE_HOSTS": "*.trafficmanager.net"}, "TICKETBOT_SERVICE_HOSTS", "exact host names"),
    (RIGHT | {"TICKETBOT_SERVICE_HOSTS": "smba.example.com:99999"}, "TICKETBOT_SERVICE_HOSTS", "exact host names"),
    (RIGHT | {"TICKETBOT_FILE_HOSTS": "*"}, "TICKETBOT_FILE_HOSTS", "*.sharepoint.com"),
    (RIGHT | {"TICKETBOT_FILE_HOSTS": "*.sharepoint.com:443"}, "TICKETBOT_FILE_HOSTS", "*.sharepoint.com"),
    (RIGHT | {"TICKETBOT_FILE_HOSTS": "files.example.com:0"}, "TICKETBOT_FILE_HOSTS", "*.sharepoint.com"),
    (RIGHT | {"TICKETBOT_FILE_HOSTS": "*.com"}, "TICKETBOT_FILE_HOSTS", "*.sharepoint.com"),
    (RIGHT | {"TICKETBOT_FILE_HOSTS": "a*.sharepoint.com"}, "TICKETBOT_FILE_HOSTS", "*.sharepoint.com"),
    (RIGHT | {"TICKETBOT_ALLOWED_TENANTS": f"{TENANT},contoso"}, "TICKETBOT_ALLOWED_TENANTS", "GUID"),
    (RIGHT | {"TICKETBOT_METRICS_PORT": "0"}, "TICKETBOT_METRICS_PORT", "from 1 to 65535"),
    (RIGHT | {"TICKETBOT_METRICS_PORT": "https://x"}, "TICKETBOT_METRICS_PORT", "from 1 to 65535"),
    (RIGHT | {"TICKETBOT_METRICS_PORT": "3978"}, "TICKETBOT_METRICS_PORT", "TICKETBOT_PORT"),
    (RIGHT | {"TICKETBOT_METRICS_PORT": "1", "TICKETBOT_PORT": "01"}, "TICKETBOT_METRICS_PORT", "TICKETBOT_PORT"),
    (ANONYMOUS | {"TICKETBOT_PUBLIC_URL": "https://desk.contoso.com"}, "TICKETBOT_PUBLIC_URL", "this machine"),
    (ANONYMOUS | {"TICKETBOT_PUBLIC_URL": "https://127.0.0.1.nip.io/bot"}, "TICKETBOT_PUBLIC_URL", "this machine"),
    (ANONYMOUS | {"TICKETBOT_PUBLIC_URL": "https://10.0.0.5:8443"}, "TICKETBOT_PUBLIC_URL", "this machine"),
    (RIGHT | {"TICKETBOT_DESKFILE": "desk.yaml"}, "TICKETBOT_DESKFILE", "did you mean TICKETBOT_DESK_FILE?"),
    (RIGHT | {"MICROSOFTAPPID": TENANT}, "MicrosoftAppId", "twice"),
]


@pytest.mark.parametrize(
    ("environ", "name", "part"), WRONG, ids=[f"{i}-{name}" for i, (_, name, _) in enumerate(WRONG)]
)
def test_a_wrong_configuration_is_refused_by_the_variables_name(
    folder: Path, environ: dict[str, str], name: str, part: str
) -> None:
    [sentence] = problems(environ)
    assert sentence.startswith(f"{name} ")
    assert part in sentence
    assert sentence.endswith((".", "?"))


@pytest.mark.parametrize(
    ("environ", "name", "part"), WRONG, ids=[f"{i}-{name}" for i, (_, name, _) in enumerate(WRONG)]
)
def test_no_refusal_repeats_a_value(folder: Path, environ: dict[str, str], name: str, part: str) -> None:
    told = " ".join(problems(environ))
    assert SECRET not in told
    assert all(value not in told for value in environ.values() if len(value) > 12)


@pytest.mark.parametrize("url", ["http://127.0.0.1:3978", "https://localhost:8443/bot", "http://[::1]:3978"])
def test_without_sign_in_links_may_lead_to_this_machine(folder: Path, url: str) -> None:
    assert Settings.load(ANONYMOUS | {"TICKETBOT_PUBLIC_URL": url}, env_file=None).public_url == url


def test_figures_stand_on_a_port_of_their_own_where_one_is_named(folder: Path) -> None:
    assert Settings.load(RIGHT, env_file=None).metrics_port is None
    assert Settings.load(RIGHT | {"TICKETBOT_METRICS_PORT": "9100"}, env_file=None).metrics_port == 9100


def test_a_missing_desk_file_is_told_before_anybody_writes_to_the_bot(folder: Path) -> None:
    (folder / "desk.yaml").unlink()
    assert problems(RIGHT) == ("TICKETBOT_DESK_FILE is not set and there is no desk.yaml in this folder.",)


def test_every_problem_is_told_at_once(folder: Path) -> None:
    wrong = {"TICKETBOT_PORT": "x", "TICKETBOT_CLOUD": "x", "TICKETBOT_PUBLIC_URL": "x", "TICKETBOT_SERVICE_HOST": "x"}
    told = problems(wrong)
    named = {sentence.split()[0] for sentence in told}
    assert named == {*wrong, "MicrosoftAppId", "MicrosoftAppTenantId", "MicrosoftAppPassword"}


def test_settings_never_show_a_secret(folder: Path) -> None:
    database = {"TICKETBOT_DATABASE_URL": f"postgresql+asyncpg://u:{SECRET}@h/d"}
    assert SECRET not in repr(Settings.load(RIGHT | database, env_file=None))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "LOCALHOST"])
def test_this_machine_is_recognised(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", ""])
def test_other_machines_are_not_taken_for_this_one(host: str) -> None:
    assert not is_loopback(host)


def test_the_guide_explains_every_variable_that_is_read() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "settings.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE))
    assert explained == set(VARIABLES)

"""The Teams app package as an admin would upload it."""

import json
import os
import shutil
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from app.package import PackageError, build, png, published

SOURCES = Path(__file__).parents[2] / "manifest"
APP_ID = "3f1c2b7a-5d7e-4c55-9a53-2f0d4f8a9b10"
GOLDEN_WORDS = {
    "en": [["new", "my tickets", "language", "help"], ["queue", "reply", "note", "bind", "help"]],
    "de": [["neu", "meine tickets", "sprache", "hilfe"], ["warteschlange", "antwort", "notiz", "einrichten", "hilfe"]],
}


@dataclass(frozen=True)
class Configured:
    app_id: str | None = APP_ID
    public_url: str | None = "https://desk.contoso.example"


def opened(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def uploaded(tmp_path: Path) -> dict[str, bytes]:
    out = tmp_path / "desk.zip"
    build(Configured(), {"en": "IT Service", "de": "IT-Service"}, out, version="1.4.0")
    return opened(out)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SOURCES, tmp_path / "manifest"))


def refusal(out: Path, settings: Configured | None = None, desk: Any = "IT-Service", **changes: Any) -> str:
    with pytest.raises(PackageError) as refused:
        build(settings or Configured(), desk, out, **changes)
    assert not out.exists()
    return str(refused.value)


def words(texts: dict[str, str]) -> list[list[str]]:
    return [
        [texts[f"bots[0].commandLists[{at}].commands[{number}].title"] for number in range(count)]
        for at, count in enumerate((4, 5))
    ]


def test_the_zip_holds_manifest_icons_and_both_languages_at_its_root(uploaded: dict[str, bytes]) -> None:
    assert sorted(uploaded) == ["color.png", "de.json", "en.json", "manifest.json", "outline.png"]


def test_teams_learns_which_bot_the_app_brings_and_where_the_desk_is(uploaded: dict[str, bytes]) -> None:
    manifest = json.loads(uploaded["manifest.json"])
    assert (manifest["id"], manifest["bots"][0]["botId"]) == (APP_ID, APP_ID)
    assert manifest["webApplicationInfo"] == {
        "id": APP_ID,
        "resource": f"api://desk.contoso.example/botid-{APP_ID}",
    }
    assert manifest["validDomains"] == ["desk.contoso.example"]
    assert manifest["version"] == "1.4.0"
    assert manifest["developer"]["websiteUrl"] == "https://desk.contoso.example"


def test_employees_can_send_files_and_agents_can_work_in_a_team(uploaded: dict[str, bytes]) -> None:
    (bot,) = json.loads(uploaded["manifest.json"])["bots"]
    assert bot["scopes"] == ["personal", "team"]
    assert bot["supportsFiles"] is True
    assert [listed["scopes"] for listed in bot["commandLists"]] == [["personal"], ["team"]]


def test_a_team_is_asked_for_its_channels_words_only_where_the_admin_wants_it(tmp_path: Path) -> None:
    out = tmp_path / "threads.zip"
    build(Configured(), "IT-Service", out, version="1.4.0", reads_threads=True)
    with zipfile.ZipFile(out) as package:
        manifest = json.loads(package.read("manifest.json"))
    wanted = manifest["authorization"]["permissions"]["resourceSpecific"]
    assert wanted == [{"name": "ChannelMessage.Read.Group", "type": "Application"}]


def test_a_feature_that_is_not_there_is_not_announced(uploaded: dict[str, bytes]) -> None:
    assert not {"staticTabs", "configurableTabs", "authorization"} & json.loads(uploaded["manifest.json"]).keys()


def test_tickets_can_be_searched_and_made_from_a_message_and_links_of_the_desk_unfold(
    uploaded: dict[str, bytes],
) -> None:
    (extension,) = json.loads(uploaded["manifest.json"])["composeExtensions"]
    search, create = extension["commands"]
    assert extension["botId"] == APP_ID
    assert (search["id"], search["type"], search["initialRun"]) == ("searchTickets", "query", True)
    assert [parameter["name"] for parameter in search["parameters"]] == ["q"]
    assert (create["id"], create["type"], create["fetchTask"]) == ("createTicket", "action", True)
    assert create["context"] == ["message", "compose", "commandBox"]
    assert extension["messageHandlers"] == [{"type": "link", "value": {"domains": ["desk.contoso.example"]}}]


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("de", ["Tickets suchen", "Nummer oder Stichwort", "Ticket anlegen"]),
        ("en", ["Search tickets", "Number or words", "Create ticket"]),
    ],
)
def test_everyone_reads_the_extensions_commands_in_their_own_language(
    uploaded: dict[str, bytes], language: str, titles: list[str]
) -> None:
    texts = json.loads(uploaded[f"{language}.json"])
    places = ("commands[0]", "commands[0].parameters[0]", "commands[1]")
    assert [texts[f"composeExtensions[0].{place}.title"] for place in places] == titles


@pytest.mark.parametrize("language", ["de", "en"])
def test_everyone_is_offered_the_words_of_their_own_language(uploaded: dict[str, bytes], language: str) -> None:
    assert words(json.loads(uploaded[f"{language}.json"])) == GOLDEN_WORDS[language]


def test_readers_of_other_languages_see_the_manifest_in_english(uploaded: dict[str, bytes]) -> None:
    manifest = json.loads(uploaded["manifest.json"])
    english = json.loads(uploaded["en.json"])
    assert manifest["name"] == {"short": "IT Service", "full": english["name.full"]}
    titles = [[command["title"] for command in listed["commands"]] for listed in manifest["bots"][0]["commandLists"]]
    assert titles == GOLDEN_WORDS["en"]


def test_the_desk_is_called_in_each_language_what_the_company_calls_it(uploaded: dict[str, bytes]) -> None:
    assert json.loads(uploaded["en.json"])["name.short"] == "IT Service"
    assert json.loads(uploaded["de.json"])["name.short"] == "IT-Service"


def test_a_desk_with_one_name_has_it_in_both_languages(tmp_path: Path) -> None:
    build(Configured(), "Helpdesk", tmp_path / "desk.zip", version="1.0.0")
    files = opened(tmp_path / "desk.zip")
    assert [json.loads(files[file])["name.short"] for file in ("de.json", "en.json")] == ["Helpdesk", "Helpdesk"]


def test_a_desk_named_in_german_only_has_that_name_in_english_too(tmp_path: Path) -> None:
    build(Configured(), {"de": "Auskunft"}, tmp_path / "desk.zip", version="1.0.0")
    assert json.loads(opened(tmp_path / "desk.zip")["manifest.json"])["name"]["short"] == "Auskunft"


def test_no_character_of_a_desk_name_can_change_the_manifest(tmp_path: Path) -> None:
    build(Configured(), '"}, ${app_id} \\ ä', tmp_path / "desk.zip", version="1.0.0")
    assert json.loads(opened(tmp_path / "desk.zip")["manifest.json"])["name"]["short"] == '"}, ${app_id} \\ ä'


def test_building_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        build(Configured(), "IT-Service", tmp_path / name, version="1.0.0")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_version_is_the_products_own_in_three_numbers(tmp_path: Path) -> None:
    build(Configured(), "IT-Service", tmp_path / "desk.zip")
    version = json.loads(opened(tmp_path / "desk.zip")["manifest.json"])["version"]
    assert version in (SOURCES.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert version.replace(".", "").isdigit()


def test_an_address_with_port_and_path_leaves_host_and_port_as_the_domain(tmp_path: Path) -> None:
    settings = Configured(public_url="https://Desk.contoso.example:8443/support/")
    build(settings, "IT-Service", tmp_path / "desk.zip", version="1.0.0")
    manifest = json.loads(opened(tmp_path / "desk.zip")["manifest.json"])
    assert manifest["validDomains"] == ["desk.contoso.example:8443"]
    assert manifest["developer"]["privacyUrl"] == "https://Desk.contoso.example:8443/support"


@pytest.mark.parametrize("app_id", [None, ""])
def test_the_demo_without_an_app_id_is_told_what_is_missing(tmp_path: Path, app_id: str | None) -> None:
    assert "MicrosoftAppId is not set" in refusal(tmp_path / "desk.zip", Configured(app_id=app_id))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (Configured(app_id="my-bot"), "MicrosoftAppId must be the application (client) id"),
        (Configured(public_url=None), "TICKETBOT_PUBLIC_URL is not set"),
        (Configured(public_url="http://localhost:3978"), "TICKETBOT_PUBLIC_URL must be an https address"),
        (Configured(public_url="https:///desk"), "TICKETBOT_PUBLIC_URL must be an https address"),
        (Configured(public_url="https://mara:secret@desk.example"), "no scheme, path or user name"),
    ],
)
def test_settings_teams_would_refuse_are_refused_here_by_name(
    tmp_path: Path, settings: Configured, sentence: str
) -> None:
    said = refusal(tmp_path / "desk.zip", settings)
    assert sentence in said
    assert "secret" not in said


def test_everything_missing_is_said_at_once(tmp_path: Path) -> None:
    said = refusal(tmp_path / "desk.zip", Configured(app_id=None, public_url=None))
    assert len(said.splitlines()) == 2


def test_a_desk_name_too_long_for_teams_names_the_line_of_the_desk_file(tmp_path: Path) -> None:
    build(Configured(), "x" * 30, tmp_path / "longest.zip", version="1.0.0")
    said = refusal(tmp_path / "desk.zip", desk="x" * 31)
    assert "at most 30. Shorten desk.name in the desk file." in said


def test_a_folder_that_is_not_there_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    said = refusal(tmp_path / "missing" / "desk.zip")
    assert "missing" in said
    assert "No such file or directory" in said


def edited(file: Path, change: Any) -> None:
    content = json.loads(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(json.dumps(content), encoding="utf-8")


EXTENSION = "composeExtensions[0].commands[1].title"
COMMAND = "bots[0].commandLists[0].commands[0].title"


@pytest.mark.parametrize(
    ("file", "change", "sentence"),
    [
        ("de.json", lambda de: de.pop(COMMAND), f"de.json lacks a text for {COMMAND}."),
        ("de.json", lambda de: de.update({COMMAND: " "}), f"de.json has an empty text for {COMMAND}."),
        ("de.json", lambda de: de.update({COMMAND: "x" * 33}), "33 characters for " + COMMAND),
        (
            "de.json",
            lambda de: de.update({"bots[0].commandLists[2].commands[0].title": "mehr"}),
            "which the template does not have",
        ),
        ("de.json", lambda de: de.update({"developer.name": "IT"}), "which Teams does not translate"),
        ("en.json", lambda en: en.update({"description.short": "x" * 81}), "at most 80"),
        ("en.json", lambda en: en.update({COMMAND: "HELP"}), "commandLists[0] offers one word twice"),
        (
            "manifest.template.json",
            lambda it: it["bots"][0]["commandLists"][0]["commands"].extend([{"title": "", "description": ""}] * 7),
            "between 1 and 10 commands",
        ),
        (
            "manifest.template.json",
            lambda it: it["bots"][0].update(scopes=["personal"]),
            "a scope the bot does not have",
        ),
        ("de.json", lambda de: de.pop(EXTENSION), f"de.json lacks a text for {EXTENSION}."),
        ("de.json", lambda de: de.update({EXTENSION: "x" * 33}), "33 characters for " + EXTENSION),
        (
            "manifest.template.json",
            lambda it: it["composeExtensions"][0]["commands"][0].pop("parameters"),
            "between 1 and 5 parameters",
        ),
        (
            "manifest.template.json",
            lambda it: it["composeExtensions"][0]["messageHandlers"][0]["value"].update(domains=["contoso.example"]),
            "a domain that validDomains does not",
        ),
        ("manifest.template.json", lambda it: it.update(accentColor="blue"), "accentColor"),
        ("manifest.template.json", lambda it: it["developer"].update(privacyUrl="http://a.example"), "privacyUrl"),
        ("manifest.template.json", lambda it: it.update(version="${release}"), "release"),
        ("manifest.template.json", lambda it: it.pop("webApplicationInfo"), "webApplicationInfo"),
        ("manifest.template.json", lambda it: it["icons"].update(color="logo.png"), "logo.png cannot be read"),
    ],
)
def test_an_edited_source_that_teams_would_refuse_is_refused_with_its_place(
    tmp_path: Path, sources: Path, file: str, change: Any, sentence: str
) -> None:
    edited(sources / file, change)
    assert sentence in refusal(tmp_path / "desk.zip", version="1.0.0", source=sources)


def test_a_further_language_is_one_more_file(tmp_path: Path, sources: Path) -> None:
    shutil.copy(sources / "en.json", sources / "fr.json")
    build(Configured(), {"en": "Support", "fr": "Assistance"}, out := tmp_path / "desk.zip", source=sources)
    with zipfile.ZipFile(out) as package:
        info = json.loads(package.read("manifest.json"))["localizationInfo"]
        assert {"languageTag": "fr", "file": "fr.json"} in info["additionalLanguages"]
        assert "Assistance" in package.read("fr.json").decode()


def test_a_source_that_is_no_json_is_named(tmp_path: Path, sources: Path) -> None:
    (sources / "de.json").write_text("{", encoding="utf-8")
    assert "de.json is not JSON" in refusal(tmp_path / "desk.zip", version="1.0.0", source=sources)


def test_a_version_teams_cannot_compare_is_refused(tmp_path: Path) -> None:
    assert "three numbers" in refusal(tmp_path / "desk.zip", version="1.4")


@pytest.mark.parametrize(
    ("kind", "replaced_by", "sentence"),
    [
        ("outline", "color.png", "outline.png is 192 × 192 pixels; Teams wants 32 × 32"),
        ("color", "outline.png", "color.png is 32 × 32 pixels; Teams wants 192 × 192"),
        ("color", "de.json", "color.png is not a PNG file"),
    ],
)
def test_an_icon_of_the_wrong_kind_is_refused(
    tmp_path: Path, sources: Path, kind: str, replaced_by: str, sentence: str
) -> None:
    shutil.copy(SOURCES / replaced_by, sources / f"{kind}.png")
    assert sentence in refusal(tmp_path / "desk.zip", version="1.0.0", source=sources)


def test_a_damaged_icon_is_refused_whatever_byte_is_missing(tmp_path: Path, sources: Path) -> None:
    whole = (SOURCES / "outline.png").read_bytes()
    for kept in range(8, len(whole) - 60, 37):
        (sources / "outline.png").write_bytes(whole[:kept])
        assert "outline.png is a damaged PNG" in refusal(tmp_path / "desk.zip", version="1.0.0", source=sources)


def test_the_outline_is_drawn_in_white_alone_and_the_colour_icon_covers_its_square() -> None:
    outline = png.read((SOURCES / "outline.png").read_bytes())
    color = png.read((SOURCES / "color.png").read_bytes())
    assert outline.only_white_on_transparent()
    assert set(color.pixels[3::4]) == {255}


@pytest.mark.parametrize(
    ("colour", "alphas"), [(b"\xff\xff\xfe", (0, 255)), (b"\xff\xff\xff", (255,)), (b"\xff\xff\xff", (0,))]
)
def test_an_outline_that_is_not_white_on_transparent_is_refused(
    tmp_path: Path, sources: Path, colour: bytes, alphas: tuple[int, ...]
) -> None:
    pixels = [colour + bytes([alphas[at % len(alphas)]]) for at in range(32 * 32)]
    (sources / "outline.png").write_bytes(drawn(32, pixels))
    said = refusal(tmp_path / "desk.zip", version="1.0.0", source=sources)
    assert said == "outline.png must be pure white on a transparent background."


def drawn(side: int, pixels: list[bytes]) -> bytes:
    rows = b"".join(b"\0" + b"".join(pixels[at : at + side]) for at in range(0, len(pixels), side))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_every_placeholder_is_filled(uploaded: dict[str, bytes]) -> None:
    assert not [name for name in ("manifest.json", "de.json", "en.json") if b"${" in uploaded[name]]


def test_the_app_can_be_added_to_private_and_shared_channels(uploaded: dict[str, bytes]) -> None:
    assert json.loads(uploaded["manifest.json"])["supportsChannelFeatures"] == "tier1"


def microsofts(name: str) -> Any:
    version = json.loads((SOURCES / "manifest.template.json").read_text(encoding="utf-8"))["manifestVersion"]
    found = published.schema(version, name)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("Microsoft's manifest schema is missing: make installs it where Node.js is there")
    if found is None:
        pytest.skip("no Microsoft manifest schema here: make installs it where Node.js is there")
    return jsonschema.Draft4Validator(found)


def test_the_manifest_satisfies_microsofts_schema(uploaded: dict[str, bytes]) -> None:
    validator = microsofts(published.MANIFEST)
    manifest = json.loads(uploaded["manifest.json"])
    assert list(validator.iter_errors(manifest)) == []
    assert list(validator.iter_errors(manifest | {"surprise": 1})) != []


@pytest.mark.parametrize("language", ["de", "en"])
def test_each_language_file_satisfies_microsofts_schema(uploaded: dict[str, bytes], language: str) -> None:
    validator = microsofts(published.LANGUAGE)
    texts = json.loads(uploaded[f"{language}.json"])
    assert list(validator.iter_errors(texts)) == []
    assert list(validator.iter_errors(texts | {"bots[0].surprise": "1"})) != []


def test_a_departure_only_microsofts_schema_knows_is_refused_where_it_is_at_hand(tmp_path: Path, sources: Path) -> None:
    microsofts(published.MANIFEST)
    edited(sources / "manifest.template.json", lambda it: it.update(surprise=1))
    assert "breaks Microsoft's schema" in refusal(tmp_path / "desk.zip", version="1.0.0", source=sources)

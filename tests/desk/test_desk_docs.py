"""The guides name everything an operator can write, and their examples are right."""

import re
from pathlib import Path

import pytest
import yaml

from app.clouds import CLOUDS
from app.desk.load import load_text
from app.desk.schema import json_schema

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "desk-file.md").read_text(encoding="utf-8")
SETTINGS = (DOCS / "settings.md").read_text(encoding="utf-8")


def test_every_key_of_the_desk_file_is_explained() -> None:
    schema = json_schema()
    keys = {key for part in schema["$defs"].values() for key in part.get("properties", {})} | set(schema["properties"])
    assert {key for key in keys if not re.search(rf"\b{key}\b", GUIDE)} == set()


@pytest.mark.parametrize("section", ["calendars", "categories", "targets", "escalation"])
def test_the_examples_in_the_guide_are_right(desk_text: str, section: str) -> None:
    [example] = re.findall(rf"```yaml\n({section}:\n.*?)```", GUIDE, re.DOTALL)
    desk = yaml.safe_load(desk_text)
    for line in ("platform", "management"):
        desk["lines"][line] = desk["lines"]["network"] | {"channel": line}
    written = yaml.safe_load(example)[section]
    desk[section] = desk[section] | written if isinstance(written, dict) else written
    assert load_text(yaml.safe_dump(desk))


def test_every_address_a_cloud_sets_is_in_the_guide() -> None:
    hosts = {host for cloud in CLOUDS.values() for host in (*cloud.service_hosts, *cloud.file_hosts)}
    addresses = {
        re.sub(r"^https://|/v1/.*$", "", address)
        for cloud in CLOUDS.values()
        for address in (cloud.login_url, cloud.openid_metadata_url, cloud.token_issuer, cloud.graph_url)
    }
    assert {host for host in hosts | addresses if host not in SETTINGS} == set()

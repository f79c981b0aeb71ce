"""What a right desk file means: the values the rest of the program reads."""

import json
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml

import app.desk
from app.desk.load import load, load_text
from app.desk.report import report
from app.desk.schema import json_schema
from app.desk.values import Label
from app.domain.calendar import Span
from app.domain.duration import Duration
from app.domain.priority import Priority
from app.domain.ticket import Kind

EXAMPLES = sorted((Path(app.desk.__file__).parent / "examples").glob("*.yaml"))


def test_a_name_is_told_in_the_readers_language_else_in_the_desks(desk_text: str) -> None:
    desk = load_text(desk_text)
    other = desk.categories["other"].name
    assert (other.text("de"), other.text("en"), other.text("fr")) == ("Sonstiges", "Other", "Sonstiges")
    assert desk.name.text("en") == "IT-Service"
    assert desk.name.texts == {"de": "IT-Service"}
    assert Label({"en": "Only English"}, "de").text("de") == "Only English"


def test_words_that_yaml_would_bend_stay_what_was_written(desk_text: str) -> None:
    text = desk_text.replace("name: Network", "name: 0123").replace("en: Other", "en: no").replace("lea-1", "0017")
    desk = load_text(text)
    assert desk.lines["network"].name.text("de") == "0123"
    assert desk.categories["other"].name.text("en") == "no"
    assert desk.lines["first"].lead == "0017"


def test_a_working_day_keeps_its_unit_and_plain_days_have_24_hours(desk_text: str) -> None:
    desk = load_text(desk_text.replace("admins: [ada-1]", "admins: [ada-1]\n  reopen_for: 3d"))
    assert desk.targets[Priority.P3].resolution == Duration(2, "d")
    assert (desk.targets[Priority.P3].resolution.days, desk.targets[Priority.P3].resolution.seconds) == (2, 0)
    assert (desk.targets[Priority.P1].first_response.days, desk.targets[Priority.P1].first_response.seconds) == (0, 900)
    assert desk.desk.reopen_for == timedelta(days=3)
    assert load_text(desk_text).desk.reopen_for == timedelta(days=14)
    assert desk.pings.remind_after == timedelta(minutes=10)


def test_weekly_hours_keep_breaks_and_run_over_midnight(desk_text: str) -> None:
    desk = load_text(desk_text.replace('{mon-sun: ["00:00-24:00"]}', '{fri-mon: ["22:00-06:00"]}'))
    assert desk.calendars["office"].hours[0] == (Span(480, 720), Span(780, 1020))
    assert desk.calendars["office"].hours[5] == ()
    night = desk.calendars["always"].hours
    assert [day for day, spans in enumerate(night) if spans] == [0, 4, 5, 6]
    assert night[0] == (Span(1320, 1800),)
    assert desk.calendars["office"].holidays == ("DE-BY",)


def test_a_line_promises_the_desks_targets_unless_it_has_its_own(desk_text: str) -> None:
    own = "    lead: noa-1\n    targets:\n      P1: {acceptance: 5m}\n"
    desk = load_text(desk_text.replace("    lead: noa-1\n", own))
    network = desk.target("network", Priority.P1)
    assert (network.acceptance, network.resolution) == (Duration(5, "m"), Duration(4, "h"))
    assert (network.acceptance.seconds, network.resolution.seconds) == (300, 4 * 3600)
    assert network.calendar == "always"
    assert desk.target("first", Priority.P1).acceptance == Duration(10, "m")
    assert desk.target("first", Priority.P2).calendar == "office"


def test_choices_have_ids_that_stay_and_names_that_are_shown(desk_text: str) -> None:
    choices = "type: choice, choices: {laptop: Laptop, pc: {de: Rechner, en: Computer}}"
    device, plain = (
        load_text(desk_text.replace("type: text", text)).categories["vpn"].fields[0].choices
        for text in (choices, "type: choice, choices: [yes, no]")
    )
    assert [(choice.id, choice.name.text("en")) for choice in device] == [("laptop", "Laptop"), ("pc", "Computer")]
    assert [choice.id for choice in plain] == ["yes", "no"]


def test_a_channel_may_be_left_out_and_bound_later(desk_text: str) -> None:
    desk = load_text(desk_text.replace("    channel: channel-2\n    team: team-1\n", ""))
    assert desk.lines["network"].channel is None
    assert desk.lines["first"].channel == "channel-1"


def test_a_management_line_may_name_people_instead_of_a_channel(desk_text: str) -> None:
    place = "    level: 2\n    name: Network\n    channel: channel-2\n    team: team-1\n"
    people = "    level: 4\n    name: Management\n    people: [bo-1, bo-2]\n"
    assert load_text(desk_text.replace(place, people)).lines["network"].people == ("bo-1", "bo-2")


def test_what_is_left_out_has_a_default(desk_text: str) -> None:
    desk = load_text(desk_text[: desk_text.index("escalation:")])
    assert desk.escalation == ()
    assert (desk.pings.reminders, desk.pings.loops) == (2, 5)
    assert desk.categories["vpn"].kinds == (Kind.INCIDENT, Kind.REQUEST)
    assert desk.categories["vpn"].active


def test_the_default_route_may_be_a_safety_net_that_other_rules_leave_nothing_for(desk_text: str) -> None:
    routes = "  - when: {category: [vpn, other]}\n    line: network\n"
    rule = "  - when: {category: vpn, words: [offline, outage]}\n    line: network\n"
    assert len(load_text(desk_text.replace(rule, routes)).routing) == 2


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_shipped_examples_are_right_for_the_program_and_for_editors(path: Path) -> None:
    assert load(path).routing
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), json_schema())


def test_the_company_example_shows_all_five_levels() -> None:
    company = next(load(path) for path in EXAMPLES if path.stem == "company")
    assert {line.level for line in company.lines.values()} == {0, 1, 2, 3, 4}


def test_an_editor_marks_what_the_program_refuses(desk_text: str) -> None:
    schema = json.loads(json.dumps(json_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    right = yaml.safe_load(desk_text)
    jsonschema.validate(right, schema)
    for section, entry, key, wrong in (
        ("lines", "network", "leed", "noa-1"),
        ("lines", "network", "id", "network"),
        ("lines", "network", "level", 7),
        ("targets", "P1", "resolution", "4 hours"),
        ("categories", "vpn", "name", {"fr": "x"}),
        ("calendars", "office", "hours", {"monday": ["08:00-12:00"]}),
        ("calendars", "office", "closed", ["24.12.2026"]),
    ):
        document = yaml.safe_load(desk_text)
        document[section][entry][key] = wrong
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document, schema)


def test_the_check_command_names_lines_that_still_wait_for_their_channel(desk_text: str, tmp_path: Path) -> None:
    path = tmp_path / "desk.yaml"
    path.write_text(desk_text.replace("    channel: channel-2\n    team: team-1\n", ""), encoding="utf-8")
    told = report(path)
    assert told.usable
    assert told.sentences == (
        "desk.yaml: 2 lines, 2 categories, 2 routing rules.",
        "desk.yaml: without a channel until bound in Teams: network.",
    )


def test_the_check_command_prints_every_problem_with_its_line(desk_text: str, tmp_path: Path) -> None:
    path = tmp_path / "desk.yaml"
    path.write_text(desk_text.replace("DE-BY", "DE-BX").replace("loops: 5", "loops: 9"), encoding="utf-8")
    told = report(path)
    assert not told.usable
    assert told.sentences == (
        "desk.yaml:9: DE has no state BX.",
        "desk.yaml:53: pings.loops must be at most 5.",
    )

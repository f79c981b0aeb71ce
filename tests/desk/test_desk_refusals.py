"""A wrong desk file is refused at its line, with the sentence that says how to mend it.

In each case a piece of a right file is replaced; `# here` marks the line that must be named.
"""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.desk.load import load, load_text
from app.desk.problems import DeskFileError

DEFAULT_ROUTE = "  - line: first\n"
VPN_ROUTE = "  - when: {category: vpn, words: [offline, outage]}\n    line: network\n"
DEVICE = "      - {id: device, name: Device, type: text}\n"
NETWORK_PLACE = "    channel: channel-2\n    team: team-1\n    calendar: office\n    lead: noa-1\n"

VALUES: dict[str, tuple[str | int, ...]] = {
    "a misspelt key": ("    level: 2\n", "    level: 2\n    leed: noa-1 # here\n", "did you mean lead?"),
    "a misspelt section": ("pings:", "pongs: {} # here\npings:", "pongs is unknown"),
    "a level beyond four": ("    level: 2\n", "    level: 5 # here\n", "at most 4"),
    "a level in words": ("    level: 2\n", "    level: two # here\n", "whole number"),
    "a missing name": (
        "  network:\n    level: 2\n    name: Network\n",
        "  network: # here\n    level: 2\n",
        "is missing",
    ),
    "an empty name": ("name: Network\n", "name: '' # here\n", "must not be empty"),
    "a name too long for a card": ("name: Network\n", f"name: {'x' * 61} # here\n", "at most 60 characters"),
    "a name in an unknown language": ("name: Network\n", "name: {fr: Réseau} # here\n", "unknown language fr"),
    "an unknown desk language": ("language: de\n", "language: fr # here\n", "one of de, en"),
    "a missing language": ("  language: de\n", "", "desk.language is missing", 1),
    "an unknown time zone": ("Europe/Berlin\n", "Europe/Berln # here\n", "did you mean Europe/Berlin?"),
    "a time zone that is a folder": ("Europe/Berlin\n", "Europe # here\n", "no time zone Europe"),
    "an admin by e-mail": ("admins: [ada-1]", "admins: [ada@example.com] # here", "not a name or an e-mail"),
    "no admin": ("admins: [ada-1]", "admins: [] # here", "must not be empty"),
    "an unknown day": ("{mon-fri: [", "{ # here\n      mon-fry: [", "unknown day mon-fry"),
    "a time that is none": ('"08:00-12:00"', '"8-12"', "write it like 08:00-17:00"),
    "an hour that is none": ('"08:00-12:00"', '"08:00-25:00"', "no span of a day"),
    "times that overlap": ('"13:00-17:00"', '"11:00-17:00"', "overlap on mon"),
    "a night shift into the next day's shift": ('"13:00-17:00"', '"22:00-09:00"', "overlap on tue"),
    "a day named twice": ('{mon-fri: ["08:00-12:00"', '{mon: ["08:00-09:00"], mon-fri: ["08:00-12:00"', "mon twice"),
    "a target of nothing": ("first_response: 1h", "first_response: 0m", "longer than nothing"),
    "a target above one year": ("resolution: 5d", "resolution: 400d", "one year"),
    "an acceptance above one year": ("acceptance: 30m", "acceptance: 9000h", "one year"),
    "a line's own target above one year": (
        "    lead: noa-1\n",
        "    lead: noa-1\n    targets:\n      P1: {resolution: 367d} # here\n",
        "one year",
    ),
    "a closing day that is none": ("holidays: DE-BY", "closed: [2026-05-01, 2026-02-30] # here", "2026-02-30, which"),
    "a closing day in another order": ("holidays: DE-BY", "closed: 24.12.2026 # here", "write 2026-12-24"),
    "a closing day without its year": ("holidays: DE-BY", "closed: [12-24..12-31] # here", "write 2026-12-24"),
    "a closing that ends before it begins": (
        "holidays: DE-BY",
        "closed: 2026-12-24..2026-01-01 # here",
        "before it begins",
    ),
    "a closing of more than a year": ("holidays: DE-BY", "closed: 2026-01-01..2027-01-02 # here", "one year"),
    "a closing that is no day": ("holidays: DE-BY", "closed: [{a: b}] # here", "must be days like 2026-12-24"),
    "an escalation to nobody": ("tell: [assignee, line]", "tell: []", "must not be empty"),
    "a target in weeks": ("resolution: 5d", "resolution: 1w", "30s, 15m, 4h or 2d"),
    "an unknown priority": (
        "  P4: {",
        "  P4: {first_response: 1d, resolution: 5d, acceptance: 4h}\n  P5: { # here\n    ",
        "P1, P2",
    ),
    "a share that is none": ("at: 75%", "at: 75", "percentage"),
    "a share that never comes": (
        "{clock: acceptance, at: 100%",
        "{clock: next_update, at: 150%, tell: [admin]} # here\n  - {clock: acceptance, at: 100%",
        "100% or less",
    ),
    "an unknown clock": ("{clock: acceptance", "{clock: patience", "one of first_response"),
    "too many loops": ("loops: 5", "loops: 6", "at most 5"),
    "an id with a capital letter": ("  other:\n", "  Other: # here\n", "small letter"),
    "an unknown field type": ("type: text}", "type: number}", "one of text, choice, date, yes_no"),
    "too many fields": (
        DEVICE,
        "".join(DEVICE.replace("device", f"d{i}") for i in range(11)),
        "at most 10 entries",
        33,
    ),
    "a rule without a line": ("    line: network\n", "", "routing.line is missing", 39),
    "an unknown kind": ("{category: vpn, words", "{kind: question, words", "incident, request"),
    "an unknown condition": ("{category: vpn, words", "{categroy: vpn, words", "did you mean category?"),
    "a plain list for a mapping": (
        "pings: {remind_after: 10m, reminders: 2, loops: 5}",
        "pings: [] # here",
        "a mapping",
    ),
}

WHOLE: dict[str, tuple[str | int, ...]] = {
    "a calendar without a working hour": ('{mon-sun: ["00:00-24:00"]}', "{} # here", "no working hour"),
    "a calendar of days without times": ('{mon-sun: ["00:00-24:00"]}', "{mon-sun: []} # here", "no working hour"),
    "a calendar that is closed all year": (
        "holidays: DE-BY",
        "holidays: DE-BY\n    closed: [2026-01-02..2026-12-24, 2026-12-28..2026-12-31] # here",
        "closed on all its working days of 2026",
    ),
    "an unknown time zone of a calendar": (
        "holidays: DE-BY",
        "holidays: DE-BY\n    timezone: America/NewYork # here",
        "did you mean America/New_York?",
    ),
    "holidays by another spelling": ("holidays: DE-BY", "holidays: [DE, de_by] # here", "did you mean DE-BY?"),
    "holidays of a misspelt state": ("holidays: DE-BY", "holidays: DE-Augsberg # here", "did you mean Augsburg?"),
    "holidays of no country": ("holidays: DE-BY", "holidays: XX # here", "public holidays"),
    "holidays of no state": ("holidays: DE-BY", "holidays: DE-BX # here", "no state BX"),
    "an unknown calendar": (
        "    calendar: office\n    lead: noa-1",
        "    calendar: ofice # here\n    lead: noa-1",
        "mean office?",
    ),
    "an unknown calendar of a target": ("calendar: always,", "calendar: allways,", "did you mean always?"),
    "an unknown calendar of a line's target": (
        "    lead: noa-1\n",
        "    lead: noa-1\n    targets:\n      P1: {calendar: night} # here\n",
        "no calendar night",
    ),
    "two lines with one channel": ("channel: channel-2", "channel: channel-1 # here", "same channel"),
    "a team without the channel": ("    channel: channel-2\n", "", "network has no channel", 21),
    "a channel without its team": (
        "    channel: channel-2\n    team: team-1\n",
        "    channel: channel-2\n",
        "add team",
        21,
    ),
    "a line nobody would hear of": (NETWORK_PLACE, "    calendar: office\n", "nobody to tell until one is bound", 21),
    "a management line without people": (
        "    level: 2\n    name: Network\n" + NETWORK_PLACE,
        "    level: 4\n    name: Network\n    calendar: office\n    lead: noa-1\n",
        "names no people",
        21,
    ),
    "a route into self-service": ("    level: 2\n", "    level: 0\n", "self-service", 32, 37, 40),
    "people on a line with agents": (
        "    lead: noa-1\n",
        "    lead: noa-1\n    people: [noa-1] # here\n",
        "level 4 only",
    ),
    "an unknown line to escalate to": (
        "    escalate_to: [network]\n    fields",
        "    escalate_to: [netwrok] # here\n    fields",
        "mean network?",
    ),
    "a category that leads nowhere": (
        "  other:\n    name: {de: Sonstiges, en: Other}\n    escalate_to: [network]\n",
        "  other: # here\n    name: Other\n",
        "leads nowhere",
    ),
    "a rule for a category nobody can choose": (
        "    name: VPN\n",
        "    name: VPN\n    active: false\n",
        "not active",
        40,
    ),
    "a field with a form's own id": ("{id: device,", "{id: title,", "used by the form itself"),
    "a field twice": (DEVICE, f"{DEVICE}      - {{id: device, name: Again, type: date}} # here\n", "stands twice"),
    "a choice of nothing": ("type: text}", "type: choice}", "add choices"),
    "choices of a text": ("type: text}", "type: text, choices: {a: A}}", "no choice"),
    "a choice twice": ("type: text}", "type: choice, choices: [a, b, a]}", "a choice twice"),
    "a rule to an unknown line": ("    line: network\n", "    line: netwerk # here\n", "did you mean network?"),
    "a rule for an unknown category": ("{category: vpn, words", "{category: vnp, words", "did you mean vpn?"),
    "no default route": (DEFAULT_ROUTE, "  - {when: {category: other}, line: first} # here\n", "no default route"),
    "a rule after the default route": (
        DEFAULT_ROUTE,
        f"{DEFAULT_ROUTE}  - {{when: {{category: other}}, line: first}} # here\n",
        "(see line 41)",
    ),
    "a rule that a broader one shadows": (
        DEFAULT_ROUTE,
        "  - {when: {category: vpn, kind: incident, words: [vpn outage]}, line: first} # here\n" + DEFAULT_ROUTE,
        "(see line 39)",
    ),
    "a rule that two together shadow": (
        DEFAULT_ROUTE,
        "  - {when: {kind: incident}, line: first}\n  - {when: {kind: request}, line: first}\n"
        "  - {when: {site: Ulm}, line: first} # here\n" + DEFAULT_ROUTE,
        "earlier rules take all its tickets (see line 42)",
    ),
    "a rule whose hours are another's": (
        DEFAULT_ROUTE,
        '  - {when: {hours: {"sat,sun": "00:00-24:00"}}, line: first}\n'
        '  - {when: {hours: {sat: "22:00-06:00"}}, line: network} # here\n' + DEFAULT_ROUTE,
        "(see line 41)",
    ),
    "a rule without hours": (
        DEFAULT_ROUTE,
        "  - {when: {hours: {}}, line: first} # here\n" + DEFAULT_ROUTE,
        "names no hour",
    ),
    "a rule with words of dots": (
        DEFAULT_ROUTE,
        "  - {when: {words: '...'}, line: first} # here\n" + DEFAULT_ROUTE,
        "no letter",
    ),
    "a missing priority": ("  P3: {first_response: 4h, resolution: 2d, acceptance: 2h}\n", "", "no target for P3", 42),
    "an answer promised after the solution": ("first_response: 1h", "first_response: 9h", "later than the resolution"),
    "a promise of more working days than a year has": (
        "resolution: 5d",
        "resolution: 300d",
        "300d takes longer than a year by the calendar office: promise it sooner (see line 7)",
    ),
    "a promise of more working hours than a year has": ("resolution: 8h", "resolution: 2200h", "longer than a year"),
    "a line's own promise by a calendar that seldom works": (
        "    lead: noa-1\n",
        "    lead: noa-1\n    targets:\n      P1: {calendar: office, acceptance: 261d} # here\n",
        "261d takes longer than a year by the calendar office",
    ),
    "an escalation to a misspelt role": (
        "at: 75%, tell: [assignee, lead]",
        "at: 75%, tell: [assignee, leed]",
        "mean lead?",
    ),
    "an escalation that ends at nobody": (
        "{clock: acceptance, at: 100%, tell: [lead]}",
        "{clock: acceptance, at: 100%, tell: [line]}",
        "cannot end at a person",
    ),
    "an escalation that ends at a missing lead": (
        NETWORK_PLACE,
        NETWORK_PLACE.replace("    lead: noa-1\n", ""),
        "acceptance cannot end at a person for network",
        21,
    ),
    "an escalation step twice": ("at: 75%, tell: [assignee, lead]", "at: 100%, tell: [assignee, lead]", "twice", 51),
    "an escalation to an unknown line": (
        "raise_priority: true",
        "raise_priority: true, offer_to: bosses",
        "no line bosses",
    ),
}

TEXTS: dict[str, tuple[str | int, ...]] = {
    "a key twice": (
        "    lead: noa-1\n",
        "    lead: noa-1\n    lead: lea-1 # here\n",
        "stands here twice, first in line 27",
    ),
    "an alias": ("    lead: noa-1\n", "    lead: &noa noa-1\n    deputy: *noa # here\n", "aliases"),
    "a tag": ("    lead: noa-1\n", "    lead: !!python/name:os.system x # here\n", "tag"),
    "a broken bracket": ("admins: [ada-1]", "admins: [ada-1 # here", "missing?"),
    "a control character": ("name: Network", "name: Net\x07work # here", "no text"),
    "a bottomless list": ("name: Network", f"name: {'[' * 40}{']' * 40} # here", "nested"),
}


def refusals(text: str) -> list[tuple[int, str]]:
    with pytest.raises(DeskFileError) as refused:
        load_text(text)
    return [(problem.line, str(problem)) for problem in refused.value.problems]


def changed_line(text: str, before: str) -> int:
    """The line marked `# here`, or else the line where the two texts part."""
    lines = text.splitlines()
    marked = [number for number, line in enumerate(lines, 1) if line.endswith("# here")]
    if marked:
        return marked[0]
    return next(number for number, (a, b) in enumerate(zip(lines, before.splitlines(), strict=False), 1) if a != b)


CASES = {name: case for group in (VALUES, WHOLE, TEXTS) for name, case in group.items()}


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_named_with_its_line(desk_text: str, name: str) -> None:
    old, new, part, *line = CASES[name]
    assert desk_text.count(str(old)) >= 1
    text = desk_text.replace(str(old), str(new), 1)
    told = refusals(text)
    expected = line or [changed_line(text, desk_text)]
    assert [number for number, sentence in told if str(part) in sentence] == expected, told
    assert all(sentence.startswith("desk.yaml:") and sentence.endswith((".", "?")) for _, sentence in told)


def test_a_rule_for_a_kind_its_category_does_not_have_is_refused(desk_text: str) -> None:
    text = desk_text.replace("name: VPN\n", "name: VPN\n    kinds: request\n").replace(
        "words:", "kind: incident, words:"
    )
    assert refusals(text) == [
        (40, "desk.yaml:40: this rule can never match: its category has no tickets of that kind.")
    ]


def test_an_escalation_cannot_hand_a_ticket_to_self_service(desk_text: str) -> None:
    text = desk_text.replace("lines:\n", "lines:\n  help: {level: 0, name: Help, calendar: always}\n")
    text = text.replace("raise_priority: true", "raise_priority: true, offer_to: help")
    assert refusals(text) == [(52, "desk.yaml:52: the line help is self-service: nobody there can take a ticket.")]


def test_a_file_without_a_mistake_is_a_desk(desk_text: str) -> None:
    assert load_text(desk_text).lines["network"].level == 2


def test_every_mistake_is_told_at_once(desk_text: str) -> None:
    """A wrong value hides neither another one nor what does not fit together elsewhere."""
    text = desk_text
    for name in ("a misspelt key", "an unknown time zone", "a calendar without a working hour", "a share that is none"):
        old, new, *_ = CASES[name]
        text = text.replace(str(old), str(new))
    for old, new in (("level: 1\n", "level: one\n"), ("line: network", "line: netwerk"), ("max-1", "max@example.com")):
        text = text.replace(old, new)
    told = " ".join(sentence for _, sentence in refusals(text))
    parts = [
        "leed",
        "Europe/Berln",
        "no working hour",
        "percentage",
        "whole number",
        "netwerk",
        "not a name or an e-mail",
    ]
    assert [part for part in parts if part not in told] == []
    assert len(refusals(text)) == len(parts)


def test_an_entry_that_is_wrong_in_itself_still_counts_as_there(desk_text: str) -> None:
    told = refusals(desk_text.replace("    name: Network\n", ""))
    assert told == [(21, "desk.yaml:21: lines.network.name is missing.")]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "must be a mapping"),
        ("just words", "must be a mapping"),
        ("- a\n- b\n", "must be a mapping"),
        ("desk: 3\n", "desk must be a mapping"),
        ("lines: [1, 2]\n", "lines must be a mapping"),
        ("routing: {a: b}\n", "routing must be a list"),
        ("routing: [1, [2], null]\n", "must be a mapping"),
        ("a: b: c\n", "cannot be read"),
        ("? [a, b]\n: c\n", "single word"),
        ("a: 1\n---\nb: 2\n", "cannot be read"),
    ],
)
def test_what_is_no_desk_file_at_all_is_refused_in_words(text: str, part: str) -> None:
    assert any(part in sentence for _, sentence in refusals(text))


def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("desk: {name: Büro}".encode("latin-1"))
    (tmp_path / "huge.yaml").write_text("#" * 1_000_001)
    for name, part in (
        ("latin.yaml", "UTF-8"),
        ("huge.yaml", "1 MB"),
        ("none.yaml", "cannot be read"),
        (".", "cannot"),
    ):
        with pytest.raises(DeskFileError, match=part):
            load(tmp_path / name)


ODD_VALUES = [
    "",
    "~",
    "[]",
    "{}",
    "[[]]",
    "{a: {b: c}}",
    "x",
    "-1",
    "99999999999999999999",
    "[~]",
    "'\\0'",
    "é",
    "true",
]


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_whatever_is_written_ends_in_a_desk_or_in_sentences_with_lines(desk_text: str, data: st.DataObject) -> None:
    document = yaml.safe_load(desk_text)
    for _ in range(data.draw(st.integers(1, 3))):
        part = document
        while True:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            key = data.draw(st.sampled_from(keys))
            if not isinstance(part[key], dict | list) or not part[key] or data.draw(st.integers(0, 3)) == 0:
                break
            part = part[key]
        part[key] = yaml.safe_load(data.draw(st.sampled_from(ODD_VALUES)) or "''")
    text = yaml.safe_dump(document, allow_unicode=True)
    try:
        load_text(text)
    except DeskFileError as refused:
        assert all(1 <= problem.line <= text.count("\n") + 1 for problem in refused.problems)  # noqa: PT017

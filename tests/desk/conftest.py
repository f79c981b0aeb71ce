"""A small desk that is right, to be made wrong in one place."""

import pytest

DESK = """\
desk:
  name: IT-Service
  language: de
  timezone: Europe/Berlin
  admins: [ada-1]
calendars:
  office:
    hours: {mon-fri: ["08:00-12:00", "13:00-17:00"]}
    holidays: DE-BY
  always:
    hours: {mon-sun: ["00:00-24:00"]}
lines:
  first:
    level: 1
    name: First line
    channel: channel-1
    team: team-1
    calendar: office
    lead: lea-1
    manager: max-1
  network:
    level: 2
    name: Network
    channel: channel-2
    team: team-1
    calendar: office
    lead: noa-1
categories:
  vpn:
    name: VPN
    guideline: {de: Erst neu starten., en: Restart first.}
    escalate_to: [network]
    fields:
      - {id: device, name: Device, type: text}
  other:
    name: {de: Sonstiges, en: Other}
    escalate_to: [network]
routing:
  - when: {category: vpn, words: [offline, outage]}
    line: network
  - line: first
targets:
  P1: {calendar: always, first_response: 15m, resolution: 4h, acceptance: 10m}
  P2: {first_response: 1h, resolution: 8h, acceptance: 30m}
  P3: {first_response: 4h, resolution: 2d, acceptance: 2h}
  P4: {first_response: 1d, resolution: 5d, acceptance: 4h}
escalation:
  - {clock: first_response, at: 50%, tell: [assignee, line]}
  - {clock: first_response, at: 100%, tell: [lead]}
  - {clock: resolution, at: 75%, tell: [assignee, lead]}
  - {clock: resolution, at: 100%, tell: [lead, manager], raise_priority: true}
  - {clock: acceptance, at: 100%, tell: [lead]}
pings: {remind_after: 10m, reminders: 2, loops: 5}
"""


@pytest.fixture(scope="session")
def desk_text() -> str:
    """The text of a desk file without a mistake."""
    return DESK

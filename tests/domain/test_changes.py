"""What each verb makes of a ticket, and what the history says about it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain import lifecycle, requests
from app.domain.errors import NotNow, RatingTooLate, ReopenTooLate
from app.domain.people import Role
from app.domain.priority import Impact, Priority, Urgency
from app.domain.ticket import Kind, PendingReason, Status, Ticket
from app.domain.verbs import Verb
from tests.domain.samples import FORTNIGHT, NOON, OFFER, REQUESTS, a_ticket, after

ONE = NOON + timedelta(hours=1)
UNTIL = date(2026, 11, 27)

# verb, the ticket before, what is different afterwards, what the event says besides old and new
STORIES: list[tuple[Verb, Ticket, dict[str, Any], dict[str, Any]]] = [
    (
        Verb.TAKE,
        a_ticket(),
        {"status": Status.IN_PROGRESS, "assignee": "mara", "assigned_at": ONE},
        {},
    ),
    (Verb.ASSIGN, a_ticket(), {"status": Status.IN_PROGRESS, "assignee": "tom", "assigned_at": ONE}, {}),
    (Verb.ASSIGN, a_ticket(Status.PENDING), {"assignee": "tom", "assigned_at": ONE}, {}),
    (
        Verb.GIVE_BACK,
        a_ticket(Status.PENDING, pending_until=UNTIL),
        {"status": Status.NEW, "assignee": None, "assigned_at": None, "pending_reason": None, "pending_until": None},
        {},
    ),
    (Verb.REPLY, a_ticket(comments=2), {"comments": 3}, {"text": "Bitte neu starten"}),
    (Verb.NOTE, a_ticket(Status.RESOLVED), {"comments": 1}, {"text": "Kennt das jemand?"}),
    (Verb.COMMENT, a_ticket(Status.IN_PROGRESS), {"comments": 1}, {"text": "Immer noch"}),
    (Verb.COMMENT, a_ticket(Status.PENDING), {"comments": 1}, {"text": "Immer noch"}),
    (
        Verb.COMMENT,
        a_ticket(Status.PENDING, pending_reason=PendingReason.REQUESTER, pending_until=UNTIL),
        {"comments": 1, "status": Status.IN_PROGRESS, "pending_reason": None, "pending_until": None},
        {"text": "Immer noch"},
    ),
    (
        Verb.PEND,
        a_ticket(Status.IN_PROGRESS),
        {"status": Status.PENDING, "pending_reason": PendingReason.REQUESTER, "pending_until": UNTIL, "comments": 1},
        {"text": "Welches Gerät?", "reason": "requester", "until": "2026-11-27"},
    ),
    (Verb.RESUME, a_ticket(Status.PENDING), {"status": Status.IN_PROGRESS, "pending_reason": None}, {}),
    (
        Verb.CLASSIFY,
        a_ticket(),
        {
            "category": "other",
            "urgency": Urgency.HIGH,
            "impact": Impact.SITE,
            "kind": Kind.REQUEST,
            "priority": Priority.P1,
        },
        {},
    ),
    (
        Verb.ESCALATE,
        a_ticket(Status.IN_PROGRESS),
        {"offer": replace(OFFER, at=ONE)},
        {"to": "network", "from": "first", "reason": "skill", "tried": "Neu verbunden", "needed": "Tunnel prüfen"},
    ),
    (
        Verb.ACCEPT,
        a_ticket(Status.IN_PROGRESS, offer=OFFER),
        {"line": "network", "line_since": ONE, "offer": None, "assignee": "nina", "assigned_at": ONE},
        {"from": "first"},
    ),
    (
        Verb.RETURN,
        a_ticket(Status.IN_PROGRESS, offer=OFFER),
        {"offer": None, "returned": 1},
        {"from": "network", "to": "first", "reason": "first_line_can", "advice": "Siehe Anleitung 7"},
    ),
    (
        Verb.RESOLVE,
        a_ticket(Status.PENDING, offer=OFFER, pending_until=UNTIL),
        {
            "status": Status.RESOLVED,
            "resolution": "Tunnel neu gestartet",
            "resolved_at": ONE,
            "offer": None,
            "pending_reason": None,
            "pending_until": None,
        },
        {
            "text": "Tunnel neu gestartet",
            "first_line_could": "with_guide",
            "guide": "Erst den Dienst prüfen",
            "offer_ended": "network",
        },
    ),
    (
        Verb.RESOLVE,
        a_ticket(),
        {
            "status": Status.RESOLVED,
            "resolution": "Tunnel neu gestartet",
            "resolved_at": ONE,
            "assignee": "mara",
            "assigned_at": ONE,
        },
        {
            "text": "Tunnel neu gestartet",
            "first_line_could": "with_guide",
            "guide": "Erst den Dienst prüfen",
            "offer_ended": None,
        },
    ),
    (
        Verb.REOPEN,
        a_ticket(Status.RESOLVED),
        {"status": Status.IN_PROGRESS, "resolution": None, "resolved_at": None, "reopened": 1},
        {"text": "Geht wieder nicht"},
    ),
    (
        Verb.EDIT,
        a_ticket(),
        {"title": "VPN bricht ab", "description": "Alle zehn Minuten."},
        {},
    ),
    (
        Verb.WITHDRAW,
        a_ticket(Status.PENDING, offer=OFFER, pending_until=UNTIL),
        {
            "status": Status.WITHDRAWN,
            "closed_at": ONE,
            "offer": None,
            "pending_reason": None,
            "pending_until": None,
        },
        {"offer_ended": "network"},
    ),
    (Verb.CONFIRM, a_ticket(Status.RESOLVED), {"status": Status.CLOSED, "closed_at": ONE}, {}),
    (
        Verb.RATE,
        a_ticket(Status.CLOSED),
        {"rating": 4, "rating_text": "Danke", "rated_at": ONE},
        {"rating": 4, "text": "Danke"},
    ),
]
RECORDED = {
    *("status", "line", "assignee", "category", "urgency", "impact", "kind", "priority", "title", "description"),
    "resolution",
}


def actor_of(verb: Verb) -> str:
    return "nina" if verb in (Verb.ACCEPT, Verb.RETURN) else "mara"


@pytest.mark.parametrize(("verb", "before", "changes", "said"), STORIES)
def test_a_verb_changes_what_it_says_and_nothing_else(
    verb: Verb, before: Ticket, changes: dict[str, Any], said: dict[str, Any]
) -> None:
    ticket, event = after(before, REQUESTS[verb], actor=actor_of(verb))
    assert ticket == replace(before, version=ticket.version, updated_at=ONE, **changes)
    assert (event.code, event.actor, event.at) == (verb.value, actor_of(verb), ONE)
    assert {name: value for name, value in event.data.items() if name not in ("old", "new")} == said


@pytest.mark.parametrize(("verb", "before", "changes", "said"), STORIES)
def test_the_history_tells_the_old_and_the_new_value_of_what_changed(
    verb: Verb, before: Ticket, changes: dict[str, Any], said: dict[str, Any]
) -> None:
    ticket, event = after(before, REQUESTS[verb], actor=actor_of(verb))
    expected = {name for name in changes if name in RECORDED or name.startswith("pending_")}
    assert set(event.data.get("old", {})) == set(event.data.get("new", {})) == expected
    for name in expected:
        old, new = getattr(before, name), getattr(ticket, name)
        assert event.data["old"][name] == (old.isoformat() if isinstance(old, date) else old)
        assert event.data["new"][name] == (new.isoformat() if isinstance(new, date) else new)


@pytest.mark.parametrize(("verb", "before", "changes", "said"), STORIES)
def test_only_what_leaves_an_agents_decision_alone_leaves_the_version_alone(
    verb: Verb, before: Ticket, changes: dict[str, Any], said: dict[str, Any]
) -> None:
    ticket, _ = after(before, REQUESTS[verb], actor=actor_of(verb))
    only_adds = verb in (Verb.REPLY, Verb.NOTE, Verb.RATE) or (verb is Verb.COMMENT and "status" not in changes)
    assert ticket.version == before.version + (0 if only_adds else 1)


def test_every_verb_is_told_above() -> None:
    assert {story[0] for story in STORIES} == set(Verb)


def test_an_offer_that_is_gone_cannot_be_accepted() -> None:
    with pytest.raises(NotNow):
        after(a_ticket(Status.IN_PROGRESS), requests.Accept())


def test_a_resolved_ticket_is_reopened_until_the_last_moment_of_the_window_and_not_after() -> None:
    resolved = a_ticket(Status.RESOLVED)
    again, _ = lifecycle.apply(
        resolved, requests.Reopen("nein"), actor="ada", now=NOON + FORTNIGHT, reopen_for=FORTNIGHT
    )
    assert again.status is Status.IN_PROGRESS
    late = NOON + FORTNIGHT + timedelta(seconds=1)
    with pytest.raises(ReopenTooLate):
        lifecycle.apply(resolved, requests.Reopen("nein"), actor="ada", now=late, reopen_for=FORTNIGHT)


def test_a_reopened_ticket_that_nobody_had_waits_in_the_queue_again() -> None:
    again, _ = after(a_ticket(Status.RESOLVED, assignee=None), requests.Reopen("nein"))
    assert again.status is Status.NEW
    assert Verb.TAKE in lifecycle.offered(again, Role.AGENT)


def test_a_rating_is_corrected_for_a_day_counted_from_the_first_one() -> None:
    first, _ = after(a_ticket(Status.CLOSED), requests.Rate(1, "schlecht"), hours=0)
    second, _ = after(first, requests.Rate(3, "doch"), hours=23)
    assert (second.rating, second.rated_at) == (3, NOON)
    third, _ = after(second, requests.Rate(5, ""), hours=24)
    assert third.rating == 5
    with pytest.raises(RatingTooLate):
        after(third, requests.Rate(1, ""), hours=24.1)


def test_a_taken_over_ticket_that_waits_keeps_waiting() -> None:
    accepted, _ = after(a_ticket(Status.PENDING, offer=OFFER), requests.Accept(), actor="nina")
    assert (accepted.status, accepted.assignee, accepted.line) == (Status.PENDING, "nina", "network")

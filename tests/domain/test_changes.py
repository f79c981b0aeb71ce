"""What each verb makes of a ticket, and what the history says about it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.errors import NotNow, RatingTooLate, ReopenTooLate
from app.domain.people import Role
from app.domain.priority import Impact, Priority, Urgency
from app.domain.ticket import EscalationReason, Gravity, Kind, PendingReason, Status, Ticket, Wait
from app.domain.verbs import Verb
from app.store.event_data import encode
from tests.domain.samples import FORTNIGHT, NOON, OFFER, REQUESTS, a_ticket, after
from tests.support import lifecycle, requests

ONE = NOON + timedelta(hours=1)
UNTIL = date(2026, 11, 27)
ASKED = {"pending_reason": PendingReason.REQUESTER, "pending_until": UNTIL, "waits": (Wait(NOON),)}
# the first response is given, and the next news is promised from then on
HEARD: dict[str, Any] = {"responded_at": ONE, "promised_since": ONE}
ANSWERED: dict[str, Any] = {"responded_at": NOON, "promised_since": NOON, "promises_missed": 2}
PROMISED_ANEW: dict[str, Any] = {"promised_since": ONE, "promises_missed": 0}

# verb, the ticket before, what is different afterwards, what the event says besides old and new
STORIES: list[tuple[Verb, Ticket, dict[str, Any], dict[str, Any]]] = [
    (
        Verb.TAKE,
        a_ticket(),
        {"status": Status.IN_PROGRESS, "assignee": "mara", "assigned_at": ONE, **HEARD},
        {},
    ),
    (
        Verb.TAKE,
        a_ticket(promised_since=NOON, promises_missed=1),
        {"status": Status.IN_PROGRESS, "assignee": "mara", "assigned_at": ONE, **HEARD, **PROMISED_ANEW},
        {},
    ),
    (
        Verb.LINK,
        a_ticket(Status.IN_PROGRESS),
        {"is_linked": True},
        {"other": 1000, "relation": "child_of", "number": "INC-1000"},
    ),
    (Verb.UNLINK, a_ticket(is_linked=True), {}, {"relation": "child_of", "number": "INC-1000"}),
    (Verb.ASSIGN, a_ticket(), {"status": Status.IN_PROGRESS, "assignee": "tom", "assigned_at": ONE}, {}),
    (Verb.ASSIGN, a_ticket(Status.PENDING), {"assignee": "tom", "assigned_at": ONE}, {}),
    (
        Verb.ASSIGN,
        a_ticket(Status.PENDING, **ANSWERED),
        {"assignee": "tom", "assigned_at": ONE, **PROMISED_ANEW},
        {},
    ),
    (
        Verb.GIVE_BACK,
        a_ticket(Status.PENDING, pending_until=UNTIL),
        {"status": Status.NEW, "assignee": None, "assigned_at": None, "pending_reason": None, "pending_until": None},
        {},
    ),
    (Verb.REPLY, a_ticket(comments=2), {"comments": 3, **HEARD}, {"text": "Bitte neu starten"}),
    (Verb.REPLY, a_ticket(**ANSWERED), {"comments": 1, **PROMISED_ANEW}, {"text": "Bitte neu starten"}),
    (Verb.NOTE, a_ticket(Status.RESOLVED), {"comments": 1}, {"text": "Kennt das jemand?"}),
    (Verb.COMMENT, a_ticket(Status.IN_PROGRESS), {"comments": 1}, {"text": "Immer noch"}),
    (Verb.COMMENT, a_ticket(Status.PENDING), {"comments": 1}, {"text": "Immer noch"}),
    (
        Verb.COMMENT,
        a_ticket(Status.PENDING, **ASKED, **ANSWERED),
        {
            "comments": 1,
            "status": Status.IN_PROGRESS,
            "pending_reason": None,
            "pending_until": None,
            "waits": (Wait(NOON, ONE),),
            **PROMISED_ANEW,
        },
        {"text": "Immer noch"},
    ),
    (
        Verb.PEND,
        a_ticket(Status.IN_PROGRESS),
        {"status": Status.PENDING, **ASKED, "comments": 1, "waits": (Wait(ONE),), **HEARD},
        {"text": "Welches Gerät?", "reason": "requester", "until": "2026-11-27"},
    ),
    (Verb.RESUME, a_ticket(Status.PENDING), {"status": Status.IN_PROGRESS, "pending_reason": None}, {}),
    (
        Verb.RESUME,
        a_ticket(Status.PENDING, **ASKED),
        {
            "status": Status.IN_PROGRESS,
            "pending_reason": None,
            "pending_until": None,
            "waits": (Wait(NOON, ONE),),
        },
        {},
    ),
    (
        Verb.CLASSIFY,
        a_ticket(),
        {
            "category": "other",
            "urgency": Urgency.HIGH,
            "impact": Impact.SITE,
            "kind": Kind.REQUEST,
            "priority": Priority.P1,
            "target_priority": Priority.P1,
            "impact_changed": True,
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
        {"line": "network", "line_since": ONE, "offer": None, "assignee": "nina", "assigned_at": ONE, **HEARD},
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
            **HEARD,
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
            **HEARD,
        },
        {
            "text": "Tunnel neu gestartet",
            "first_line_could": "with_guide",
            "guide": "Erst den Dienst prüfen",
        },
    ),
    (
        Verb.REOPEN,
        a_ticket(Status.RESOLVED, waits=(Wait(NOON, NOON),), target_priority=Priority.P1, **ANSWERED),
        {
            "status": Status.IN_PROGRESS,
            "resolution": None,
            "resolved_at": None,
            "reopened": 1,
            "running_since": ONE,
            "waits": (),
            "target_priority": Priority.P3,
            **PROMISED_ANEW,
        },
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
    (
        Verb.NUDGE,
        a_ticket(Status.IN_PROGRESS, impact_changed=True, **ANSWERED),
        {"nudged": 1, "impact_changed": False},
        {"reason": "getting_worse"},
    ),
    (
        Verb.NOTIFY_MANAGER,
        a_ticket(Status.IN_PROGRESS, **ANSWERED),
        {},
        {"text": "Die Abteilung steht still"},
    ),
    (
        Verb.TAKE_OVER,
        a_ticket(Status.IN_PROGRESS, offer=OFFER, **ANSWERED),
        {"assignee": "lea", "assigned_at": ONE, **PROMISED_ANEW},
        {},
    ),
]
ACTORS = {Verb.ACCEPT: "nina", Verb.RETURN: "nina", Verb.TAKE_OVER: "lea"}
RECORDED = {
    *("status", "line", "assignee", "category", "urgency", "impact", "kind", "priority", "title", "description"),
    "resolution",
}


def actor_of(verb: Verb) -> str:
    return ACTORS.get(verb, "mara")


@pytest.mark.parametrize(("verb", "before", "changes", "said"), STORIES)
def test_a_verb_changes_what_it_says_and_nothing_else(
    verb: Verb, before: Ticket, changes: dict[str, Any], said: dict[str, Any]
) -> None:
    ticket, event = after(before, REQUESTS[verb], actor=actor_of(verb))
    assert ticket == replace(before, version=ticket.version, updated_at=ONE, **changes)
    assert (event.code, event.actor, event.at) == (verb.value, actor_of(verb), ONE)
    assert {name: value for name, value in encode(event).items() if name not in ("old", "new")} == said


@pytest.mark.parametrize(("verb", "before", "changes", "said"), STORIES)
def test_the_history_tells_the_old_and_the_new_value_of_what_changed(
    verb: Verb, before: Ticket, changes: dict[str, Any], said: dict[str, Any]
) -> None:
    ticket, event = after(before, REQUESTS[verb], actor=actor_of(verb))
    expected = {name for name in changes if name in RECORDED or name.startswith("pending_")}
    stored = encode(event)
    assert set(stored.get("old", {})) == set(stored.get("new", {})) == expected
    for name in expected:
        old, new = getattr(before, name), getattr(ticket, name)
        assert stored["old"][name] == (old.isoformat() if isinstance(old, date) else old)
        assert stored["new"][name] == (new.isoformat() if isinstance(new, date) else new)


@pytest.mark.parametrize(("verb", "before", "changes", "said"), STORIES)
def test_only_what_leaves_an_agents_decision_alone_leaves_the_version_alone(
    verb: Verb, before: Ticket, changes: dict[str, Any], said: dict[str, Any]
) -> None:
    ticket, _ = after(before, REQUESTS[verb], actor=actor_of(verb))
    adds = verb in (Verb.REPLY, Verb.NOTE, Verb.RATE, Verb.NOTIFY_MANAGER)
    only_adds = adds or (verb is Verb.COMMENT and "status" not in changes)
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


@pytest.mark.parametrize("request_", [requests.Accept(), requests.TakeOver(accepts=True)])
def test_an_accepted_ticket_that_waits_keeps_waiting(request_: requests.Request) -> None:
    accepted, event = after(a_ticket(Status.PENDING, offer=OFFER), request_, actor="nina")
    assert (accepted.status, accepted.assignee, accepted.line) == (Status.PENDING, "nina", "network")
    assert (accepted.offer, accepted.line_since, encode(event)["from"]) == (None, ONE, "first")


def test_whoever_is_pinged_about_a_hand_over_that_is_gone_takes_the_ticket_where_it_is() -> None:
    taken, event = after(a_ticket(Status.NEW), requests.TakeOver(accepts=True), actor="lea")
    assert (taken.status, taken.assignee, taken.line) == (Status.IN_PROGRESS, "lea", "first")
    assert "from" not in encode(event)


def test_an_impact_that_was_only_confirmed_gives_no_reason_to_ask_again() -> None:
    same = requests.Classify("vpn", Urgency.HIGH, Impact.ME, Kind.INCIDENT, Priority.P2)
    corrected, _ = after(a_ticket(), same)
    assert not corrected.may_nudge
    assert after(a_ticket(impact_changed=True), same)[0].may_nudge


def test_a_hand_over_into_management_says_how_grave_it_is_and_one_out_of_it_what_prevents_it() -> None:
    grave = requests.Escalate(
        "network",
        EscalationReason.SKILL,
        "a",
        "b",
        gravity=Gravity.LEGAL,
        business_impact="Bußgeld",
        prevention=requests.Prevention("Zweiter Tunnel", "nina", UNTIL),
        policy="abc",
    )
    ticket, event = after(a_ticket(), grave)
    assert ticket.offer is not None
    assert (ticket.offer.gravity, ticket.offer.business_impact, ticket.offer.policy) == (
        Gravity.LEGAL,
        "Bußgeld",
        "abc",
    )
    assert (encode(event)["gravity"], encode(event)["business_impact"]) == ("legal", "Bußgeld")
    assert (encode(event)["prevention"], encode(event)["owner"], encode(event)["due"]) == (
        "Zweiter Tunnel",
        "nina",
        "2026-11-27",
    )


def test_a_reopened_ticket_runs_under_the_policy_of_today_and_any_other_change_leaves_it_alone() -> None:
    resolved = a_ticket(Status.RESOLVED, policy="old")
    assert after(resolved, requests.Reopen("nein", policy="new"))[0].policy == "new"
    assert after(resolved, requests.Reopen("nein"))[0].policy == "old"


@pytest.mark.parametrize("request_", [requests.Resolve("Neu gestartet"), requests.Withdraw()])
def test_the_end_of_a_ticket_ends_its_waiting(request_: requests.Request) -> None:
    ended, _ = after(a_ticket(Status.PENDING, **ASKED), request_)
    assert ended.waits == (Wait(NOON, ONE),)

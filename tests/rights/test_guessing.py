"""Numbers and keys that somebody guesses, or has from somebody else: rows T31 and T37 of the threat table."""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any

from sqlalchemy import Engine, event

from app.services import conversation
from tests.services.prepared import INPUTS, STATES, everything, on, raised
from tests.support.desk import FIRST, FORM, World, button, verbs
from tests.support.inbound import Json, Person

GUESSES = 1000
PINGS = 1
"""Statements that a ticket somebody was pinged about may cost more: one look by an index, a fraction of a click."""
VERBS = (
    "ticket.view",
    "ticket.comment",
    "ticket.comment.form",
    "ticket.edit",
    "ticket.withdraw",
    "ticket.nudge",
    "ticket.rate",
    "ticket.reopen",
    "ticket.take",
    "ticket.note",
    "ticket.resolve.form",
    "offer.accept",
)


class Statements:
    """What the database was asked, with ids left out."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def taken(self) -> list[str]:
        taken, self.seen = self.seen, []
        return taken

    def about_tickets(self) -> int:
        """How many; without what is learnt of people and teams now and then, whatever is asked."""
        return sum(bool(re.search(r"\b(tickets|events|pings|cards|outbox)\b", each)) for each in self.taken())


@contextmanager
def statements() -> Iterator[Statements]:
    """Note every statement of this process."""
    noted = Statements()

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        noted.seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield noted
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def answer_to(desk: World, person: Person, verb: str, data: Json, **where: Any) -> Any:
    status, answer = await desk.post(desk.inbound.card_action(person, verb, data, **where))
    assert status == 200, answer
    return answer


async def tickets_of_everybody(desk: World) -> list[int]:
    """One of the requester's in every state, one confidential, one somebody was pinged about."""
    plain = [await raised(desk, state) for state in STATES]
    return [*plain, await raised(desk, "in_progress", pings=True), await raised(desk, title="Vertraulich")]


async def test_t31_whoever_tries_a_thousand_numbers_finds_none_that_differs(desk: World) -> None:
    """The tickets of others are among them: the same answer to the letter, and the same work to find it."""
    theirs, sam = await tickets_of_everybody(desk), desk.cast.stranger
    await answer_to(desk, sam, "tickets.mine", {})  # the bot has met them
    chance, before = random.Random(31), await everything(desk)
    guessed = theirs + [chance.choice((chance.randrange(10**5), chance.randrange(10**15))) for _ in range(GUESSES)]
    answers, work = set(), set()
    with statements() as asked:
        for turn, number in enumerate(guessed[:GUESSES]):
            if turn % 20 == 0:
                desk.clock.advance(minutes=1)  # somebody patient, whom no limit stops
            asked.taken()
            answers.add(str(await answer_to(desk, sam, "ticket.view", on(number))))
            work.add(asked.about_tickets())
    assert len(answers) == 1, answers
    assert max(work) - min(work) <= PINGS, work
    assert await everything(desk) == before


async def test_t31_no_verb_tells_a_ticket_of_others_from_one_that_does_not_exist(desk: World) -> None:
    theirs, cast = await tickets_of_everybody(desk), desk.cast
    absent, before = max(theirs) + 1000, await everything(desk)
    with statements() as asked:
        for person in (cast.stranger, cast.admin):
            await answer_to(desk, person, "tickets.mine", {})
            for verb in VERBS:
                inputs = INPUTS.get(verb, {})
                answers, work = set(), set()
                desk.clock.advance(minutes=1)
                for number in (absent, *theirs):
                    asked.taken()
                    answers.add(str(await answer_to(desk, person, verb, {**on(number, 1), **inputs})))
                    work.add(asked.about_tickets())
                assert len(answers) == 1, (verb, answers)
                assert max(work) - min(work) <= PINGS, (verb, work)
    assert await everything(desk) == before


async def test_t31_words_searches_and_links_tell_no_more_than_clicks(desk: World) -> None:
    theirs, sam = await tickets_of_everybody(desk), desk.cast.stranger
    absent = max(theirs) + 1000
    said = []
    for number in (absent, *theirs[-4:]):
        desk.clock.advance(seconds=30)
        shown = len(desk.messages(sam.chat_id))
        await desk.write(sam, f"INC-{number}")
        await desk.write(sam, f"erkläre INC-{number}")
        said.append([message.words for message in desk.messages(sam.chat_id)[shown:]])
        _, found = await desk.post(desk.inbound.search(sam, f"INC-{number}"))
        said[-1].append(str(found))
    assert [each for each in said if each != said[0]] == []


# --- T37: keys on cards


async def test_t37_of_a_thousand_guessed_keys_none_has_anybodys_words(desk: World) -> None:
    ada, sam = desk.cast.requester, desk.cast.stranger
    await desk.write(ada, "Mein Drucker brennt")
    [[key]] = await desk.rows("SELECT key FROM drafts")
    near = [key[:-1], key + "0", key.upper(), key.swapcase()[::-1], "", "%", "_" * len(key), "' OR 1=1 --"]
    guesses = [*near, *(token_hex(len(key) // 2) for _ in range(GUESSES))]

    def hits(tx: Any) -> int:
        return sum(conversation.said(tx, sam.aad_id, each) is not None for each in guesses)

    assert await desk.database.read(hits) == 0
    assert len(key) * 4 >= 64, "as many bits as nobody guesses"


async def test_t37_a_key_of_somebody_elses_words_adds_them_to_nothing(desk: World) -> None:
    """Somebody has the key, from a card they saw over a shoulder: it opens nothing for them."""
    ada, sam = desk.cast.requester, desk.cast.stranger
    await desk.write(ada, "Mein Drucker brennt")
    offered = desk.messages(ada.chat_id)[-1]
    data = button(offered.card, "ticket.new")
    form = await answer_to(desk, sam, "ticket.new", data)
    assert "brennt" not in str(form)
    number = await desk.submit(sam)
    for verb in ("ticket.comment", "ticket.comment.form"):
        answer = await answer_to(desk, sam, verb, on(int(number[4:]), draft=data["desk"]["draft"]))
        assert "brennt" not in str(answer)
    assert "brennt" not in str(await desk.rows("SELECT * FROM tickets")) + str(await desk.rows("SELECT * FROM events"))
    assert "brennt" not in desk.words(FIRST)
    assert "brennt" in str(await answer_to(desk, ada, "ticket.new", data))


async def test_t37_a_key_of_somebody_elses_form_gives_nothing_of_theirs(desk: World) -> None:
    """The key makes one ticket of a form sent twice; whoever sends another's gets a ticket of their own."""
    ada, sam = desk.cast.requester, desk.cast.stranger
    form = {"desk": {"form": token_hex(8)}}
    hers = await answer_to(desk, ada, "ticket.submit", {**FORM, "title": "Abmahnung", **form})
    his = await answer_to(desk, sam, "ticket.submit", {**FORM, "title": "Maus", **form})
    assert "Abmahnung" not in str(his)
    assert "Maus" in str(his)
    assert "Maus" not in str(hers)
    assert [row.requester for row in await desk.rows("SELECT requester FROM tickets ORDER BY id")] == [
        ada.aad_id,
        sam.aad_id,
    ]


async def test_t37_a_key_that_no_desk_made_is_a_key_like_any_other(desk: World) -> None:
    """From another installation, or made up: nobody gets an error, and nothing of anybody's."""
    ada, ticket = desk.cast.requester, await raised(desk)
    strange: list[Any] = ["x" * 5000, "../../etc/passwd", "' OR 1=1 --", 5, None, [], {"a": 1}, token_hex(8)]
    for key in strange:
        desk.clock.advance(seconds=30)
        before = await everything(desk)
        card = await answer_to(desk, ada, "ticket.new", {"desk": {"draft": key}})
        assert "ticket.submit" in verbs(card["value"])
        said = {**on(ticket, draft=key), "text": ""}
        await answer_to(desk, ada, "ticket.comment", said)
        assert await everything(desk) == before, key

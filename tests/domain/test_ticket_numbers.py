"""How people write the number of a ticket, wherever they write it."""

import pytest

from app.domain import ticket_number
from app.domain.ticket_number import DIGITS_MAX, Searched

TOO_LONG = "1" * (DIGITS_MAX + 1)


@pytest.mark.parametrize("written", ["INC-12", "inc-12", "Req 12", "REQ12", "12", " 12 ", "inc\t12"])
def test_whoever_fills_in_a_number_may_leave_out_what_does_not_matter(written: str) -> None:
    assert ticket_number.parse(written) == 12


@pytest.mark.parametrize(
    "written", ["", "INC", "INC--12", "#12", "INC-12a", "12 13", "A-12", TOO_LONG, f"INC-{TOO_LONG}"]
)
def test_whoever_fills_in_something_else_has_named_no_ticket(written: str) -> None:
    assert ticket_number.parse(written) is None


@pytest.mark.parametrize("text", ["1042", "#1042", "Ticket 1042", "ticket #1042!", "nr. 1042", "Nr 1042?"])
def test_whoever_types_an_id_alone_means_that_ticket(text: str) -> None:
    assert ticket_number.parse_alone(text) == 1042


@pytest.mark.parametrize("text", ["INC-1042", "1042 again", "2 monitors", "", TOO_LONG])
def test_whoever_types_more_than_an_id_may_mean_something_else(text: str) -> None:
    assert ticket_number.parse_alone(text) is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("12", Searched(12, has_prefix=False)),
        ("#12", Searched(12, has_prefix=False)),
        ("[INC-12]", Searched(12, has_prefix=True)),
        ("req: 12.", Searched(12, has_prefix=True)),
        ("printer 12", None),
        ("", None),
        (TOO_LONG, None),
    ],
)
def test_whoever_searches_may_paste_a_number_with_the_signs_around_it(words: str, expected: Searched | None) -> None:
    assert ticket_number.parse_searched(words) == expected


def test_a_search_is_not_for_the_prefix_that_every_ticket_has() -> None:
    assert ticket_number.without_prefixes("inc-12 printer, REQ 7 incident") == "12 printer, 7 incident"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INC-12 it is back", (12, "it is back")),
        ("req 12: it is back", (12, "it is back")),
        ("INC-12,  and more", (12, "and more")),
        ("INC-12", (12, "")),
        ("12 it is back", None),
        ("see INC-12", None),
        ("INC-12th", None),
    ],
)
def test_what_is_typed_behind_a_number_is_for_that_ticket(text: str, expected: tuple[int, str] | None) -> None:
    assert ticket_number.split_leading(text) == expected


def test_a_sentence_names_every_ticket_that_stands_in_it() -> None:
    text = f"Like INC-12 and req 7, not pinc-3, 5 or INC-{TOO_LONG}; inc12 again"
    assert ticket_number.find_all(text) == [12, 7]
    assert ticket_number.replace_all("Is INC-12 done?", r"\1 ticket") == r"Is \1 ticket done?"


@pytest.mark.parametrize(
    ("path", "ticket"),
    [
        ("/t/INC-12", 12),
        ("/t/req-12/", 12),
        ("/t/INC-12?a=b#c\nd", 12),
        ("/t/12", None),
        ("/t/INC 12", None),
        ("/t/INC-12x", None),
        (f"/t/INC-{TOO_LONG}", None),
    ],
)
def test_a_link_names_its_ticket_whatever_follows_the_number(path: str, ticket: int | None) -> None:
    assert ticket_number.parse_path(path) == ticket

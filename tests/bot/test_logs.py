"""The log: one line per event, whatever is in it."""

import json
import logging
from contextvars import copy_context

import pytest

from app import logs
from tests.support.edge import LogLines

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "text",
    ["a\r\nb", "\x1b[31mred\x1b[0m", '","level":"critical', "\u2028\u0085", "\x00", "\udcff", "\u202egnp\u2066"],
)
def test_t49_nobody_can_write_a_line_of_their_own(log_lines: LogLines, text: str) -> None:
    logs.event("ticket.raised", reason=text)
    (line,) = log_lines.all()
    assert (line["event"], line["level"]) == ("ticket.raised", "info")
    assert not any(code in log_lines.text for code in ("\r", "\x1b", "\x00", "\u2028", "\u202e"))


@pytest.mark.parametrize(
    "text",
    [
        f"Bearer {TOKEN}",
        TOKEN,
        "client_secret=hunter2",
        '{"access_token": "hunter2"}',
        "the secret is sesame-open",
        "https://x/y?sig=hunter2&z=1",
        "ada.lovelace@example.com",
    ],
)
def test_secrets_and_addresses_are_blanked_wherever_they_are_logged(log_lines: LogLines, text: str) -> None:
    logs.event("x", detail=text)
    logging.getLogger("some.library").warning("failed with %s", text)
    assert log_lines.text.count("[redacted]") >= 2
    assert not any(secret in log_lines.text for secret in ("hunter2", "sesame-open", "lovelace", "eyJ"))


def test_a_line_says_what_it_belongs_to(log_lines: LogLines) -> None:
    person = logs.pseudonym("7faf0000-0000-4000-8000-000000000001")

    def send() -> None:
        logs.correlation_id.set("c1")
        logs.ticket.set(1042)
        logs.outbox_id.set(7)
        logs.event("card.sent", status=201, person=person)

    copy_context().run(send)
    (line,) = log_lines.all()
    assert (line["correlation"], line["ticket"], line["outbox"], line["status"]) == ("c1", 1042, 7, 201)
    assert line["person"] == person != "7faf0000-0000-4000-8000-000000000001"
    assert line["time"].endswith("+00:00")


def test_an_error_is_logged_with_its_place_and_without_its_words(log_lines: LogLines) -> None:
    try:
        try:
            raise ValueError("her very own words")
        except ValueError as cause:
            raise RuntimeError("more of her words") from cause
    except RuntimeError as error:
        logs.event("turn.failed", level=logging.ERROR, error=error)
    (line,) = log_lines.all()
    assert [part["type"] for part in line["error"]] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert "test_logs.py" in line["error"][0]["at"][-1]
    assert "very own words" not in log_lines.text
    assert "of her words" not in log_lines.text


def test_the_log_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    root, app = logging.getLogger(), logging.getLogger("app")
    before = root.handlers[:], root.level, app.level, logging.raiseExceptions
    try:
        logs.configure("info", ["sesame-open"])
        logs.event("desk.started", detail="sesame-open")
        logs.event("too.much", level=logging.DEBUG)
    finally:
        root.handlers[:], root.level, app.level, logging.raiseExceptions = before
        logging.getLogger("app").setLevel(before[2])
        root.setLevel(before[1])
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["event"], line["detail"]) == ("desk.started", "[redacted]")

"""Articles are read as their authors mean them."""

import pytest

from app.domain.markdown import Kind, blocks, plain, spans


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("plain words", [("plain words", "")]),
        ("a **b** c", [("a ", ""), ("b", "B"), (" c", "")]),
        ("*a* and _b_", [("a", "I"), (" and ", ""), ("b", "I")]),
        ("***a***", [("a", "BI")]),
        ("**a *b* c**", [("a ", "B"), ("b", "BI"), (" c", "B")]),
        ("*a **b** c*", [("a ", "I"), ("b", "BI"), (" c", "I")]),
        ("__a_b__ c", [("a_b", "B"), (" c", "")]),
        ("snake_case_name", [("snake_case_name", "")]),
        ("2 * 3 * 4", [("2 * 3 * 4", "")]),
        ("**never closed", [("**never closed", "")]),
        (r"\*literal\*", [("*literal*", "")]),
        ("`**code**`", [("**code**", "")]),
        ("![alt](https://x/y.png) text", [("alt text", "")]),
        ("<b>html</b>", [("<b>html</b>", "")]),
        ("", []),
    ],
)
def test_bold_and_italics_are_what_they_are_in_markdown(written: str, read: list[tuple[str, str]]) -> None:
    assert [(span.text, "B" * span.bold + "I" * span.italic) for span in spans(written)] == read


def test_a_text_without_marks_is_what_a_reader_would_read_aloud() -> None:
    assert plain("**Click** [here](https://x.example), then `ok`") == "Click here, then ok"


def test_blocks_are_told_apart() -> None:
    text = "# Title\nwords\ngo on\n\n- point\n  - below\n4. step\n> said\n\n---\n~~~\n# code\n\n1. code\n~~~\nend"
    assert [(block.kind, block.text, block.number, block.depth) for block in blocks(text)] == [
        (Kind.HEADING, "Title", 0, 0),
        (Kind.PARAGRAPH, "words go on", 0, 0),
        (Kind.BULLET, "point", 0, 0),
        (Kind.BULLET, "below", 0, 1),
        (Kind.STEP, "step said", 4, 0),
        (Kind.CODE, "# code\n\n1. code", 0, 0),
        (Kind.PARAGRAPH, "end", 0, 0),
    ]


def test_a_fence_that_is_never_closed_keeps_its_words() -> None:
    assert [(block.kind, block.text) for block in blocks("```\nall\nof it")] == [(Kind.CODE, "all\nof it")]


@pytest.mark.parametrize(
    ("written", "title"),
    [("# C #", "C"), ("## A ## B ##", "A ## B"), ("# ##", "##"), ("# a" + " " * 50_000 + "b", None)],
)
def test_a_heading_ends_before_its_closing_marks_and_takes_no_time(written: str, title: str | None) -> None:
    [block] = blocks(written)
    assert (block.kind, block.text) == (Kind.HEADING, title or written[2:])

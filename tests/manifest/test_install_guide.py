"""The install guide, as far as a machine can follow it."""

import re
from pathlib import Path

from app.desk.load import load_text

DOCS = Path(__file__).parents[2] / "docs"


def test_the_desk_file_of_the_install_guide_is_accepted_as_it_stands() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", (DOCS / "install.md").read_text(encoding="utf-8"), re.DOTALL)
    desk = load_text(example)
    assert [line.channel for line in desk.lines.values()] == [None, None]


def test_every_link_in_the_runbook_leads_to_a_heading_of_it() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.M)
    }
    links = set(re.findall(r"\(#([^)]+)\)", text))
    assert links
    assert links <= headings

"""What `ticketbot check` says about a desk file."""

from pathlib import Path
from typing import NamedTuple

from app.desk.load import load
from app.desk.problems import DeskFileError


class Report(NamedTuple):
    """Whether the file is usable, and the sentences to print."""

    usable: bool
    sentences: tuple[str, ...]


def report(path: Path) -> Report:
    """Return every problem of the file; for a usable one, what it holds and what is still to be bound in Teams."""
    try:
        desk = load(path)
    except DeskFileError as error:
        return Report(False, tuple(map(str, error.problems)))
    counts = f"{len(desk.lines)} lines, {len(desk.categories)} categories, {len(desk.routing)} routing rules"
    unbound = [line.id for line in desk.lines.values() if not line.channel and not line.people and line.level > 0]
    sentences = [f"{path.name}: {counts}."]
    if unbound:
        sentences.append(f"{path.name}: without a channel until bound in Teams: {', '.join(unbound)}.")
    return Report(True, tuple(sentences))

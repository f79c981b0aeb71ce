"""What is wrong with a desk file, in sentences that say how to fix it."""

from collections.abc import Iterable
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing to fix; `line` is 1-based."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class DeskFileError(Exception):
    """The desk file is not usable; `problems` holds everything that is wrong, in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda problem: (problem.line, problem.sentence)))
        super().__init__("\n".join(map(str, self.problems)))

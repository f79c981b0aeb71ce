"""What was measured, against its goal, as one table."""

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from statistics import median

SHOWN = ("aiohttp", "botbuilder-core", "SQLAlchemy", "pydantic", "PyJWT", "orjson", "uvloop")


@dataclass(frozen=True)
class Row:
    """One promise: our rounds, the other side's, and how the two must relate.

    Without another side the goal is about our own median.
    """

    case: str
    unit: str
    ours: Sequence[float]
    goal: float
    at_least: bool
    against: str = "–"
    theirs: Sequence[float] = field(default=())

    @property
    def figure(self) -> float:
        return median(self.ours) / median(self.theirs) if self.theirs else median(self.ours)

    @property
    def is_met(self) -> bool:
        return self.figure >= self.goal if self.at_least else self.figure <= self.goal

    def cells(self) -> list[str]:
        times = "×" if self.theirs else f" {self.unit}"
        sign = "≥" if self.at_least else "≤"
        return [
            self.case,
            f"{_spread(self.ours)} {self.unit}",
            f"{self.against}: {_spread(self.theirs)} {self.unit}" if self.theirs else self.against,
            f"{_short(self.figure)}{times}",
            f"{sign} {_short(self.goal)}{times}",
            "yes" if self.is_met else "NO",
        ]


HEAD = ["case", "ours, median (min–max)", "compared with", "figure", "goal", "met"]


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table whose columns line up in a terminal too."""
    cells = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def circumstances(arguments: Sequence[str], rounds: int) -> str:
    """Return machine, versions and command: what a reader needs to judge the table."""
    versions = ", ".join(f"{name} {_version(name)}" for name in SHOWN)
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return "\n".join(
        [
            f"command: python -m bench {' '.join(arguments)}".rstrip() + f" ({rounds} rounds)",
            f"machine: {_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, load {load}",
            f"python {platform.python_version()} ({sys.implementation.name}); {versions}",
        ]
    )


def _spread(figures: Sequence[float]) -> str:
    if len(figures) == 1:
        return _short(figures[0])
    return f"{_short(median(figures))} ({_short(min(figures))}–{_short(max(figures))})"


def _short(figure: float) -> str:
    if figure >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "–"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as cpu:
            names = [line.partition(":")[2].strip() for line in cpu if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()

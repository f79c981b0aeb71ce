"""The watchdog of the event loop: says what held the loop for so long that everybody had to wait, and where.

The loop notes every `LOOK_SECONDS` that it is alive; a thread looks as often whether it did. Where it did not, the
thread reads which line of which function the loop is in. That works within a call that holds the interpreter, too (a
regular expression): the thread is next when it ends, before another line runs.

What counts is time in which this process could run. A look that comes late, because the process or the machine stood
still, counts no more than the processor time that was used meanwhile; and what the loop's thread waited for a processor
(Linux tells) does not count.
"""

import asyncio
import logging
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Self

from prometheus_client import CollectorRegistry, Counter

from app import logs

BLOCKED_SECONDS_MIN = 0.1
LOOK_SECONDS = 0.025
PUNCTUAL_SECONDS_MAX = 0.075  # a look that comes later than this after the last was held up itself
HANGS_AFTER_SECONDS = 5.0  # such a block may never end: it is reported at once
FRAMES_MAX = 8
_WAITS_FOR_WORK = ("threading.py", "concurrent/futures/thread.py")
_HERE = f"{Path(__file__).parent.parent}{os.sep}"


@dataclass(slots=True)
class _Block:
    """The loop has been late since its sign of life at `beat_at`; `seconds` is what counts of it so far."""

    beat_at: float
    seconds: float = 0.0
    frames: tuple[str, ...] = ()
    is_reported: bool = False

    @property
    def place(self) -> str:
        """The innermost line of the program itself, or of the library where none of its own is in the call."""
        return next((frame for frame in self.frames if frame.startswith("app/")), (*self.frames, "unknown")[0])


class Watchdog:
    """Watches the loop it is entered on, until it is left."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._blocks = Counter(
            "ticketbot_loop_blocks", "How often something held the event loop for over 100 ms.", registry=registry
        )
        self._blocked_seconds = Counter(
            "ticketbot_loop_blocked_seconds", "How long something held the event loop, in all.", registry=registry
        )
        self._left = threading.Event()
        self._beat_at = time.monotonic()
        self._longest_gap = 0.0  # between two signs of life, since the thread looked last
        self._others: tuple[str, ...] = ()
        self._timer: asyncio.TimerHandle | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        loop_thread = _LoopThread(threading.get_ident(), threading.get_native_id())
        self._beat(asyncio.get_running_loop())
        self._thread = threading.Thread(target=self._watch, args=(loop_thread,), name="watchdog", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._left.set()
        if self._timer is not None:
            self._timer.cancel()
        if self._thread is not None:
            self._thread.join()

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        gap, self._beat_at = now - self._beat_at, now
        if gap > BLOCKED_SECONDS_MIN:
            # whichever thread kept the interpreter, and lost it just now, is still where it did
            self._others, self._longest_gap = _frames_of_others(threading.get_ident()), max(self._longest_gap, gap)
        self._timer = loop.call_later(LOOK_SECONDS, self._beat, loop)

    def _watch(self, loop_thread: "_LoopThread") -> None:
        block: _Block | None = None
        looked_at = time.monotonic()
        with loop_thread:
            while not self._left.wait(LOOK_SECONDS):
                now, beat_at, gap = time.monotonic(), self._beat_at, self._longest_gap
                self._longest_gap = 0.0
                usage = loop_thread.usage()
                counted = usage.counted_of(now - looked_at)
                looked_at = now
                if now - beat_at > 2 * LOOK_SECONDS and (block is None or block.beat_at == beat_at):
                    block = block or _Block(beat_at)
                    self._lasts(block, counted, loop_thread, usage)
                elif block is not None or gap > BLOCKED_SECONDS_MIN:  # over, perhaps before this thread had its turn
                    block = block or _Block(beat_at)
                    block.seconds = min(block.seconds + counted, gap - LOOK_SECONDS)
                    block.frames = block.frames or self._others
                    self._ended(block)
                    block = None

    def _lasts(self, block: _Block, seconds: float, loop_thread: "_LoopThread", usage: "_Usage") -> None:
        if block.seconds < BLOCKED_SECONDS_MIN:
            block.frames = loop_thread.frames() if usage.is_by_loop else _frames_of_others(loop_thread.id)
        block.seconds += seconds
        if block.seconds > HANGS_AFTER_SECONDS and not block.is_reported:
            block.is_reported = True
            self._report("loop.hangs", block)

    def _ended(self, block: _Block) -> None:
        if block.seconds < BLOCKED_SECONDS_MIN:
            return
        self._blocks.inc()
        self._blocked_seconds.inc(block.seconds)
        self._report("loop.blocked", block)

    @staticmethod
    def _report(name: str, block: _Block) -> None:
        stack = " < ".join(block.frames)
        logs.event(name, level=logging.WARNING, seconds=round(block.seconds, 3), place=block.place, stack=stack)


@dataclass(frozen=True, slots=True)
class _Usage:
    """Seconds between two looks: of processor time by the whole process and by the loop, and those for which the loop
    could have run and was given no processor.
    """

    by_process: float
    by_loop: float
    without_processor: float

    @property
    def is_by_loop(self) -> bool:
        """Whether it was the loop that worked, or waited; else another thread held the interpreter."""
        return self.by_loop >= self.by_process / 2 or self.by_process < LOOK_SECONDS

    def counted_of(self, elapsed: float) -> float:
        """How much of the time that went by this process is answerable for."""
        if elapsed > PUNCTUAL_SECONDS_MAX:
            return min(elapsed, self.by_process)
        return max(0.0, elapsed - self.without_processor)


class _LoopThread:
    """What the system knows of the loop's thread; on other systems than Linux that is little."""

    def __init__(self, thread: int, native: int) -> None:
        self.id = thread
        self._native = native
        self._clock = time.pthread_getcpuclockid(thread) if sys.platform == "linux" else None
        self._schedule: int | None = None
        self._last = (0.0, 0.0, 0.0)

    def __enter__(self) -> None:
        try:
            self._schedule = os.open(f"/proc/self/task/{self._native}/schedstat", os.O_RDONLY)
        except OSError:
            self._schedule = None
        self.usage()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._schedule is not None:
            os.close(self._schedule)

    def usage(self) -> _Usage:
        """Since the last call."""
        by_process = time.process_time()
        by_loop = by_process if self._clock is None else time.clock_gettime(self._clock)
        now, last = (by_process, by_loop, self._without_processor()), self._last
        self._last = now
        return _Usage(now[0] - last[0], now[1] - last[1], now[2] - last[2])

    def _without_processor(self) -> float:
        if self._schedule is None:
            return 0.0
        _ran, waited, _slices = os.pread(self._schedule, 64, 0).split()
        return int(waited) / 1e9

    def frames(self) -> tuple[str, ...]:
        """Where the loop is, innermost first."""
        frame = sys._current_frames().get(self.id)
        return _described(frame) if frame else ()


def _frames_of_others(loop_thread: int) -> tuple[str, ...]:
    """Where another thread is that works and keeps the interpreter from the loop."""
    own = {loop_thread, threading.get_ident()}
    for thread, frame in sys._current_frames().items():
        if thread not in own and not frame.f_code.co_filename.endswith(_WAITS_FOR_WORK):
            return _described(frame)
    return ()


def _described(frame: FrameType | None) -> tuple[str, ...]:
    found: list[str] = []
    while frame is not None and len(found) < FRAMES_MAX:
        found.append(_line_of(frame.f_code, frame.f_lineno))
        frame = frame.f_back
    return tuple(found)


def _line_of(code: CodeType, line: int) -> str:
    file = code.co_filename.removeprefix(_HERE).rpartition("site-packages/")[2]
    return f"{file}:{line} {code.co_qualname}"

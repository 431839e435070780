"""The only clock reader: the loop's time, the wall, and whether anybody vouches for the wall.

May not decide anything: the wall goes to the core as an event (`CivilTimeKnown`).
"""

from __future__ import annotations

import asyncio
import ctypes
import time
from pathlib import Path
from typing import Protocol

from state.events import CivilTimeKnown

TIMESYNCD_MARK = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd(8): exists once the clock was synchronised in this boot."""
TIME_ERROR = 5
"""adjtimex(2): returned while STA_UNSYNC is set, that is, nobody disciplines the clock."""
TIMEX_BYTES = 512
"""More than struct timex on any Debian architecture (208 on amd64 and arm64)."""
ROUNDING_S = 1e-6
"""A loop calls a timer up to its resolution early; a deadline this near has been reached."""


def reached(deadline: float | None) -> float | None:
    """The time to act at if `deadline` has been reached (never before it), else None."""
    if deadline is None:
        return None
    at = now()
    return max(at, deadline) if deadline <= at + ROUNDING_S else None


def now() -> float:
    """Seconds on the one monotonic base: the running loop's time."""
    return asyncio.get_running_loop().time()


def stopwatch() -> float:
    """Real seconds for measuring our own speed; never a decision's time."""
    return time.perf_counter()


class CivilClock(Protocol):
    """Where the wall time comes from."""

    def read(self, at: float) -> CivilTimeKnown:
        """The wall at `at`, which is the loop's time now."""
        ...


class SystemCivilClock:
    """The system's wall clock."""

    def read(self, at: float) -> CivilTimeKnown:
        """The wall now, with its UTC offset; synced as the kernel or timesyncd says."""
        wall_s = time.time()
        offset_s = time.localtime(wall_s).tm_gmtoff
        return CivilTimeKnown(at, "clock", wall_s, offset_s, synchronised())


def synchronised(mark: Path = TIMESYNCD_MARK) -> bool:
    """Whether the wall is disciplined: timesyncd's mark, or the kernel's state (any NTP daemon sets it)."""
    if mark.exists():
        return True
    libc = ctypes.CDLL(None, use_errno=True)
    state = libc.ntp_adjtime(ctypes.create_string_buffer(TIMEX_BYTES))
    return state not in (-1, TIME_ERROR)

"""The one clock: loop time, civil time, and whether anybody vouches for it; services around it."""

from __future__ import annotations

import ctypes

import pytest

from callseat import clock
from callseat.runtime.service import Overdue, Service, running, threaded
from callseat.scenario.model import ClockSetting
from callseat.scenario.stage import StageClock
from state.events import CivilTimeKnown
from tests.callseat.runtime.seat_kit import run
from tests.virtual import passes


def test_the_scenarios_wall_runs_with_the_loop():
    civil = StageClock(ClockSetting(1_000_000.0, 28_800, synced=False), start=10.0)
    assert civil.read(10.0) == CivilTimeKnown(10.0, "clock", 1_000_000.0, 28_800, False)
    assert civil.read(70.5).wall_s == 1_000_060.5


def test_the_systems_wall_is_a_wall():
    known = clock.SystemCivilClock().read(5.0)
    assert known.at == 5.0
    assert known.wall_s > 1_700_000_000
    assert abs(known.utc_offset_s) <= 14 * 3600
    assert known.synced in {True, False}


class Libc:
    def __init__(self, state):
        self.state = state

    def ntp_adjtime(self, buffer):
        assert len(buffer) >= 208
        return self.state


@pytest.mark.parametrize(("state", "vouched"), [(0, True), (1, True), (5, False), (-1, False)])
def test_the_kernel_says_whether_the_clock_is_disciplined(tmp_path, monkeypatch, state, vouched):
    monkeypatch.setattr(ctypes, "CDLL", lambda name, use_errno: Libc(state))
    assert clock.synchronised(tmp_path / "synchronized") is vouched


def test_timesyncds_mark_is_enough(tmp_path, monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name, use_errno: Libc(5))
    (tmp_path / "synchronized").touch()
    assert clock.synchronised(tmp_path / "synchronized")


@pytest.mark.parametrize(
    ("deadline", "reached"), [(None, None), (2.0, 3.0), (3.0, 3.0), (3.0 + 1e-9, 3.0 + 1e-9), (3.1, None)]
)
def test_a_deadline_is_reached_at_itself_or_later_never_before(deadline, reached):
    async def main():
        await passes(3)
        return clock.reached(deadline)

    assert run(main()) == reached


def test_a_service_that_fails_to_start_stops_those_before_it():
    said = []

    async def fail():
        raise OSError("no disk")

    async def main():
        services = (
            threaded("first", lambda: said.append("+first"), lambda: said.append("-first")),
            Service("broken", start=fail),
            threaded("never", lambda: said.append("+never"), lambda: said.append("-never")),
        )
        async with running(services, Overdue()):
            said.append("inside")

    with pytest.raises(OSError, match="no disk"):
        run(main())
    assert said == ["+first", "-first"]

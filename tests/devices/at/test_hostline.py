"""Command lines as hosts write them, and what commands do to which calls."""

from __future__ import annotations

import pytest

from devices.at.calls import CallTable
from devices.at.hostline import HostLine, dials, effects_of, read_host_line
from devices.at.values import ListedCall
from state.ids import LineId
from state.words import CallState

ACTIVE, HELD, DIALING, GONE = CallState.CONNECTED, CallState.HELD, CallState.DIALING, CallState.IDLE
RINGING, WAITING = CallState.RINGING, CallState.WAITING


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("ATA", HostLine(on_calls="ATA")),
        ("at a", HostLine(on_calls="ATA")),
        ("ATE0A", HostLine(on_calls="ATA")),
        ("ATH", HostLine(on_calls="ATH")),
        ("ATH0", HostLine(on_calls="ATH0")),
        ("ATH1", HostLine()),
        ("ATDT 0301;", HostLine(on_calls="ATDT0301;")),
        ("ATS7=35D0301", HostLine(on_calls="ATD0301")),
        ("AT&F1E0V1Q0", HostLine(quiet=False, numeric=False)),
        ("ATQ1", HostLine(quiet=True)),
        ("ATV0", HostLine(numeric=True)),
        ("ATV", HostLine(numeric=True)),
        ("AT+CHUP", HostLine(on_calls="AT+CHUP")),
        ("at + chld = 2", HostLine(on_calls="AT+CHLD=2")),
        ("AT+CHLD=12", HostLine(on_calls="AT+CHLD=12")),
        ("AT+CHLD=?", HostLine()),
        ("AT+CHLD=9", HostLine()),
        ("AT+CLCC", HostLine(lists="AT+CLCC")),
        ("AT+CLIP=1;+CLCC;+CMUT?", HostLine(lists="AT+CLCC")),
        ("AT^SLCC", HostLine(lists="AT^SLCC")),
        ("AT+CLCC=1", HostLine()),
        ("AT+VTS=1;+VTS=2", HostLine()),
        ("AT+CLIP=1;A", HostLine(on_calls="ATA")),
        ("AT+NOSUCH", HostLine()),
        ("AT", HostLine()),
        ("AT!GSTATUS?", HostLine()),
        ("ATTENTION", HostLine()),
    ],
)
def test_command_lines(line: str, read: HostLine) -> None:
    assert read_host_line(line) == read


@pytest.mark.parametrize(
    ("text", "somebody"),
    [
        ("ATD0301;", True),
        ("ATDT*21#", True),
        ("ATDL", True),
        ('ATD>"Anna";', True),
        ("ATDS=1", True),
        ("ATD", False),
        ("ATDTNOSUCHNUMBER", False),
        ("ATA", False),
    ],
)
def test_whether_a_dial_command_names_anybody(text: str, somebody: bool) -> None:
    assert dials(text) is somebody


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("ATA", (RINGING,), {1: ACTIVE}),
        ("ATA", (ACTIVE, WAITING), {}),
        ("ATH", (ACTIVE,), {1: GONE}),
        ("ATH", (HELD,), {}),
        ("ATH", (HELD, DIALING), {2: GONE}),
        ("AT+CHUP", (ACTIVE, ACTIVE), {1: GONE, 2: GONE}),
        ("AT+CHUP", (ACTIVE, WAITING), {1: GONE}),
        ("AT+CHUP", (RINGING,), {1: GONE}),
        ("AT+CHLD=0", (ACTIVE, WAITING), {2: GONE}),
        ("AT+CHLD=0", (HELD, ACTIVE, WAITING), {3: GONE}),
        ("AT+CHLD=0", (HELD, ACTIVE), {1: GONE}),
        ("AT+CHLD=1", (HELD, ACTIVE), {2: GONE, 1: ACTIVE}),
        ("AT+CHLD=1", (HELD, ACTIVE, WAITING), {2: GONE, 3: ACTIVE}),
        ("AT+CHLD=2", (ACTIVE,), {1: HELD}),
        ("AT+CHLD=2", (HELD,), {1: ACTIVE}),
        ("AT+CHLD=11", (HELD, ACTIVE), {1: GONE}),
        ("AT+CHLD=17", (HELD, ACTIVE), {}),
        ("AT+CHLD=22", (ACTIVE, ACTIVE), {1: HELD, 2: ACTIVE}),
        ("AT+CHLD=3", (HELD, ACTIVE), {1: ACTIVE}),
        ("AT+CHLD=4", (HELD, ACTIVE), {1: GONE, 2: GONE}),
        ("AT+CHLD=4", (ACTIVE,), {}),
        ("AT+CLIP=1", (ACTIVE,), {}),
    ],
)
def test_what_a_command_does(text: str, before: tuple[CallState, ...], after: dict[int, CallState]) -> None:
    table = CallTable(LineId("desk"))
    table.adopt([ListedCall(place, True, state, True, False) for place, state in enumerate(before, start=1)])
    found = {call.index: state for call, state in effects_of(text, table.calls, rejects=True)}
    assert found == after


def test_hanging_up_rejects_on_a_mobile_phone_only() -> None:
    table = CallTable(LineId("desk"))
    table.adopt([ListedCall(1, True, RINGING, True, False)])
    assert [len(effects_of("ATH", table.calls, rejects=rejects)) for rejects in (True, False)] == [1, 0]

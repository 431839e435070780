"""Vendors' lines about one call, field by field; cut short or with noise behind they say nothing else."""

from __future__ import annotations

import pytest

from devices.at.grammar import Notice, read_notice
from devices.at.records import CallRecord, read_record
from devices.at.said import Said, clcc
from state.words import CallState, Cause

UP, HELD, OVER = CallState.CONNECTED, CallState.HELD, CallState.IDLE
DIALING, RINGBACK = CallState.DIALING, CallState.RINGBACK
RINGING, WAITING = CallState.RINGING, CallState.WAITING

LINES: list[tuple[str, Said | None]] = [
    ("^DSCI: 2,1,4,0,+48123,145", Said(RINGING, 2, True, "+48123")),
    ("^DSCI: 2,0,3,0,0301,129", Said(RINGBACK, 2, False, "0301")),
    ("^DSCI: 1,0,0,1,,129", None),
    ("^DSCI: 1,0,9,0,,129", None),
    ("^DSCI: 1", None),
    ("+UCALLSTAT: 1,2", Said(DIALING, 1, False)),
    ("+UCALLSTAT: 1,7", Said(UP, 1)),
    ("+UCALLSTAT: 1,6", Said(OVER, 1)),
    ("+UCALLSTAT: 1", None),
    ("+UCALLSTAT: 1,8", None),
    ('*ECAV: 1,5,0,,,"4930",145', Said(RINGING, 1, True, "+4930")),
    ('*ECAV: 1,4,0,,,"0301",129', Said(HELD, 1, None, "0301")),
    ("*ECAV: 1,7,0", Said(OVER, 1, False, cause=Cause.BUSY)),
    ("*ECAV: 1", None),
    ("^ORIG:1,0", Said(DIALING, 1, False)),
    ("^ORIG:1,9", Said(DIALING, 1, False)),
    ("^ORIG:1,2", None),
    ("^CONF:1", Said(RINGBACK, 1, False)),
    ("^CONN:1,0", Said(UP, 1)),
    ("^CEND:1,0,104,34", Said(OVER, 1, cause=Cause.NETWORK_CONGESTION)),
    ("^CEND:1,0,104,1", Said(OVER, 1, cause=Cause.DEST_NOT_OBTAINABLE)),
    ("^CEND:1", Said(OVER, 1)),
    ("+WIND: 2", Said(RINGBACK, incoming=False)),
    ("+WIND: 6,1", Said(OVER, 1)),
    ("+WIND: 5,1", None),
    ("+WIND: 7", None),
    ("HANGUP: 1", Said(OVER, 1)),
    ("VOICE CALL: BEGIN", Said(UP)),
    ("VOICE CALL: END: 000041", Said(OVER)),
    ("MISSED_CALL: 11:01AM 07712345678", Said(OVER, None, True, "07712345678", offered_only=True)),
    ("MISSED_CALL: 11:01AM", Said(OVER, None, True, "", offered_only=True)),
    ('+COLP: "0301",129', Said(UP, incoming=False)),
]


@pytest.mark.parametrize(("line", "said"), LINES)
def test_what_a_line_says(line: str, said: Said | None) -> None:
    notice = read_notice(line)
    assert isinstance(notice, Notice)
    assert notice.said == said


@pytest.mark.parametrize("line", [line for line, _ in LINES])
def test_a_line_cut_short_or_with_noise_behind_is_no_error(line: str) -> None:
    whole = read_notice(line)
    for end in range(len(line)):
        short = read_notice(line[:end])
        assert short is None or short.said is None or short.said.index in {None, 1, 2}
    noisy = read_notice(line + ',\x00",\xff')
    assert noisy is not None
    assert whole is not None
    assert noisy.said is None or (whole.said is not None and noisy.said.state is whole.said.state)


def test_a_row_nobody_asked_for() -> None:
    assert clcc('+CLCC: 1,0,6,0,0,"0301",129,""') == Said(OVER, 1, False, "0301")
    assert clcc('+CLCC: 3,1,5,0,0,"0301",129') == Said(WAITING, 3, True, "0301")
    assert clcc("+CLCC: 1,0,0,1,0") is None
    assert clcc("+CLCC: 1,0") is None


def test_records_of_boxes_and_exchanges() -> None:
    ends = read_record("$01 O E 0123 B A0 09/26 01:28 AM 5551234")
    assert ends == CallRecord(
        incoming=False,
        phase="end",
        duration_s=123,
        line="1",
        number="5551234",
        date="09/26",
        time="01:28 AM",
        ring="A0",
        intact=False,
    )
    out = read_record("01/02/02 01:07PM 1234    LOG OUT")
    assert out is not None
    assert out.logged_in is False


@pytest.mark.parametrize(
    "line",
    [
        "",
        "RING",
        "02 I S",
        '"I","07042002"',
        '"I","0704","1","2","3","4","5","6"',
        "01/02/02 01:07PM 1234 99",
    ],
)
def test_other_lines_are_no_records(line: str) -> None:
    assert read_record(line) is None

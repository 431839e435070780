"""Every row of the tables, and what must not be taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.at.grammar import NOTICES, Meaning, read_final, read_notice
from devices.at.values import (
    Caller,
    Field,
    fields,
    indicator_names,
    integer,
    listed_call,
    normal_number,
    waiting_caller,
)
from state.errors import Blame, ProtocolError, ProtocolReason
from state.words import CallState, Cause


@pytest.mark.parametrize(
    ("line", "ok", "ambiguous"),
    [
        ("OK", True, False),
        ("ERROR", False, False),
        ("CONNECT", True, True),
        ("CONNECT 38400", True, True),
        ("VCON", True, True),
        ("NO CARRIER", False, True),
        ("NO DIALTONE", False, True),
        ("NO DIAL TONE", False, True),
        ("BUSY", False, True),
        ("NO ANSWER", False, True),
        ("+CME ERROR: 4", False, False),
        ("+CME ERROR: operation not allowed", False, False),
        ("+CMS ERROR: 500", False, False),
        ("+EXT ERROR: 1", False, False),
        ("MODEM ERROR: 3", False, False),
        ("COMMAND NOT SUPPORT", False, False),
        ("TOO MANY PARAMETERS", False, False),
        ("NA", False, False),
        ("OK  ", True, False),
    ],
)
def test_finals(line: str, ok: bool, ambiguous: bool) -> None:
    final = read_final(line)
    assert final is not None
    assert (final.ok, final.ambiguous) == (ok, ambiguous)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "OKAY",
        "ok",
        "+CME ERROR:",
        "MODEM ERROR: apple",
        "ERRORS",
        "CONNECTED",
        "RING",
        "0",
        "NO",
        "+CLCC: 1",
    ],
)
def test_not_finals(line: str) -> None:
    assert read_final(line) is None


@pytest.mark.parametrize(
    ("digit", "text"),
    [
        ("0", "OK"),
        ("1", "CONNECT"),
        ("3", "NO CARRIER"),
        ("4", "ERROR"),
        ("6", "NO DIALTONE"),
        ("7", "BUSY"),
        ("8", "NO ANSWER"),
    ],
)
def test_numeric_finals_count_only_where_they_may_come(digit: str, text: str) -> None:
    final = read_final(digit, numeric=True)
    assert final is not None
    assert final.text == text
    assert read_final(digit) is None


def test_numeric_two_is_a_ring() -> None:
    assert read_final("2", numeric=True) is None
    notice = read_notice("2", numeric=True)
    assert notice is not None
    assert notice.meaning is Meaning.RING
    assert read_notice("2") is None


@pytest.mark.parametrize(
    ("line", "meaning", "index", "value"),
    [
        ("RING", Meaning.RING, None, None),
        ("+CRING: VOICE", Meaning.RING, None, None),
        ("+CRING: VOICE/FAX", Meaning.RING, None, None),
        ("+CRING: FAX", Meaning.IGNORED, None, None),
        ('+CRING: GPRS "IP"', Meaning.IGNORED, None, None),
        ("+CIEV: 3,1", Meaning.INDICATOR, 3, 1),
        ("+CIEV: ", Meaning.INDICATOR, None, None),
        ("^CIEV: 1,0", Meaning.CALLS_CHANGED, None, None),
        ("^ORIG:1,0", Meaning.CALLS_CHANGED, 1, None),
        ("^CONF:1", Meaning.CALLS_CHANGED, 1, None),
        ("^CONN:1,0", Meaning.CALLS_CHANGED, 1, None),
        ("^DSCI: 2,1,6,0,+48123456789,145", Meaning.CALL_ENDED, 2, None),
        ("^DSCI: 2,1,4,0,+48123456789,145", Meaning.CALLS_CHANGED, 2, None),
        ("+UCALLSTAT: 1,6", Meaning.CALL_ENDED, 1, None),
        ("+UCALLSTAT: 1,0", Meaning.CALLS_CHANGED, 1, None),
        ("+WIND: 5,1", Meaning.CALLS_CHANGED, 1, None),
        ("+WIND: 6,1", Meaning.CALL_ENDED, 1, None),
        ("+WIND: 3", Meaning.IGNORED, None, None),
        ("+WIND:", Meaning.IGNORED, None, None),
        ("HANGUP: 1", Meaning.CALL_ENDED, 1, None),
        ("VOICE CALL: BEGIN", Meaning.PATH_UP, None, None),
        ("VOICE CALL: END: 000041", Meaning.PATH_DOWN, None, None),
        ("MISSED_CALL: 11:01AM 07712345678", Meaning.CALL_ENDED, None, None),
        ('*ECAV: 1,3,0,,,"03012345",129', Meaning.CALLS_CHANGED, 1, None),
        ("VOICE CALL:BEGIN", Meaning.PATH_UP, None, None),
        ("+CIEV: call,1", Meaning.INDICATOR, None, 1),
        ("\x10R", Meaning.RING, None, None),
        ("\x10b", Meaning.CALL_ENDED, None, None),
        ("\x10d", Meaning.CALL_ENDED, None, None),
        ("\x10#", Meaning.DIGIT, None, None),
        ("\x10s", Meaning.IGNORED, None, None),
        ('+CDIP: "7654321",129,,,', Meaning.IGNORED, None, None),
        ("+VGS: 9", Meaning.IGNORED, None, None),
        ("DATE=1121", Meaning.CALLER_BLOCK, None, None),
        ("TIME = 1534", Meaning.IGNORED, None, None),
        ("CDID=<NONE>", Meaning.IGNORED, None, None),
    ],
)
def test_notices(line: str, meaning: Meaning, index: int | None, value: int | None) -> None:
    notice = read_notice(line)
    assert notice is not None
    assert (notice.meaning, notice.index, notice.value) == (meaning, index, value)


@pytest.mark.parametrize("line", ["+RXDTMF: 5", "^DDTMF: 5", "+QTONEDET: 53", "+UUDTMFD: 5"])
def test_digits_are_noticed_and_not_kept(line: str) -> None:
    notice = read_notice(line)
    assert notice is not None
    assert notice.meaning is Meaning.DIGIT
    assert "5" not in repr(notice)


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (16, Cause.NORMAL_CLEARING),
        (17, Cause.BUSY),
        (18, Cause.CALL_NOT_ANSWERED),
        (21, Cause.REJECTED),
        (34, Cause.NETWORK_CONGESTION),
        (99, None),
    ],
)
def test_huawei_end_carries_the_q850_cause(code: int, cause: Cause | None) -> None:
    notice = read_notice(f"^CEND:1,12,104,{code}")
    assert notice is not None
    assert notice.said is not None
    assert (notice.meaning, notice.index, notice.said.cause) == (Meaning.CALL_ENDED, 1, cause)


@pytest.mark.parametrize(
    "line", ["", "hello", "+CLCC: 1,1,4,0,0", "+CCWA: 1", "+CCWA: 1,255", "+CMUT: 1", "NMBRS=1"]
)
def test_not_notices(line: str) -> None:
    assert read_notice(line) is None


@pytest.mark.parametrize(
    ("line", "caller"),
    [
        ('+CLIP: "4930123456",145,,,,0', Caller("+4930123456", 145)),
        ('+CLIP: "+4930123456",145,,,,', Caller("+4930123456", 145)),
        ('+CLIP: "03012345",129', Caller("03012345", 129)),
        ('+CLIP: "",128,,,,1', Caller("", 128, "", 1, withheld=True)),
        ('+CLIP: "",128,"",128,"",2', Caller("", 128, "", 2, withheld=True)),
        ('+CLIP: "03012345",129,"",128,"Anna, B.",0', Caller("03012345", 129, "Anna, B.")),
        ('+CCWA: "4930222222",145,1,0', Caller("+4930222222", 145)),
        ('+CCWA: "+4930222222",145', Caller("+4930222222", 145)),
        ('+CCWA: "123456789",129,1,"Bob",0', Caller("123456789", 129, "Bob")),
        ('+CNAP: "Bob",0', Caller(name="Bob")),
        ("NMBR=4930123456", Caller("4930123456")),
        ("NMBR = 0207123123", Caller("0207123123")),
        ("NMBR = P", Caller(withheld=True)),
        ("NMBR=O", Caller(withheld=True)),
        ("NMBR = <NONE>", Caller(withheld=True)),
        ("NMBR =", Caller(withheld=True)),
        ("NAME=Anna", Caller(name="Anna")),
        ("NAME = O", Caller()),
    ],
)
def test_callers(line: str, caller: Caller) -> None:
    notice = read_notice(line)
    assert notice is not None
    assert notice.caller == caller


def test_table_has_each_prefix_once_and_none_hides_another() -> None:
    prefixes = [prefix for prefix, _ in NOTICES]
    assert len(set(prefixes)) == len(prefixes)
    for place, prefix in enumerate(prefixes):
        assert not [other for other in prefixes[:place] if prefix.startswith(other)]


# fields ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ("", []),
        ("   ", []),
        ("1", ["1"]),
        ("1,2", ["1", "2"]),
        (" 1 , 2 ", ["1", "2"]),
        ("1,,2,", ["1", "", "2", ""]),
        ('"a,b",1', ["a,b", "1"]),
        (' "a" , "b" ', ["a", "b"]),
        ('"",', ["", ""]),
        ('"torn,1', ["torn,1"]),
        ('"line\r\nend",0', ["line\r\nend", "0"]),
    ],
)
def test_fields(body: str, texts: list[str]) -> None:
    assert [field.text for field in fields(body)] == texts


def test_quoted_digits_are_told_from_numbers() -> None:
    assert fields('"1",1') == (Field("1", quoted=True), Field("1"))


def test_integer_is_none_where_there_is_none() -> None:
    parts = fields('7,-1,x,"5",9999999999')
    assert [integer(parts, place) for place in range(6)] == [7, -1, None, 5, None, None]


@given(st.text(max_size=60))
def test_no_text_is_an_error(text: str) -> None:
    for prefix, _ in NOTICES:
        read_notice(prefix + text)
    assert read_final(text) is None or text.strip()


@pytest.mark.parametrize(
    ("number", "number_type", "normal"),
    [
        ("4930123456", 145, "+4930123456"),
        ("+4930123456", 145, "+4930123456"),
        ("", 145, ""),
        ("03012345", 129, "03012345"),
        ("03012345", 161, "03012345"),
        ("03012345", None, "03012345"),
        (" 110 ", 129, "110"),
    ],
)
def test_international_numbers_start_with_plus(number: str, number_type: int | None, normal: str) -> None:
    assert normal_number(number, number_type) == normal


def test_waiting_caller_needs_a_quoted_number() -> None:
    assert waiting_caller(fields("1,255")) is None
    assert waiting_caller(()) is None


# rows of the call list -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stat", "state"),
    [
        (0, CallState.CONNECTED),
        (1, CallState.HELD),
        (2, CallState.DIALING),
        (3, CallState.RINGBACK),
        (4, CallState.RINGING),
        (5, CallState.WAITING),
    ],
)
def test_states_of_a_row(stat: int, state: CallState) -> None:
    assert listed_call(f"+CLCC: 12,1,{stat},0,0").state is state


def test_row_with_everything() -> None:
    row = listed_call('+CLCC: 12,0,3,0,1,"4930123456",145,"Anna",1,0')
    assert (row.index, row.incoming, row.voice, row.in_conference) == (12, False, True, True)
    assert (row.number, row.number_type, row.name, row.fault) == ("+4930123456", 145, "Anna", "")


def test_row_without_number() -> None:
    row = listed_call("+CLCC: 1,1,4,0,0")
    assert (row.number, row.name, row.fault) == ("", "", "")


def test_data_session_is_not_voice() -> None:
    assert not listed_call('+CLCC: 1,0,0,1,0,"",128').voice


def test_number_without_type_keeps_the_call_and_says_the_fault() -> None:
    row = listed_call('+CLCC: 1,1,4,0,0,"+7913913ABCA"')
    assert (row.state, row.number, row.fault) == (CallState.RINGING, "", "type missing after number")


@pytest.mark.parametrize(
    "line", ["+CLCC:", "+CLCC: 1,1,4", "+CLCC: a,1,4,0,0", "+CLCC: 1,2,4,0,0", "+CLCC: 1,1,x,0,0"]
)
def test_not_a_row_is_the_devices_fault(line: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        listed_call(line)
    assert (caught.value.by, caught.value.reason) == (Blame.DEVICE, ProtocolReason.MALFORMED)


def test_unknown_state_is_the_devices_fault() -> None:
    with pytest.raises(ProtocolError, match="call state 9") as caught:
        listed_call("+CLCC: 1,1,9,0,0")
    assert caught.value.reason is ProtocolReason.UNKNOWN


def test_indicator_names_in_their_order() -> None:
    line = '+CIND: ("service",(0-1)),("call",(0-1)),("CallSetup",(0-3)),("callheld",(0-2))'
    assert indicator_names(line) == ("service", "call", "callsetup", "callheld")
    assert indicator_names("+CIND: 0,0,0") == ()

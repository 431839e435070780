"""The eighteen traps of docs/at-phones.md, each with bytes: whole, byte by byte, and with noise behind."""

from __future__ import annotations

import asyncio
import os
import pty

import pytest

from devices.at.lexer import Lexer
from devices.at.profiles import GSM, HAYES, HFP, PROFILES, Profile
from devices.at.watch import WatchingEngine
from firmware_bridge.serial_port import open_serial
from state.commands import Answer, Dial, HangUp, Reject
from state.errors import TransportError
from state.events import Event, LineInService
from state.ids import CallId, LineId
from tests.devices.at.rig import LINE, Desk, Rig, told

OK = b"\r\nOK\r\n"
ROW = b'\r\n+CLCC: 1,1,%d,0,0,"0301",129\r\n'
RINGS = ("CallDelivered", "desk-1", "ringing", "inbound", "0301", "")
UP = ("CallEstablished", "desk-1")
GAVE_UP = ("CallFailed", "desk-1", "call_cancelled", "remote")
NOISE = b'\r\n\xffgar\x80bage",+C:\r\n'
HOW = ("whole", "byte by byte", "with noise behind")
ways = pytest.mark.parametrize("how", HOW)
Rows = list[tuple[str, ...]]


def hear(desk: Desk, data: bytes, how: str) -> Rows:
    if how == "byte by byte":
        return desk.wait(0.05) + [row for byte in data for row in desk.hear(bytes((byte,)), after_s=0.0)]
    return desk.hear(data + (NOISE if how == "with noise behind" else b""))


def up(profile: Profile = GSM) -> Desk:
    desk = Desk(profile).start()
    desk.wrote()
    desk.events.clear()
    return desk


def ringing(how: str) -> Desk:
    desk = up()
    assert hear(desk, b"\r\n+CRING: VOICE\r\n", how) == []
    assert desk.wrote() == b"AT+CLCC\r"
    assert hear(desk, ROW % 4 + OK, how) == [RINGS]
    return desk


def watched(profile: Profile, *spoken: tuple[str, float, bytes], how: str, tail_s: float = 30.0) -> Rows:
    """Events of a conversation seen from outside; `spoken` is side, time, bytes."""
    engine = WatchingEngine(LINE, profile)
    events: list[Event] = []
    for side, at, data in spoken:
        events += engine.until(at)
        if side == ">":
            events += engine.host_wrote(data, at).events
            continue
        heard = data + (NOISE if how == "with noise behind" else b"")
        pieces = [bytes((byte,)) for byte in heard] if how == "byte by byte" else [heard]
        for piece in pieces:
            events += engine.heard(piece, [at] * len(piece))
    return told(events + engine.until(spoken[-1][1] + tail_s))


@ways
def test_trap_01_an_unsolicited_line_inside_a_reply(how: str) -> None:
    desk = ringing(how)
    desk.ask(Answer())
    assert hear(desk, b'\r\n*ECAV: 1,3,0,,,"0301",129\r\n', how) == []
    glued = b'\r\nOK\r\n\r\n+CRING: VOICE\r\n\r\n+CLIP: "0301",129,,,,0\r\n'
    assert hear(desk, glued, how) == []
    assert desk.wrote() == b"ATA\rAT+CLCC\r"
    rows = hear(desk, b"\r\n+CRING: VOICE\r\n" + ROW % 0 + OK, how)
    assert rows == [UP, ("CommandCompleted", "desk-1")]


@ways
def test_trap_02_an_unsolicited_line_inside_the_echo(how: str) -> None:
    rows = watched(
        HAYES,
        (">", 0.0, b"AT+FCL"),
        ("<", 0.0, b"AT+FCL\r\nDATE=1121\r\n\r\nTIME=1901\r\n\r\nNMBR=0301\r\n\r\nRING\r\n"),
        (">", 0.3, b"ASS?\r"),
        ("<", 0.3, b"ASS?\r\r\n0\r\n\r\nOK\r\n"),
        how=how,
    )
    assert rows == [RINGS, GAVE_UP]
    for profile in PROFILES.values():
        assert profile.init[0].startswith(("ATE0", "AT+BRSF"))  # hands-free links have no echo


@ways
@pytest.mark.parametrize("line", [b"NO CARRIER", b"BUSY", b"CONNECT"])
def test_trap_03_a_line_is_a_final_only_of_dial_and_answer(line: bytes, how: str) -> None:
    desk = ringing(how)
    desk.wait(GSM.poll_s)
    assert desk.wrote() == b"AT+CLCC\r"
    hear(desk, b"\r\n" + line + b"\r\n", how)
    flight = desk.engine._queue.current
    assert flight is not None
    assert flight.ask.text == "AT+CLCC"
    desk = ringing(how)
    desk.ask(Answer())
    hear(desk, b"\r\n" + line + b"\r\n", how)
    desk.wait(0.1)
    assert desk.wrote() == b"ATA\rAT+CLCC\r"


@ways
def test_trap_04_a_prefix_is_reply_or_event(how: str) -> None:
    desk = up()
    desk.wait(GSM.idle_s)
    assert desk.wrote() == b"AT+CLCC\r"
    assert (
        hear(desk, b'\r\n+CCWA: "0302",129,1\r\n\r\n+CCWA: 1,1\r\n' + ROW % 4 + OK, how)[0][0]
        == "CallDelivered"
    )
    unasked = up()
    assert hear(unasked, ROW % 4, how) == []
    assert unasked.wrote() == b"AT+CLCC\r"
    assert hear(unasked, ROW % 4 + OK, how) == [RINGS]


@ways
def test_trap_05_a_caller_who_gives_up_says_nothing(how: str) -> None:
    for cadence_s, gone_s in ((2.0, 8.0), (4.0, 8.0), (6.0, 9.6)):
        desk = up(HAYES)
        hear(desk, b"\r\nRING\r\n", how)
        desk.wait(cadence_s - 0.05)
        hear(desk, b"\r\nRING\r\n", how)
        assert desk.wait(gone_s - 0.1) == []
        assert desk.wait(0.2) == [GAVE_UP]
    late = up(HAYES)
    hear(late, b"\r\nRING\r\n", how)
    late.ask(Answer())
    hear(late, b"\r\nERROR\r\n", how)
    assert late.wait(9.0) == [GAVE_UP]


@ways
def test_trap_06_nothing_is_probed_while_it_rings(how: str) -> None:
    desk = up(HAYES)
    for _ in range(10):
        hear(desk, b"\r\nRING\r\n", how)
        desk.wait(4.9)
    assert desk.wrote() == b""
    known = {b"AT+CLCC\r"}
    gsm = ringing(how)
    for _ in range(8):
        gsm.wait(GSM.poll_s)
        hear(gsm, b"\r\nRING\r\n" + ROW % 4 + OK, how)
    assert {part + b"\r" for part in gsm.wrote().split(b"\r") if part} == known


@ways
def test_trap_07_a_bare_at_is_no_ping(how: str) -> None:
    for profile in PROFILES.values():
        desk = up(profile)
        desk.wait(profile.idle_s)
        ping = desk.wrote()
        assert ping not in {b"", b"AT\r"}
        hear(desk, b"\r\nERROR\r\n", how)
        desk.wait(5.0)
        assert ("LineOutOfService", "timeout") not in told(desk.events)


@ways
def test_trap_08_two_finals_for_one_command(how: str) -> None:
    desk = ringing(how)
    desk.ask(Answer())
    hear(desk, b"\r\n+CME ERROR: 4\r\n\r\nOK\r\n", how)
    assert desk.engine.counts.stray_finals == 1
    desk.wait(0.1)
    assert hear(desk, ROW % 4 + OK, how) == [("EffectFailed", "device_error", "desk-1", "+CME ERROR: 4")]


@ways
def test_trap_09_no_final_at_all(how: str) -> None:
    desk = ringing(how)
    desk.ask(Answer())
    desk.wrote()
    assert desk.wait(GSM.timeouts.call_s + 0.1) == [("EffectFailed", "timeout", "desk-1", "")]
    assert desk.wrote() == b""
    hear(desk, b"\r\nlate reply\r\n" + OK, how)
    desk.wait(0.3)
    assert desk.wrote() == b"AT+CLCC\r"
    assert desk.engine.counts.rearmed == 1
    hear(desk, OK, how)
    assert hear(desk, ROW % 0 + OK, how) == [UP]
    wedged = up()
    assert wedged.wait(120.0)[-1] == ("LineOutOfService", "timeout")


@ways
@pytest.mark.parametrize(
    "data",
    [
        b"\r\r\n+CRING: VOICE\r\r\n",
        b"\n+CRING: VOICE\r\n",
        b"\n+CRING: VOICE\n",
        b"\r+CRING: VOICE\r",
        b"\r\nERROR+CRING: VOICE\r\n",
        b'\r\n+CNAP: "a, b\r\nc",0\r\n\r\n+CRING: VOICE\r\n',
        b"\r\n^DSCI: 2,1,4,0,+48123456789,145\r\n",
    ],
)
def test_trap_10_line_ends_of_every_kind(data: bytes, how: str) -> None:
    desk = up()
    hear(desk, data, how)
    assert desk.wrote() == b"AT+CLCC\r"


@pytest.mark.parametrize("cut", range(1, 90, 3))
def test_trap_11_a_reply_cut_at_any_byte_with_a_pause(cut: int) -> None:
    desk = up()
    desk.hear(b"\r\nRING\r\n")
    data = ROW % 4 + b'\r\n+CLIP: "0301",129,,,,0\r\n' + OK
    first, rest = data[:cut], data[cut:]
    assert desk.hear(first) + desk.hear(rest, after_s=0.04) == [RINGS]


@ways
@pytest.mark.parametrize(
    ("data", "number", "name"),
    [
        (b"\r\nRING\r\n\r\nNMBR = 0301\r\n\r\nNAME=Anna\r\n", "0301", "Anna"),
        (b"\r\nNMBR=0301\r\n\r\nRING\r\n", "0301", ""),
        (b"\r\nRING\r\n\r\nNMBR = P\r\n", "", ""),
        (b"\r\nRING\r\n\r\nNMBR = O\r\n\r\nNAME = <NONE>\r\n", "", ""),
        (b"\r\nRING\r\n", "", ""),
    ],
)
def test_trap_12_caller_id_in_every_form(data: bytes, number: str, name: str, how: str) -> None:
    desk = up(HAYES)
    hear(desk, data, how)
    (call,) = desk.engine._table.calls
    assert (call.number, call.name) == (number, name)
    assert not [
        text for profile in PROFILES.values() for text in profile.init if text.upper().startswith("ATZ")
    ]


@ways
def test_trap_13_one_call_many_rings_and_a_waiting_one_that_begins_to_ring(how: str) -> None:
    rows = watched(
        GSM,
        ("<", 1.0, b"\r\nRING\r\n\r\nRING\r\n"),
        ("<", 4.0, b"\r\nRING\r\n"),
        (">", 5.0, b"ATA\r"),
        ("<", 5.1, OK),
        (">", 5.2, b"AT+CLCC\r"),
        ("<", 5.3, b"\r\n+CLCC: 1,1,0,0,0\r\n" + OK),
        ("<", 8.0, b'\r\n+CCWA: "0302",129,1\r\n'),
        ("<", 9.0, b"\r\nNO CARRIER\r\n"),
        (">", 9.1, b"AT+CLCC\r"),
        ("<", 9.2, b'\r\n+CLCC: 2,1,4,0,0,"0302",129\r\n' + OK),
        ("<", 10.0, b"\r\nRING\r\n"),
        ("<", 13.0, b"\r\nRING\r\n"),
        how=how,
    )
    assert [row[:3] for row in rows if row[0] != "CallUpdated"] == [
        ("CallDelivered", "desk-1", "ringing"),
        ("CallEstablished", "desk-1"),
        ("CallDelivered", "desk-2", "waiting"),
        ("CallCleared", "desk-1", "normal_clearing"),
        ("CallDelivered", "desk-2", "ringing"),
        ("CallFailed", "desk-2", "call_cancelled"),
    ]


@ways
def test_trap_14_ok_to_an_answer_proves_nothing(how: str) -> None:
    desk = ringing(how)
    desk.ask(Answer())
    assert hear(desk, OK, how) == []
    rows: Rows = []
    for _ in range(4):
        rows += hear(desk, ROW % 4 + OK, how) + desk.wait(GSM.poll_s)
    assert rows == [("EffectFailed", "device_error", "desk-1", "answered OK, but the call did not change")]


@ways
def test_trap_15_ok_may_mean_refused_and_connect_answered(how: str) -> None:
    refused = watched(
        GSM,
        (">", 0.0, b"ATD0301;\r"),
        ("<", 9.0, OK),
        (">", 9.1, b"AT+CLCC\r"),
        ("<", 9.2, OK),
        how=how,
    )
    assert refused[-1] == ("CallFailed", "desk-1", "rejected", "remote")
    answered = watched(
        GSM,
        (">", 0.0, b"ATD0301;\r"),
        ("<", 9.0, b"\r\nCONNECT\r\n"),
        ("<", 50.0, b"\r\nHANGUP: 1\r\n"),
        how=how,
    )
    assert [row[0] for row in answered] == ["CallOriginated", "CallEstablished", "CallCleared"]
    desk = up()
    desk.ask(Dial("0301"))
    desk.wait(9.0)
    rows = hear(desk, OK, how)
    for _ in range(3):
        rows += hear(desk, OK, how) + desk.wait(GSM.poll_s)
    assert ("CallFailed", "desk-1", "rejected", "remote") in rows


def test_trap_16_a_port_that_vanishes_and_returns_keeps_the_call() -> None:
    rig = Rig().start()
    rig.ring("0301")
    rig.do(Answer())
    rig.events += rig.engine.stop(rig.at, "gone").events
    rig.phone.host_gone()
    assert told(rig.events)[-1] == ("LineOutOfService", "gone")
    rig.run(3.0)
    rig.start()
    back = [event for event in rig.events if isinstance(event, LineInService)][-1]
    assert back.calls is not None
    assert [seen.call for seen in back.calls] == [CallId("desk-1")]


def test_trap_17_a_port_is_ours_alone() -> None:
    """What ModemManager and brltty are told besides stands in docs/at-phones.md."""

    async def twice() -> None:
        master, slave = pty.openpty()
        first = await open_serial(os.ttyname(slave))
        try:
            with pytest.raises(TransportError):
                await open_serial(os.ttyname(slave))
        finally:
            await first.aclose()
            os.close(slave)
            os.close(master)

    asyncio.run(twice())


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_trap_18_coming_back_neither_resets_nor_hangs_up(profile: Profile) -> None:
    desk = Desk(profile).start()
    desk.engine.stop(desk.at, "gone")
    desk.wrote()
    desk.start()
    written = desk.wrote().upper().split(b"\r")
    assert not [text for text in written if text.startswith((b"ATZ", b"AT&F", b"ATH", b"AT+CHUP", b"ATA"))]


# python-gsmmodem-new 0.13 against oFono's phonesim: what failed there, by the same bytes ---------------


@ways
def test_gsmmodem_1_a_phone_that_answers_error_to_a_bare_at_comes_up(how: str) -> None:
    """It could not connect at all: `AT` was its first word."""
    desk = Desk()
    desk._took(desk.engine.start(0.0))
    assert b"AT\r" not in desk.written
    for _ in range(12):
        hear(desk, b"\r\nERROR\r\n" if desk.written[-1] in {b"AT\r", b"AT+CMEE=1\r"} else OK, how)
        desk.wait(0.1)
    assert [row[0] for row in told(desk.events)] == ["LineInService"]


@ways
def test_gsmmodem_2_a_ring_inside_the_reply_to_the_list_is_told(how: str) -> None:
    """It gave RING and +CLIP to whoever had asked for the list, and nobody was told of the call."""
    desk = up()
    desk.wait(GSM.idle_s)
    ring = b'\r\n+CRING: VOICE\r\n\r\n+CLIP: "4930111111",145,,,,0\r\n\r\n*ECAV: 1,5,0,,,"4930111111",145\r\n'
    row = b'\r\n+CLCC: 1,1,4,0,0,"4930111111",145\r\n'
    desk.wrote()
    assert hear(desk, ring + row + OK, how) == [
        ("CallDelivered", "desk-1", "ringing", "inbound", "+4930111111", "")
    ]
    assert hear(desk, row + OK, how) == []


@ways
def test_gsmmodem_3_no_carrier_ends_the_abandoned_call(how: str) -> None:
    """It was an `unhandled unsolicited modem notification`, and the call stayed for ever."""
    desk = ringing(how)
    assert hear(desk, b'\r\n*ECAV: 1,0,0,,,"0301",129\r\n\r\nNO CARRIER\r\n', how) == []
    assert desk.wrote() == b"AT+CLCC\r"
    assert hear(desk, OK, how) == [GAVE_UP]
    assert desk.ask(Reject()) == [("EffectFailed", "no_such_call", "None", "no call is waiting or ringing")]


# and of our own -----------------------------------------------------------------------------------


def test_quiet_modem_proves_nothing_by_silence() -> None:
    engine = WatchingEngine(LineId("desk"), HAYES)
    events = list(engine.feed(b"\r\nRING\r\n", 0.0).events)
    engine.host_wrote(b"ATQ1\r", 1.0)
    events += engine.until(60.0)
    assert [row[0] for row in told(events)] == ["CallDelivered"]
    engine.host_wrote(b"ATQ0\r", 60.0)
    assert told(engine.until(67.9)) == []
    assert told(engine.until(68.1)) == [GAVE_UP]


def test_event_codes_are_read_inside_any_line_and_only_where_they_come() -> None:
    assert Lexer(shielded=True).feed(b"ab\x10Rcd\x10\x10e\r\n") == ["\x10R", "abcde"]
    assert Lexer().feed(b"ab\x10Rcd\r\n") == ["ab\x10Rcd"]


@ways
def test_answering_is_waited_for_although_the_rings_stop(how: str) -> None:
    desk = up(HAYES)
    hear(desk, b"\r\nRING\r\n", how)
    desk.ask(Answer())
    assert desk.wait(15.0) == []
    assert hear(desk, b"\r\nCONNECT 33600\r\n", how)[0] == UP
    desk.ask(HangUp())
    assert hear(desk, OK, how)[0] == ("CallCleared", "desk-1", "normal_clearing", "local")


def test_hands_free_link_without_a_list_follows_its_indicators() -> None:
    desk = Desk(HFP)
    desk._took(desk.engine.start(0.0))
    cind = b'\r\n+CIND: ("service",(0,1)),("call",(0,1)),("callsetup",(0-3)),("callheld",(0-2))\r\n'
    for _ in range(14):
        asked = desk.written[-1]
        reply = b"\r\nERROR\r\n" if asked == b"AT+CLCC\r" else (cind if asked == b"AT+CIND=?\r" else b"") + OK
        desk.hear(reply, after_s=0.2)
    assert isinstance(desk.events[0], LineInService)
    assert not {"hold", "swap", "join", "call_list"} & desk.events[0].capabilities
    assert desk.hear(b"\r\n+CIEV: 3,1\r\n\r\nRING\r\n")[0][:3] == ("CallDelivered", "desk-1", "ringing")
    assert desk.hear(b"\r\n+CIEV: 2,1\r\n\r\n+CIEV: 3,0\r\n") == [UP]
    assert desk.hear(b"\r\n+CIEV: 2,0\r\n") == [("CallCleared", "desk-1", "normal_clearing", "unknown")]

"""The simulated phone by itself: what it says, when, and how badly it behaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.simulated.phone import SimulatedPhone
from devices.simulated.phone_calls import PhoneCalls, Stat
from state.engine import Step

LATENCY_S = 0.03
SETTINGS = "AT+CMEE=1;+CRC=1;+CLIP=1;+CCWA=1"


def said(step: Step) -> bytes:
    return b"".join(write.data for write in step.writes)


class Host:
    """Types commands and collects what the phone says, with its times."""

    def __init__(self, phone: SimulatedPhone) -> None:
        self.phone = phone
        self.at = 0.0
        self.heard: list[tuple[float, bytes]] = []

    def take(self, step: Step) -> None:
        self.heard += [(self.at, write.data) for write in step.writes]

    def run(self, seconds: float = 0.1) -> str:
        """What was said since the last run, as lines joined by |."""
        until = self.at + seconds
        while (due := self.phone.next_deadline()) is not None and due <= until:
            self.at = max(self.at, due)
            self.take(self.phone.advance(self.at))
        self.at = until
        text = b"".join(data for _, data in self.heard).decode("latin-1")
        self.heard = []
        return "|".join(line for line in text.replace("\r", "\n").split("\n") if line)

    def type(self, text: str, seconds: float = 0.1) -> str:
        self.take(self.phone.feed(text.encode() + b"\r", self.at))
        return self.run(seconds)


@pytest.fixture
def host() -> Host:
    ready = Host(SimulatedPhone(echo=False))
    assert ready.type(SETTINGS) == "OK"
    return ready


def talking(host: Host, number: str = "03011111") -> Host:
    host.take(host.phone.ring_in(number, host.at))
    host.type("ATA")
    assert host.phone.connected
    return host


# answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT", "ERROR"),
        ("garbage", "ERROR"),
        ("AT+NOSUCH", "ERROR"),
        ("AT+CHLD=?", "ERROR"),
        ("ATE0V1", "OK"),
        ("ATE0V1Q0X4", "OK"),
        ("ATZZ", "ERROR"),
        ("AT+CLCC", "OK"),
        ("at+clcc", "OK"),
        ("AT+CMUT?", "+CMUT: 0|OK"),
        ("AT+CMUT=2", "ERROR"),
        ("AT+CLIP=1;+CRC=1;+CLCC", "OK"),
        ("ATA", "+CME ERROR: 3"),
        ("ATH", "+CME ERROR: 3"),
        ("AT+CHUP", "+CME ERROR: 3"),
        ("AT+CHLD=2", "+CME ERROR: 3"),
        ("AT+CHLD=7", "+CME ERROR: 3"),
        ("AT+VTS=1", "+CME ERROR: 3"),
        ("", ""),
    ],
)
def test_answers(host: Host, command: str, answer: str) -> None:
    assert host.type(command) == answer


def test_errors_are_plain_until_asked_for() -> None:
    assert Host(SimulatedPhone(echo=False)).type("ATA") == "ERROR"


def test_echo_until_it_is_switched_off() -> None:
    host = Host(SimulatedPhone())
    assert host.type("AT+CLCC") == "AT+CLCC|OK"
    assert host.type("ATE0") == "ATE0|OK"
    assert host.type("AT+CLCC") == "OK"
    assert host.type("ATE1") == "OK"
    assert host.type("AT+CLCC") == "AT+CLCC|OK"


def test_answer_comes_after_the_latency_and_not_before(host: Host) -> None:
    began = host.at
    assert host.type("AT+CLCC", LATENCY_S - 0.001) == ""
    assert host.phone.next_deadline() == pytest.approx(began + LATENCY_S)
    assert host.run(0.01) == "OK"
    assert host.phone.next_deadline() is None


def test_command_may_come_in_pieces(host: Host) -> None:
    for piece in (b"AT+", b"CL", b"CC\r"):
        host.take(host.phone.feed(piece, host.at))
    assert host.run() == "OK"


def test_pipelined_commands_are_all_answered(host: Host) -> None:
    host.take(host.phone.feed(b"AT+CLCC\rAT+CMUT?\r", host.at))
    assert host.run() == "OK|+CMUT: 0|OK"


def test_error_ends_the_line(host: Host) -> None:
    assert host.type("AT+CHUP;+CMUT=1") == "+CME ERROR: 3"
    assert not host.phone.muted


def test_mute_is_set_and_kept(host: Host) -> None:
    assert host.type("AT+CMUT=1;+CMUT?") == "+CMUT: 1|OK"
    assert host.phone.muted
    host.type("AT+CMUT=0")
    assert not host.phone.muted


# calls -----------------------------------------------------------------------------------------


def test_rings_every_two_seconds_with_caller_id(host: Host) -> None:
    host.take(host.phone.ring_in("+4930123456", host.at))
    ring = '+CRING: VOICE|+CLIP: "4930123456",145,,,,0'
    assert host.run(1.9) == ring + '|*ECAV: 1,5,0,,,"4930123456",145'
    assert host.run(0.2) == ring
    assert host.run(2.0) == ring
    assert host.type("AT+CLCC") == '+CLCC: 1,1,4,0,0,"4930123456",145|OK'


def test_rings_plainly_when_nothing_was_set() -> None:
    host = Host(SimulatedPhone(echo=False, ring_s=5.0))
    host.take(host.phone.ring_in("03012345", 0.0))
    assert host.run(4.9).startswith("RING|*ECAV")
    assert host.run(0.2) == "RING"


@pytest.mark.parametrize(
    ("number", "clip"),
    [("", '"",128,,,,1'), ("03012345", '"03012345",129,,,,0'), ("+49301", '"49301",145,,,,0')],
)
def test_caller_id(host: Host, number: str, clip: str) -> None:
    host.take(host.phone.ring_in(number, host.at))
    assert f"+CLIP: {clip}" in host.run().split("|")


def test_name_is_shown(host: Host) -> None:
    host.take(host.phone.ring_in("1", host.at, "Anna"))
    assert '+CNAP: "Anna",0' in host.run().split("|")


def test_vendor_line_comes_between_answer_and_ok(host: Host) -> None:
    host.take(host.phone.ring_in("03012345", host.at))
    host.run()
    assert host.type("ATA") == '*ECAV: 1,3,0,,,"03012345",129|OK'
    assert host.phone.connected
    assert host.run(10.0) == ""


def test_agent_hangs_up(host: Host) -> None:
    talking(host)
    assert host.type("AT+CHUP") == '*ECAV: 1,0,0,,,"03011111",129|OK'
    assert host.phone.calls == ()


def test_caller_gives_up(host: Host) -> None:
    host.take(host.phone.ring_in("03012345", host.at))
    host.run()
    host.take(host.phone.far_hang_up(host.at))
    assert host.run(10.0) == '*ECAV: 1,0,0,,,"03012345",129|NO CARRIER'


def test_far_end_hangs_up_one_of_two(host: Host) -> None:
    talking(host)
    host.take(host.phone.ring_in("2", host.at))
    host.type("AT+CHLD=2")
    host.take(host.phone.far_hang_up(host.at, 1))
    host.run()
    assert [(call.index, call.stat) for call in host.phone.calls] == [(2, Stat.ACTIVE)]
    assert said(host.phone.far_hang_up(host.at, 7)) == b""


def test_dialling_alerts_by_itself_and_is_answered(host: Host) -> None:
    assert host.type("ATD03012345;") == '*ECAV: 1,1,0,,,"03012345",129|OK'
    assert host.phone.calls[0].stat is Stat.DIALING
    assert host.run(1.0) == '*ECAV: 1,6,0,,,"03012345",129'
    assert not host.phone.connected
    host.take(host.phone.far_answer(host.at))
    assert host.run() == '*ECAV: 1,3,0,,,"03012345",129'
    assert host.phone.connected


def test_dialled_party_is_busy(host: Host) -> None:
    host.type("ATD155;")
    host.take(host.phone.far_busy(host.at))
    assert host.run(5.0) == '*ECAV: 1,0,0,,,"155",129|BUSY'
    assert host.phone.calls == ()


def test_answered_before_it_alerted(host: Host) -> None:
    host.type("ATD155;")
    host.take(host.phone.far_answer(host.at))
    host.run(5.0)
    assert host.phone.calls[0].stat is Stat.ACTIVE


def test_dialled_party_picks_up_by_itself_when_told_to() -> None:
    host = Host(SimulatedPhone(echo=False, answer_after_s=3.0))
    host.type("ATD155;", 2.9)
    assert host.phone.calls[0].stat is Stat.ALERTING
    assert host.run(0.2) == '*ECAV: 1,3,0,,,"155",129'
    assert host.phone.connected
    host.type("AT+CHUP")
    assert host.run(10.0) == ""


def test_dialled_party_that_hung_up_does_not_pick_up_later() -> None:
    host = Host(SimulatedPhone(echo=False, answer_after_s=3.0))
    host.type("ATD155;", 2.0)
    host.take(host.phone.far_busy(host.at))
    host.run(0.1)
    assert host.run(10.0) == ""
    assert host.phone.next_deadline() is None


@pytest.mark.parametrize("act", ["far_answer", "far_busy", "far_hang_up"])
def test_far_party_without_a_call_says_nothing(host: Host, act: str) -> None:
    assert said(getattr(host.phone, act)(host.at)) == b""


def test_waiting_call_is_told_once_and_does_not_ring(host: Host) -> None:
    talking(host)
    host.take(host.phone.ring_in("+4922", host.at))
    assert host.run(10.0) == '+CCWA: "4922",145,1,0|*ECAV: 2,5,0,,,"4922",145'


def test_waiting_call_rings_when_it_is_the_only_one_left(host: Host) -> None:
    talking(host)
    host.take(host.phone.ring_in("22", host.at))
    host.run()
    host.take(host.phone.far_hang_up(host.at, 1))
    assert '+CLIP: "22",129,,,,0' in host.run(3.0)
    assert host.phone.calls[0].stat is Stat.INCOMING


def test_third_caller_hears_busy(host: Host) -> None:
    talking(host)
    host.phone.ring_in("2", host.at)
    assert said(host.phone.ring_in("3", host.at)) == b""
    assert len(host.phone.calls) == 2


def test_one_line_phone_has_no_waiting() -> None:
    phone = SimulatedPhone(lines_of_calls=1)
    phone.ring_in("1", 0.0)
    phone.ring_in("2", 0.0)
    assert [call.number for call in phone.calls] == ["1"]


def test_dialling_while_it_rings_is_refused(host: Host) -> None:
    host.take(host.phone.ring_in("1", host.at))
    host.run()
    assert host.type("ATD2;") == "+CME ERROR: 3"


# supplementary services ------------------------------------------------------------------------


def state_after(stats: list[Stat], operation: str) -> list[Stat] | None:
    """The stats of the calls that are left; None when the phone refuses."""
    calls = PhoneCalls(4)
    for place, stat in enumerate(stats):
        call = calls.place(str(place), incoming=True)
        assert call is not None
        call.stat = stat
    told = calls.supplementary(operation)
    return None if told is None else [call.stat for call in calls.all]


A, H, W = Stat.ACTIVE, Stat.HELD, Stat.WAITING


@pytest.mark.parametrize(
    ("stats", "operation", "after"),
    [
        ([A], "2", [H]),
        ([H], "2", [A]),
        ([A, H], "2", [H, A]),
        ([A, W], "2", [H, A]),
        ([A, H, W], "2", None),
        ([], "2", None),
        ([A, W], "0", [A]),
        ([A, H], "0", [A]),
        ([A], "0", None),
        ([A, H, W], "0", [A, H]),
        ([A, H], "1", [A]),
        ([A, W], "1", [A]),
        ([A], "1", []),
        ([H], "1", None),
        ([A, H], "11", [H]),
        ([A, H], "12", [A]),
        ([A, H], "19", None),
        ([A, H], "3", [A, A]),
        ([A], "3", None),
        ([A, H], "4", []),
        ([A], "4", None),
        ([A, H], "", None),
    ],
)
def test_supplementary_services(stats: list[Stat], operation: str, after: list[Stat] | None) -> None:
    assert state_after(stats, operation) == after


def test_joined_calls_are_listed_as_a_conference(host: Host) -> None:
    talking(host)
    host.phone.ring_in("2", host.at)
    host.type("AT+CHLD=2")
    host.type("AT+CHLD=3")
    assert host.type("AT+CLCC") == '+CLCC: 1,1,0,0,1,"03011111",129|+CLCC: 2,1,0,0,1,"2",129|OK'


def test_hanging_up_leaves_the_held_one(host: Host) -> None:
    talking(host)
    host.phone.ring_in("2", host.at)
    host.type("AT+CHLD=2")
    host.type("AT+CHUP")
    assert [call.stat for call in host.phone.calls] == [Stat.HELD]


def test_freed_index_is_used_again(host: Host) -> None:
    talking(host)
    host.phone.ring_in("2", host.at)
    host.phone.far_hang_up(host.at, 1)
    host.phone.ring_in("3", host.at)
    assert sorted(call.index for call in host.phone.calls) == [1, 2]


# misbehaviour ----------------------------------------------------------------------------------


def test_refusal_counts_once(host: Host) -> None:
    host.phone.refuse("AT+CMUT", "+CME ERROR: 100")
    assert host.type("AT+CMUT=1") == "+CME ERROR: 100"
    assert not host.phone.muted
    assert host.type("AT+CMUT=1") == "OK"


def test_wedged_phone_says_nothing_to_the_host_but_goes_on_ringing(host: Host) -> None:
    host.phone.wedge()
    assert host.type("AT+CLCC", 60.0) == ""
    host.take(host.phone.ring_in("1", host.at))
    assert host.run().startswith("+CRING")
    host.phone.wedge(wedged=False)
    assert host.type("AT+CHUP").endswith("OK")


def test_calls_live_on_when_the_host_goes_away(host: Host) -> None:
    talking(host)
    host.take(host.phone.feed(b"AT+CL", host.at))
    host.take(host.phone.feed(b"CC\r", host.at))
    host.phone.host_gone()
    assert host.run() == ""
    assert host.phone.connected
    assert host.type("AT+CLCC") == '+CLCC: 1,1,0,0,0,"03011111",129|OK'


def test_glued_lines_come_in_one_read(host: Host) -> None:
    host.take(host.phone.ring_in("1", host.at))
    assert len(host.heard) == 1
    assert host.heard[0][1].count(b"\r\n\r\n") == 2


def test_split_wire_carries_the_same_bytes_in_small_pieces() -> None:
    whole = said(SimulatedPhone().ring_in("+4930123456", 0.0))
    for seed in range(20):
        host = Host(SimulatedPhone(split_seed=seed))
        host.take(host.phone.ring_in("+4930123456", 0.0))
        while host.phone._wire:
            host.at = host.phone.next_deadline() or 0.0
            host.take(host.phone.advance(host.at))
        pieces = [data for _, data in host.heard]
        assert b"".join(pieces) == whole
        assert len(pieces) > 1
        assert max(map(len, pieces)) <= 24


def test_splits_follow_from_the_seed() -> None:
    def pieces(seed: int) -> list[tuple[float, bytes]]:
        host = Host(SimulatedPhone(split_seed=seed))
        host.take(host.phone.ring_in("+4930123456", 0.0))
        while host.phone._wire:
            host.at = host.phone.next_deadline() or 0.0
            host.take(host.phone.advance(host.at))
        return host.heard

    assert pieces(5) == pieces(5)
    assert pieces(5) != pieces(6)


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_survived(data: bytes) -> None:
    host = Host(SimulatedPhone())
    host.take(host.phone.feed(data, 0.0))
    host.run(1.0)
    assert len(host.phone._typed) <= 256
    host.type("")
    assert host.type("ATE0").endswith("OK")

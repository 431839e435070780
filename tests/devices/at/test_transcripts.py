"""Recorded conversations through the engine: golden events by hand, the same at any chunking."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from devices.at.profiles import GSM, HAYES, HFP, Profile
from devices.at.transcript import Transcript, parse, replay, unescape
from state.errors import ConfigError
from state.events import Event
from tests.devices.at.rig import told
from tests.support import ROOT, need_shared_data

FOLDER = ROOT / "tests" / "data" / "at"
PROFILES: dict[str, Profile] = {"phonesim": GSM, "iaxmodem": HAYES, "bumble": HFP, "tcpser": HAYES}
SEEDS = 50

Row = tuple[str, ...]

NO_MUTE = ("LineMuteReported", "False")


def rings(n: int, number: str = "", name: str = "", state: str = "ringing") -> Row:
    return ("CallDelivered", f"line-{n}", state, "inbound", number, name)


def known(n: int, number: str, name: str = "") -> Row:
    return ("CallUpdated", f"line-{n}", number, name)


def gone(n: int, cause: str = "call_cancelled", by: str = "remote") -> Row:
    return ("CallFailed", f"line-{n}", cause, by)


def dials(n: int, number: str) -> Row:
    return ("CallOriginated", f"line-{n}", number)


def up(n: int) -> Row:
    return ("CallEstablished", f"line-{n}")


def over(n: int, by: str) -> Row:
    return ("CallCleared", f"line-{n}", "normal_clearing", by)


GOLDEN: dict[str, list[Row]] = {
    "phonesim_incoming_answer_hangup": [
        rings(1),
        known(1, "+4930123456"),
        up(1),
        ("LineMuteReported", "True"),
        over(1, "local"),
    ],
    "phonesim_incoming_abandoned": [rings(1), known(1, "+4930123456"), gone(1)],
    "phonesim_urc_inside_reply": [rings(1), known(1, "+4930111111"), up(1), over(1, "local")],
    "phonesim_dialback_hangup": [
        dials(1, "177"),
        gone(1, "unknown", "unknown"),
        rings(2),
        known(2, "1234567"),
        known(2, "1234567", "Bob"),
        gone(2),
    ],
    "phonesim_hold_waiting_swap": [
        rings(1),
        known(1, "+4930111111"),
        up(1),
        rings(2, state="waiting"),
        known(2, "+4930222222"),
        ("CallHeld", "line-1"),
        up(2),
        ("CallHeld", "line-2"),
        ("CallRetrieved", "line-1"),
        ("CallRetrieved", "line-2"),
        over(2, "local"),
        over(1, "local"),
    ],
    "phonesim_outgoing": [
        dials(1, "03012345"),
        ("CallDelivered", "line-1", "ringback", "outbound", "03012345", ""),
        up(1),
        over(1, "local"),
        dials(2, "155"),
        gone(2, "busy"),
        dials(3, "12377"),
        gone(3, "unknown", "unknown"),
    ],
    "phonesim_noise": [NO_MUTE],
    "iaxmodem_incoming_answered": [rings(1, "4930123456", "Anna"), gone(1)],
    "iaxmodem_device_killed": [rings(1, "4930123456", "Anna"), gone(1)],
    "iaxmodem_ring_during_command": [rings(1, "4930123456", "Anna"), gone(1)],
    "iaxmodem_outgoing_busy": [
        dials(1, "0301"),
        gone(1, "busy"),
        dials(2, "0302"),
        gone(2, "busy"),
        dials(3, "0303"),
        gone(3, "resources_not_available", "network"),
    ],
    "iaxmodem_identify": [],
    "bumble_errors": [],
    "bumble_hf_host": [rings(1), known(1, "+4930123456"), up(1), over(1, "local")],
    "bumble_incoming_answer": [rings(1), known(1, "+4930123456"), up(1), over(1, "local")],
    "bumble_waiting_swap": [
        rings(1),
        known(1, "+4930111111"),
        up(1),
        rings(2, state="waiting"),
        known(2, "+4930222222"),
        ("CallHeld", "line-1"),
        up(2),
        ("CallHeld", "line-2"),
        ("CallRetrieved", "line-1"),
        over(1, "local"),
        ("CallRetrieved", "line-2"),
        over(2, "unknown"),
    ],
    "tcpser_incoming_answered": [rings(1), up(1), over(1, "remote")],
    "tcpser_numeric_and_quiet": [rings(1), gone(1), rings(2), up(2), over(2, "remote")],
    "tcpser_outgoing": [
        dials(1, "555"),
        up(1),
        over(1, "remote"),
        dials(2, "556"),
        gone(2, "unknown", "unknown"),
        dials(3, ""),
        ("CallDelivered", "line-3", "ringback", "outbound", "", ""),
    ],
}
"""What happened, read off each recording by a person.

iaxmodem_incoming_answered has no CONNECT: the far end hung up while the modem was still answering.
tcpser_numeric_and_quiet: quiet mode hides RINGs for longer than the ring timeout; an unknown command answers.
"""

FIRST_AT = {
    "phonesim_incoming_answer_hangup": (0.082, 4.698),
    "phonesim_incoming_abandoned": (0.096, 2.668),
    "iaxmodem_incoming_answered": (5.507, 14.525),
    "iaxmodem_device_killed": (5.515, 13.515),
    "iaxmodem_ring_during_command": (5.508, 10.509 + 1.6 * 5.001),
}
"""When the first and the last event happened; the last two are ring timeouts."""


def load(name: str) -> tuple[Transcript, Profile]:
    text = (FOLDER / f"{name}.txt").read_text("utf-8")
    return parse(text, name), PROFILES[name.partition("_")[0]]


def timeless(events: list[Event]) -> list[Event]:
    return [replace(event, at=0.0) for event in events]


def test_every_recording_has_golden_events() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_golden_events(name: str) -> None:
    assert told(replay(*load(name))) == GOLDEN[name]


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_same_events_at_any_chunking(name: str) -> None:
    recording, profile = load(name)
    whole = timeless(replay(recording, profile))
    assert timeless(replay(recording, profile, "one")) == whole
    for seed in range(SEEDS):
        assert timeless(replay(recording, profile, f"random:{seed}")) == whole, seed


@pytest.mark.parametrize("name", sorted(FIRST_AT))
def test_times_of_the_first_and_last_event(name: str) -> None:
    events = replay(*load(name), "one")
    first, last = FIRST_AT[name]
    assert events[0].at == pytest.approx(first)
    assert events[-1].at == pytest.approx(last)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_garbage_behind_the_last_line_invents_no_call(name: str) -> None:
    recording, profile = load(name)
    last = recording.spoken[-1]
    noise = replace(last, side="<", data=b'\r\n\x00\xffgar\x80bage",+C:\r\n"')
    longer = replace(recording, spoken=(*recording.spoken, noise))
    assert timeless(replay(longer, profile)) == timeless(replay(recording, profile))


def test_every_recording_names_its_peer() -> None:
    for name in GOLDEN:
        recording, _ = load(name)
        assert recording.headers["peer"]
        assert recording.headers["title"]


OFONO: dict[str, list[Row]] = {
    "ofono_phonesim_abandoned": [NO_MUTE, rings(1), known(1, "+4930123456"), gone(1)],
    "ofono_phonesim_answer_dtmf_hangup": [
        NO_MUTE,
        rings(1),
        known(1, "+4930123456"),
        up(1),
        over(1, "local"),
    ],
    "ofono_phonesim_dial": [
        NO_MUTE,
        dials(1, "03012345"),
        ("CallDelivered", "line-1", "ringback", "outbound", "03012345", ""),
        up(1),
        over(1, "remote"),
        dials(2, "155"),
        gone(2, "busy"),
    ],
}


@pytest.mark.parametrize("name", sorted(OFONO))
def test_another_hosts_whole_session(name: str) -> None:
    path = need_shared_data("at_transcripts", f"{name}.txt")
    recording = parse(path.read_text("utf-8"), name)
    whole = replay(recording, GSM)
    assert told(whole) == OFONO[name]
    for chunk in ("one", *(f"random:{seed}" for seed in range(10))):
        assert timeless(replay(recording, GSM, chunk)) == timeless(whole)


def test_recordings_here_are_the_published_ones() -> None:
    folder = need_shared_data("at_transcripts")
    for path in FOLDER.glob("*.txt"):
        assert path.read_bytes() == (folder / path.name).read_bytes()


# the format ------------------------------------------------------------------------------------


def test_parse_headers_sides_and_escapes() -> None:
    head = "# at-transcript 1\n# title: a\n> 0.5 AT\\r\n# later: x\n! 1 far end\n"
    recording = parse(head + "< 1.25 \\r\\n\\x41\\\\\\t\\r\\n\n")
    assert recording.headers == {"title": "a"}
    assert [(one.side, one.at, one.data, one.note) for one in recording.spoken] == [
        (">", 0.5, b"AT\r", ""),
        ("!", 1.0, b"", "far end"),
        ("<", 1.25, b"\r\nA\\\t\r\n", ""),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "t:1: the first line must be '# at-transcript 1'"),
        ("> 0 AT\n", "t:1: the first line must be"),
        ("# at-transcript 1\nhello\n", "t:2: 'hello' is not '> SECONDS TEXT'"),
        ("# at-transcript 1\n\n> x AT\n", "t:3: '> x AT' is not"),
        ("# at-transcript 1\n> 1.0 a\n> 0.5 b\n", "t:3: time goes back from 1.000 to 0.500"),
        ("# at-transcript 1\n< 0 \\q\n", "t:2: unknown escape \\q"),
        ("# at-transcript 1\n< 0 \\x4\n", "t:2: unknown escape \\x"),
        ("# at-transcript 1\n< 0 a\\\n", "t:2: unknown escape \\"),
    ],
)
def test_errors_name_the_place(text: str, place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "t")
    assert str(caught.value).startswith(place)


def test_unescape_keeps_everything_else() -> None:
    assert unescape('+CLIP: "张",\\xff') == '+CLIP: "张",'.encode() + b"\xff"


@pytest.mark.parametrize("chunk", ["some", "random", "random:", "random:x", ""])
def test_unknown_chunking_is_an_error(chunk: str) -> None:
    recording = parse("# at-transcript 1\n< 0 x\n")
    with pytest.raises(ConfigError, match="is not all, one or random:SEED"):
        replay(recording, GSM, chunk)


def test_data_folder_is_only_transcripts() -> None:
    assert {path.suffix for path in Path(FOLDER).iterdir()} == {".txt"}

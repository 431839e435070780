"""`callseat audio meter`: what it shows of a seat's call, and of a device without a seat."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from audio.wav import read_wav
from callseat.api.client import ApiClient
from callseat.cli.meter import LOWEST_DBFS, WIDTH, bar, screen, words
from callseat.cli.meter_board import HOLD_S, Board, Meter
from state.events import (
    AudioFaultEnded,
    AudioFaultFound,
    LevelMeasured,
    SignalChanged,
    SpeechStarted,
    SpeechStopped,
)
from state.ids import LineId
from state.words import AudioFault, Channel, SignalCondition
from tests.callseat.cli.daemon_kit import Daemon, command, until
from tests.docs.pages import page, rows
from tests.kernel.kit.waiting import await_until
from tests.peers.pulse import Pulse, need_pyaudio, pulse
from tests.support import ROOT

LINE = LineId("desk")
NEAR, FAR = Channel.NEAR, Channel.FAR
CALL = {"calls": {"c1": {"call": "c1", "line": "desk"}}}


def level(channel: str, dbfs: float, at: float = 0.0) -> dict[str, Any]:
    return {
        "line": "desk", "channel": channel, "level_dbfs": dbfs, "floor_dbfs": -60.0, "ts": {"monotonic": at},
    }  # fmt: skip


# the board ----------------------------------------------------------------------------------------


def test_levels_come_from_the_socket() -> None:
    board = Board()
    assert not board.complete
    assert board.take_topic("audio.level", level("far", -30.0), CALL)
    assert board.take_topic("audio.level", level("near", -40.0), CALL)
    near, far = board
    assert board.complete
    assert (near.channel, near.level_dbfs, near.peak_dbfs, near.floor_dbfs) == ("near", -40.0, -40.0, -60.0)
    assert (far.channel, far.level_dbfs) == ("far", -30.0)


def test_a_peak_is_held_and_let_go() -> None:
    meter = Meter("desk", "near")
    for at, dbfs, held in (
        (0.0, -20.0, -20.0),
        (1.0, -40.0, -20.0),
        (HOLD_S + 0.5, -45.0, -45.0),
        (4.0, -9.0, -9.0),
    ):
        meter.show(dbfs, dbfs, at)
        assert (meter.level_dbfs, meter.peak_dbfs) == (dbfs, held)


def test_speech_is_known_from_its_next_edge_on() -> None:
    board = Board()
    assert board.meter("desk", "far").speaking is None
    assert board.take_topic("speech.started", {"call": "c1", "channel": "far"}, CALL)
    assert board.meter("desk", "far").speaking is True
    assert board.take_topic("speech.stopped", {"call": "c1", "channel": "far"}, CALL)
    assert board.meter("desk", "far").speaking is False
    assert not board.take_topic("speech.started", {"call": "gone", "channel": "far"}, CALL)
    assert not board.take_topic("cue.given", {}, CALL)


def snapshot(listening: bool, *faults: dict[str, Any]) -> dict[str, Any]:
    return {
        **CALL,
        "lines": {"desk": {"listening": listening, "faults": list(faults)}, "b": {"listening": False}},
    }


def test_what_a_side_carries_comes_from_the_picture() -> None:
    board, picture = Board(), snapshot(True)
    picture["lines"]["desk"] |= {"near": {"condition": "ok"}, "far": {"condition": "busy"}}
    board.take_snapshot(picture)
    assert [each.condition for each in board] == ["ok", "busy"]
    board.take_snapshot(snapshot(True))
    assert [each.condition for each in board] == [None, None]


def test_meters_are_those_of_the_lines_that_are_listened_to() -> None:
    board = Board()
    hum = {"channel": "near", "fault": "hum", "evidence": "50 Hz at -40 dBFS"}
    board.take_snapshot(snapshot(True, hum))
    assert [(each.line, each.channel) for each in board] == [("desk", "near"), ("desk", "far")]
    near, far = board
    assert (near.faults, far.faults) == ({"hum": "50 Hz at -40 dBFS"}, {})
    assert board.take_topic("state.changed", {}, snapshot(True))
    assert near.faults == {}
    assert board.take_topic("state.changed", {}, snapshot(False))
    assert list(board) == []


def test_events_of_a_listener_are_followed() -> None:
    board = Board()
    where = ("audio", LINE, NEAR)
    for event in (
        SpeechStarted(1.0, *where, 0.9),
        LevelMeasured(1.0, *where, -30.0, -62.0),
        SignalChanged(1.0, *where, SignalCondition.TONE, 0.5, ""),
        AudioFaultFound(1.0, *where, AudioFault.HUM, 0.5, 0.9, "50 Hz"),
        AudioFaultFound(1.0, *where, AudioFault.GAPS, 0.5, 0.9, "3 gaps"),
        AudioFaultEnded(2.0, *where, AudioFault.GAPS, 1.9),
    ):
        board.take_event(event)
    (meter,) = board
    assert meter.as_json() == {
        "line": "desk", "channel": "near", "level_dbfs": None, "peak_dbfs": None, "floor_dbfs": -62.0,
        "speaking": True, "condition": "tone", "faults": {"hum": "50 Hz"},
    }  # fmt: skip
    board.take_event(SpeechStopped(2.0, *where, 1.9))
    assert meter.speaking is False


def test_the_guide_describes_a_meter() -> None:
    described = [row[0].strip("`") for row in rows(page("docs/audio-commands.md"), "A meter")]
    assert described == list(Meter("desk", "near").as_json())


# the picture --------------------------------------------------------------------------------------


def drawn(**shown: Any) -> str:
    return bar(Meter("desk", "near", **shown)).plain


@pytest.mark.parametrize(
    ("dbfs", "filled"),
    [(LOWEST_DBFS - 9, 0), (LOWEST_DBFS, 0), (LOWEST_DBFS / 2, WIDTH // 2), (0.0, WIDTH - 1)],
)
def test_a_bar_is_as_long_as_it_is_loud(dbfs: float, filled: int) -> None:
    assert drawn(level_dbfs=dbfs) == "█" * filled + "·" * (WIDTH - filled)


def test_a_bar_has_marks_for_peak_and_floor() -> None:
    picture = drawn(level_dbfs=-36.0, peak_dbfs=-18.0, floor_dbfs=-54.0)
    assert picture.index(":") == WIDTH // 4
    assert picture.index("|") == 3 * WIDTH // 4
    assert drawn() == "·" * WIDTH


def test_words() -> None:
    assert words(Meter("desk", "near")) == "nothing measured yet"
    meter = Meter("desk", "near", -40.0, -60.0, -20.0, True, "ringback", {"loud_background": "-40 dBFS"})
    assert words(meter) == "-40.0 dBFS, peak -20.0, floor -60.0, speech, ringback, loud background"
    assert words(Meter("desk", "near", -40.0, None, -20.0, None, "ok")) == "-40.0 dBFS, peak -20.0"


def test_the_screen_shows_every_meter_and_its_faults() -> None:
    board = Board()
    assert "waiting for one" in _shown(board)
    board.take_topic("audio.level", level("near", -30.0), CALL)
    board.take_event(AudioFaultFound(1.0, "audio", LINE, NEAR, AudioFault.HUM, 0.5, 0.9, "50 Hz at -40 dBFS"))
    board.meter("desk", "far")
    picture = _shown(board)
    assert "desk near" in picture
    assert "desk far" in picture
    assert "-30.0 dBFS" in picture
    assert "hum: 50 Hz at -40 dBFS" in picture
    assert "nothing measured yet" in picture


def _shown(board: Board) -> str:
    console = Console(record=True, width=80, file=None, quiet=False, color_system=None)
    with console.capture() as captured:
        console.print(screen(board))
    return captured.get()


# a seat -------------------------------------------------------------------------------------------


@pytest.fixture(name="daemon", scope="module")
def _daemon() -> Iterator[Daemon]:
    daemon = Daemon()
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.close()


def test_a_seat_without_a_call_ends_one_reading_with_1(daemon: Daemon) -> None:
    refused = daemon.cli("audio", "meter", "--once", status=1)
    assert refused.stderr == (
        "callseat: no call is listened to now; `callseat audio meter --device NAME` needs none\n"
    )


def test_one_reading_of_a_call(daemon: Daemon) -> None:
    async def connected() -> None:
        async with await ApiClient.connect(daemon.socket) as client:
            await until(lambda now: now["lines"].get("desk", {}).get("in_service"), client)
            await asyncio.to_thread(daemon.cli, "simulated", "ring", "13800138000")
            await until(lambda now: now["calls"], client)
            await asyncio.to_thread(daemon.cli, "answer")
            await until(lambda now: now["lines"]["desk"]["listening"], client)

    asyncio.run(connected())
    near, far = daemon.json("audio", "meter", "--once")["meters"]
    assert (near["line"], near["channel"], far["channel"]) == ("desk", "near", "far")
    for each in (near, far):
        assert -90 < each["level_dbfs"] < -20
        assert each["peak_dbfs"] >= each["level_dbfs"]
        assert each["floor_dbfs"] < 0
        assert each["condition"] == "ok"
    told = daemon.cli("audio", "meter", "--once").stdout.splitlines()
    assert [line.partition(":")[0] for line in told] == ["desk near", "desk far"]


def test_without_a_seat_it_ends_with_3(tmp_path: Path) -> None:
    refused = command("audio", "meter", "--once", "--socket", str(tmp_path / "none"), status=3)
    assert f"nobody listens on {tmp_path / 'none'}" in refused.stderr


# a device -----------------------------------------------------------------------------------------


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulse]:
    need_pyaudio()
    with pulse(tmp_path_factory.mktemp("pulse"), "room") as server:
        sentence = read_wav(ROOT / "tests/recordings/sentence_zh_16k.wav").samples
        server.play("room", np.tile(sentence, 20), 16000)
        await_until(lambda: server.listing("sink-inputs"), 5.0, "the voice in the room")
        yield server


def metered(server: Pulse, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "callseat", "audio", "meter", *arguments],
        env={**server.env, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_one_reading_of_a_device(server: Pulse) -> None:
    with metered(server, "--device", "room_monitor", "--once", "--json") as process:
        said, troubles = process.communicate(timeout=30)
    assert (process.returncode, troubles) == (0, "")
    (meter,) = json.loads(said)["meters"]
    assert (meter["line"], meter["channel"]) == ("device", "near")
    assert -90 < meter["level_dbfs"] <= meter["peak_dbfs"] < 0
    assert meter["floor_dbfs"] < 0


def test_a_device_is_followed_until_interrupted(server: Pulse) -> None:
    with metered(server, "--device", "room_monitor", "--json") as process:
        assert process.stdout is not None
        lines = [json.loads(process.stdout.readline()) for _ in range(25)]
        process.send_signal(2)
        process.communicate(timeout=30)
    assert process.returncode == 130
    levels = [line["meters"][0]["level_dbfs"] for line in lines]
    assert len(set(levels)) > 10
    assert lines[-1]["meters"][0]["speaking"] in (True, False)


def test_a_device_nobody_has_is_named(server: Pulse) -> None:
    with metered(server, "--device", "roon_monitor", "--once") as process:
        said, troubles = process.communicate(timeout=30)
    assert (process.returncode, said) == (2, "")
    assert re.search(
        r'callseat: no capture device is called "roon_monitor"; the nearest is "room_monitor"', troubles
    )

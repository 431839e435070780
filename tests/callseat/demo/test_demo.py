"""The demo plays its morning on one daemon, and what everybody heard is what it says."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from audio.decibel import rms_dbfs
from audio.wav import read_wav
from callseat.demo import run as demo_run
from callseat.demo.run import CALLS, demo, load_calls
from callseat.scenario.director import Director
from state.errors import ConfigError

NOISE_DBFS = -60.0
"""Line noise and a quiet room are below this, speech above."""
ZEROS_DBFS = -100.0
"""What `rms_dbfs` says of digital zeros."""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("CACHE_DIRECTORY", raising=False)


@pytest.fixture(name="morning", scope="module")
def _morning(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """One fast demo; its JSON."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "/nonexistent")  # no voice: the same on every machine
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        printed: list[str] = []
        patch.setattr("builtins.print", printed.append)
        assert demo(fast=True, as_json=True, out=folder / "out") == 0
    return json.loads(printed[0])


def seconds(morning: dict[str, object], name: str) -> list[float]:
    """RMS of each second of a WAV file."""
    recording = read_wav(Path(str(morning["out"])) / name)
    whole = len(recording.samples) // recording.rate
    parts = np.split(recording.samples[: whole * recording.rate], whole)
    return [rms_dbfs(part) for part in parts]


def test_every_call_comes_out_as_expected_in_two_minutes(morning) -> None:
    assert [call["findings"] for call in morning["calls"]] == [[]] * 6
    assert [call["scenario"][0] for call in morning["calls"]] == ["a", "b", "c", "c", "d", "e"]
    assert 100 < morning["timeline"][-1]["t"] < 140


def test_the_records_tell_the_calls(morning) -> None:
    told = [(row["direction"], row["silent_outcome"], row["silent_stage"]) for row in morning["records"]]
    assert told == [
        ("inbound", "silent_call", 3),
        ("inbound", "conversation", 0),
        ("inbound", "conversation", 0),
        ("inbound", "conversation", 0),
        ("outbound", "silent_call", 3),
        ("inbound", "", 0),
    ]
    assert len({row["record"] for row in morning["records"]}) == 6
    assert [promise["number"] for promise in morning["promises"]] == ["13600003333"]


def test_there_is_one_set_of_recordings_for_each_connected_call(morning) -> None:
    names = {Path(path).name for path in morning["wav"]}
    ears = ("near", "far", "ear", "line")
    assert names == {f"desk-{number:02d}-{ear}.wav" for number in range(1, 6) for ear in ears}


def test_the_line_hears_the_agent_only_when_not_muted(morning) -> None:
    silent_call, muted = seconds(morning, "desk-01-line.wav"), seconds(morning, "desk-03-line.wav")
    assert sum(level > NOISE_DBFS + 10 for level in silent_call) >= 8
    assert all(level <= ZEROS_DBFS for level in muted[:9])
    assert max(muted[9:]) > -40


def test_the_ear_hears_the_customer_and_the_line_does_not(morning) -> None:
    ear, line = seconds(morning, "desk-03-ear.wav"), seconds(morning, "desk-03-line.wav")
    assert max(ear[1:5]) > -40
    assert max(line[1:5]) <= ZEROS_DBFS
    far = seconds(morning, "desk-01-far.wav")
    assert all(-80 < level < NOISE_DBFS for level in far), "a line's noise, never digital zeros"


def test_a_raw_microphone_is_heard_while_muted_but_not_sent(morning) -> None:
    near, line = seconds(morning, "desk-04-near.wav"), seconds(morning, "desk-04-line.wav")
    assert near[4] > -40
    assert line[4] <= ZEROS_DBFS


def test_what_an_earlier_demo_wrote_goes_and_nothing_else(tmp_path: Path, capsys) -> None:
    for name in ("desk-09-ear.wav", "records.sqlite", "mine.wav", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert demo(fast=True, out=tmp_path, language="en", calls=one_call(tmp_path / "calls")) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert {"mine.wav", "notes.txt", "records.sqlite", "journal.jsonl"} <= names
    assert "desk-09-ear.wav" not in names
    printed = capsys.readouterr().out
    assert "rings: 13500004444" in printed
    assert "never connected: call_cancelled" in printed
    assert "1 of 1 calls" in printed


def one_call(folder: Path, more: str = "") -> Path:
    folder.mkdir()
    shutil.copy(CALLS / "e_caller_gives_up.toml", folder / "e.toml")
    if more:
        text = (folder / "e.toml").read_text("utf-8")
        (folder / "f.toml").write_text(text + more, encoding="utf-8")
    return folder


def test_no_calls_say_where_they_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no demo calls here; they are in the source checkout"):
        demo(calls=tmp_path, out=tmp_path)


def test_calls_of_different_seats_are_refused(tmp_path: Path) -> None:
    folder = one_call(tmp_path / "calls", '\n[seat]\nlanguage = "en"\n')
    with pytest.raises(ConfigError, match=r"f\.toml: the demo's calls share one seat"):
        load_calls(folder)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match="file: cannot be written"):
        demo(fast=True, out=tmp_path / "file")


def test_in_real_time_lines_come_as_they_happen_and_the_socket_serves(
    tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: list[bytes] = []
    printed: list[str] = []
    monkeypatch.setenv("PATH", "/nonexistent")

    class Asking(Director):
        """Somebody in a second terminal asks the daemon who it is, before the first call."""

        async def play(self, *, until_cleared: bool = False) -> tuple[str, ...]:
            printed.append(capsys.readouterr().out)
            path = printed[0].partition("--socket ")[2].split()[0]
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b'{"jsonrpc":"2.0","id":1,"method":"server.info"}\n')
            answered.append(await reader.readline())
            writer.close()
            await writer.wait_closed()
            return await super().play(until_cleared=until_cleared)

    monkeypatch.setattr(demo_run, "Director", Asking)
    assert demo(speed=20, out=tmp_path, calls=one_call(tmp_path / "calls")) == 0
    assert b'"name":"callseat"' in answered[0].replace(b" ", b"")
    printed.append(capsys.readouterr().out)
    assert "来电 13500004444" in "".join(printed)
    assert "未接通：主叫放弃" in "".join(printed)


def test_a_terminal_that_cannot_draw_gets_the_lines(
    tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("PATH", "/nonexistent"), ("TTY_COMPATIBLE", "1"), ("TERM", "dumb")):
        monkeypatch.setenv(name, value)
    assert demo(speed=20, out=tmp_path, calls=one_call(tmp_path / "calls")) == 0
    assert "来电 13500004444" in capsys.readouterr().out

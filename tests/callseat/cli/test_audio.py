"""`callseat audio segments`, `check` and `devices`: answers, messages and exit statuses."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from audio.engines import ENGINES
from audio.live.names import server_node
from audio.wav import read_wav, write_wav
from callseat.cli.sound import NODE
from callseat.diagnosis.sound_facts import Place, ServerFacts
from state.words import AudioFault, Channel, SignalCondition
from tests.audio.sounds import zeros
from tests.audio.wav_made import Wav
from tests.callseat.cli.daemon_kit import command
from tests.docs.pages import page, rows
from tests.support import ROOT

RECORDINGS = ROOT / "tests/recordings"
SENTENCE = RECORDINGS / "sentence_zh_16k.wav"
GUIDE = "docs/audio-commands.md"


@pytest.fixture(name="dead")
def _dead(tmp_path: Path) -> Path:
    """A microphone that delivers zeros."""
    write_wav(tmp_path / "dead.wav", zeros(16000, 3.0), 16000)
    return tmp_path / "dead.wav"


@pytest.fixture(name="stereo")
def _stereo(tmp_path: Path) -> Path:
    left = read_wav(SENTENCE).samples
    return Wav(np.stack([left, left // 2], axis=1).tobytes(), channels=2, rate=16000).write(
        tmp_path / "stereo.wav"
    )


def refusal(*arguments: str, status: int = 2) -> str:
    """The one line a command ends with."""
    refused = command(*arguments, status=status)
    assert refused.stdout == ""
    (line,) = refused.stderr.splitlines()
    return line


# segments -----------------------------------------------------------------------------------------


def test_segments_as_table_csv_and_json(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    told = command("audio", "segments", str(SENTENCE), "--csv", str(target)).stdout.splitlines()
    assert re.split(r"\s{2,}", told[0]) == ["start s", "end s", "what", "known at s"]
    with target.open(newline="") as file:
        written = list(csv.DictReader(file))
    answered = json.loads(command("audio", "segments", str(SENTENCE), "--json").stdout)
    assert answered["file"] == str(SENTENCE)
    assert len(told) - 1 == len(written) == len(answered["segments"]) == 2
    assert set(written[0]) == set(answered["segments"][0]) == {"start_s", "end_s", "label", "decided_s"}
    for row, one in zip(written, answered["segments"], strict=True):
        assert row["label"] == one["label"] == "speech"
        assert float(row["start_s"]) == pytest.approx(one["start_s"], abs=0.001)


def test_segments_of_a_side(stereo: Path) -> None:
    assert "has 2 channels; expected 1, or `--channel left` or `right`" in refusal(
        "audio", "segments", str(stereo)
    )
    for side in ("left", "right"):
        answered = json.loads(command("audio", "segments", str(stereo), "--channel", side, "--json").stdout)
        assert len(answered["segments"]) == 2
    wrong = command("audio", "segments", str(stereo), "--channel", "middle", status=2)
    assert "no channel is called 'middle'; there are: left, right" in wrong.stderr


def test_segments_of_tones_only_where_asked_for() -> None:
    path = str(RECORDINGS / "ringback_cn.wav")
    assert command("audio", "segments", path).stdout == "nothing\n"
    answered = json.loads(command("audio", "segments", path, "--all", "--json").stdout)
    assert {one["label"] for one in answered["segments"]} <= {"ringback", "tone"}
    assert answered["segments"]


def test_engines_by_name(tmp_path: Path) -> None:
    told = refusal("audio", "segments", str(SENTENCE), "--engine", "golden")
    assert "no speech engine 'golden'" in told
    assert all(name in told for name in ENGINES)
    assert "needs its model file" in refusal("audio", "segments", str(SENTENCE), "--engine", "neural")
    wrong = refusal("audio", "segments", str(SENTENCE), "--model", str(tmp_path / "m.onnx"))
    assert "takes no model file" in wrong
    helped = command("audio", "segments", "--help").stdout
    assert all(name in helped for name in ENGINES)


@pytest.mark.parametrize("verb", ["segments", "check"])
def test_what_cannot_be_read_ends_with_2_and_one_line(tmp_path: Path, verb: str) -> None:
    (tmp_path / "text.wav").write_text("not a WAV")
    Wav(channels=6).write(tmp_path / "six.wav")
    Wav(b"").write(tmp_path / "empty.wav")
    for name, words in (
        ("none.wav", "no such file"),
        ("text.wav", "is not a WAV file"),
        ("six.wav", "has 6 channels"),
        ("empty.wav", "has no samples"),
        ("", "it is a folder"),
    ):
        told = refusal("audio", verb, str(tmp_path / name))
        assert told.startswith(f"callseat: {tmp_path / name}: ")
        assert words in told
        assert "; expected " in told


@pytest.mark.parametrize("verb", ["segments", "check"])
def test_a_header_that_is_not_true_is_a_note_beside_the_answer(tmp_path: Path, verb: str) -> None:
    (tmp_path / "cut.wav").write_bytes(SENTENCE.read_bytes()[:100044])
    told = command("audio", verb, str(tmp_path / "cut.wav"))
    assert "cut.wav: is cut short: 3.12 s of 7.63 s are there" in told.output
    assert json.loads(command("audio", verb, str(tmp_path / "cut.wav"), "--json").stdout)


# check --------------------------------------------------------------------------------------------


class Remedy(msgspec.Struct, forbid_unknown_fields=True):
    zh: str
    en: str


class Finding(msgspec.Struct, forbid_unknown_fields=True):
    channel: Channel
    fault: AudioFault
    since_s: float
    until_s: float
    lasts: bool
    confidence: float
    evidence: str
    remedy: Remedy


class Summary(msgspec.Struct, forbid_unknown_fields=True):
    channel: Channel
    file: str
    duration_s: float
    rate_hz: int
    analysed_hz: int
    speech_dbfs: float | None
    floor_dbfs: float | None
    snr_db: float | None
    speech_share: float
    carried_s: dict[SignalCondition, float]


class Checked(msgspec.Struct, forbid_unknown_fields=True):
    """What `audio check --json` answers, as docs/audio-commands.md says."""

    ok: bool
    findings: list[Finding]
    channels: list[Summary]
    notes: list[str]


def checked(*arguments: str, status: int = 0) -> Checked:
    told = command("audio", "check", *arguments, "--json", status=status).stdout
    return msgspec.json.decode(told, type=Checked)


def test_a_clean_call_ends_with_0() -> None:
    arguments = (str(SENTENCE), "--far", str(RECORDINGS / "answer_4s.wav"))
    assert command("audio", "check", *arguments).stdout.endswith("\n\nnothing is wrong\n")
    found = checked(*arguments)
    assert (found.ok, found.findings, found.notes) == (True, [], [])
    assert [each.channel for each in found.channels] == [Channel.NEAR, Channel.FAR]


def test_a_fault_ends_with_1_and_says_what_to_do(dead: Path) -> None:
    told = command("audio", "check", str(dead), status=1).stdout
    assert re.search(r"^near digital_zero: from 0\.00 s to the end, \d+% sure$", told, re.MULTILINE)
    assert "  next: look at mute key, boom arm and plug" in told
    assert re.search(r"^\d found$", told, re.MULTILINE)
    assert "  next: 检查静音键" in command("audio", "check", str(dead), "--language", "zh", status=1).stdout
    found = checked(str(dead), status=1)
    assert not found.ok
    (zero,) = [each for each in found.findings if each.fault is AudioFault.DIGITAL_ZERO]
    assert (zero.channel, zero.since_s, zero.until_s, zero.lasts) == (Channel.NEAR, 0.0, 3.0, True)
    assert 0.5 < zero.confidence <= 1.0
    assert zero.evidence
    assert zero.remedy.zh.startswith("检查静音键")


def test_left_is_near_and_right_is_far(stereo: Path) -> None:
    found = command("audio", "check", str(stereo), "--stereo", "--json", status=1).stdout
    answer = msgspec.json.decode(found, type=Checked)
    near, far = answer.channels
    assert near.speech_dbfs is not None
    assert far.speech_dbfs is not None
    assert near.speech_dbfs - far.speech_dbfs == pytest.approx(6.0, abs=1.0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--stereo", "--far", str(SENTENCE)), "leave --far out"),
        (("--language", "fr"), "no remedies in 'fr'; there are: zh, en"),
    ],
)
def test_wrong_words_end_with_2(options: tuple[str, ...], words: str) -> None:
    refused = command("audio", "check", str(SENTENCE), *options, status=2)
    assert words in " ".join(refused.stderr.split())


def test_the_number_of_channels_is_named(stereo: Path) -> None:
    assert "or `--stereo` (left near, right far)" in refusal("audio", "check", str(stereo))
    assert "expected 2 for `--stereo`" in refusal("audio", "check", str(SENTENCE), "--stereo")


@pytest.mark.parametrize(
    ("title", "kind"), [("The answer of check", Checked), ("A finding", Finding), ("A channel", Summary)]
)
def test_the_guide_describes_the_answer(title: str, kind: type[msgspec.Struct]) -> None:
    described = [row[0].strip("`") for row in rows(page(GUIDE), title)]
    assert described == [field.name for field in msgspec.structs.fields(kind)]


# devices ------------------------------------------------------------------------------------------

LISTED: dict[str, Any] = {
    "devices": [
        {"index": 0, "name": "Jabra: USB (hw:2,0)", "stable": "hw:CARD=Link370,DEV=0", "inputs": 1,
         "outputs": 2, "rate_hz": 16000},
        {"index": 1, "name": "ear", "stable": "ear", "inputs": 0, "outputs": 2, "rate_hz": 48000},
    ]
}  # fmt: skip
SERVER = ServerFacts(
    name="pulseaudio",
    sinks=(Place("alsa_output.usb-Jabra", 48000),),
    sources=(Place("alsa_input.usb-Jabra", 16000), Place("line.monitor", 8000, "line")),
)


@pytest.fixture(name="box")
def _box(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    listed = dict(LISTED)
    monkeypatch.setattr("audio.live.process.list_devices", lambda: listed)
    monkeypatch.setattr("callseat.diagnosis.sound_gather.ask_server", lambda: SERVER)
    return listed


def test_devices_have_names_that_last_and_the_key_to_write_them_into(box: dict[str, Any]) -> None:
    told = command("audio", "devices").stdout.splitlines()
    assert [re.split(r"\s{2,}", line) for line in told] == [
        ["name", "in", "out", "prefers", "write it into"],
        ["hw:CARD=Link370,DEV=0", "1", "2", "16000 Hz", "headset_in, audio_in, headset_out, audio_out"],
        ["ear", "-", "2", "48000 Hz", "headset_out, audio_out"],
        ["pulse:alsa_input.usb-Jabra", "1", "-", "16000 Hz", "headset_in, audio_in"],
        ["pulse:line.monitor", "1", "-", "8000 Hz", "audio_in"],
        ["pulse:alsa_output.usb-Jabra", "-", "1", "48000 Hz", "headset_out, audio_out"],
    ]
    answered = json.loads(command("audio", "devices", "--json").stdout)
    assert answered["devices"] == box["devices"]
    assert answered["names"][3] == {
        "name": "pulse:line.monitor", "inputs": "1", "outputs": "-", "prefers": "8000 Hz",
        "write_into": "audio_in",
    }  # fmt: skip


def test_a_node_is_named_as_the_configuration_takes_it() -> None:
    assert server_node(NODE + "alsa_input.usb-Jabra") == "alsa_input.usb-Jabra"


def test_without_pyaudio_devices_end_with_1(box: dict[str, Any]) -> None:
    box.update(devices=[], missing="No module named 'pyaudio'")
    refused = command("audio", "devices", status=1)
    assert "no sound devices: No module named 'pyaudio'" in refused.stderr

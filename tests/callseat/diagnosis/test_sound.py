"""Findings about sound: each from its facts, each explained, and the commands on a real PulseAudio."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from callseat.diagnosis.sound_facts import Place, ServerFacts, SoundFacts, Stream
from callseat.diagnosis.sound_judge import judge_sound
from callseat.diagnosis.sound_kinds import SOUND_KINDS
from tests.kernel.kit.waiting import await_until
from tests.peers.pulse import need_pyaudio, pulse
from tests.support import ROOT

SERVER = ServerFacts(
    name="pulseaudio",
    sinks=(Place("usb_ear", 48000), Place("callseat_to_line", 16000), Place("callseat_from_line", 16000)),
    sources=(
        Place("usb_mic", 48000),
        Place("callseat_to_line.monitor", 16000, "callseat_to_line"),
        Place("callseat_from_line.monitor", 16000, "callseat_from_line"),
    ),
)
MIC = Stream(
    "headset_in", "callseat_headset", "capture", 16000, at=SERVER.sources[0], peak=120, latency_s=0.02
)
EAR = Stream("headset_out", "callseat_headset", "playback", 16000, at=SERVER.sinks[0], latency_s=0.05)
IN = Stream(
    "sip audio_in",
    "callseat_from_line_monitor",
    "capture",
    8000,
    at=SERVER.sources[2],
    peak=0,
    latency_s=0.02,
)
OUT = Stream("sip audio_out", "callseat_to_line", "playback", 8000, at=SERVER.sinks[1], latency_s=0.05)
GOOD = SoundFacts(Path("c.toml"), live=True, missing="", server=SERVER, streams=(MIC, EAR, IN, OUT))


def with_streams(*streams: Stream) -> SoundFacts:
    """The good seat with these instead of those of the same setting."""
    changed = {stream.setting: stream for stream in streams}
    return replace(GOOD, streams=tuple(changed.get(stream.setting, stream) for stream in GOOD.streams))


UNKNOWN = replace(MIC, at=None, peak=None, error='no capture device is called "x"', unknown=True)
CASES = [
    (GOOD, []),
    (replace(GOOD, live=False, streams=()), ["sound_off"]),
    (replace(GOOD, missing="No module named 'pyaudio'", streams=()), ["pyaudio_missing"]),
    (replace(GOOD, server=ServerFacts(error="Connection refused")), ["server_missing"]),
    (replace(with_streams(UNKNOWN), server=ServerFacts(error="refused")), ["server_missing"]),
    (replace(GOOD, server=ServerFacts(asked=False)), ["pactl_missing"]),
    (replace(GOOD, server=replace(SERVER, sinks=SERVER.sinks[:2])), ["sink_missing"]),
    (with_streams(UNKNOWN), ["name_unknown"]),
    (with_streams(replace(EAR, at=None, error="Device unavailable")), ["open_failed"]),
    (with_streams(replace(MIC, at=SERVER.sources[1])), ["mouth_is_monitor"]),
    (with_streams(replace(EAR, at=SERVER.sinks[1])), ["ear_is_line"]),
    (with_streams(replace(IN, at=SERVER.sources[1])), ["line_hears_itself"]),
    (replace(GOOD, lines_without=("desk",)), ["line_without_sound"]),
    (with_streams(replace(MIC, peak=0)), ["only_zeros"]),
    (with_streams(replace(MIC, at=Place("headset_bt", 8000))), ["rate_low"]),
    (with_streams(replace(EAR, latency_s=0.25)), ["latency_high"]),
]


@pytest.mark.parametrize(
    ("facts", "kinds"), CASES, ids=lambda each: "-".join(each) if isinstance(each, list) else ""
)
def test_a_finding_follows_from_its_facts_alone(facts: SoundFacts, kinds: list[str]) -> None:
    found = judge_sound(facts)
    assert [each.kind.kind for each in found] == kinds
    for each in found:
        assert each.message
        assert "{" not in each.next_step


def test_every_kind_has_a_case_and_is_in_the_guide() -> None:
    assert {kind for _, kinds in CASES for kind in kinds} == set(SOUND_KINDS)
    guide = (ROOT / "docs/audio-routing.md").read_text(encoding="utf-8")
    assert re.findall(
        r"^\| `(\w+)` \|", guide.partition("## What `callseat doctor audio` finds")[2], re.MULTILINE
    ) == list(SOUND_KINDS)


def test_faults_come_before_notes() -> None:
    found = judge_sound(with_streams(replace(MIC, peak=0), replace(IN, error="gone", at=None)))
    assert [each.kind.kind for each in found] == ["open_failed", "only_zeros"]


CONFIG = """
[audio]
backend = "portaudio"
headset_in = "{mouth}"
headset_out = "ear"

[[line]]
id = "sip"
audio_in = "callseat_from_line_monitor"
audio_out = "{line}"
"""


def told(server, *arguments: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-m", "callseat", *arguments],
        env={**server.env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode, ran.stdout


def test_the_doctor_on_a_real_server(tmp_path: Path) -> None:
    need_pyaudio()
    path = tmp_path / "callseat.toml"
    with pulse(tmp_path, "ear", "room") as server:
        server.control("load-module", "module-remap-source", "source_name=mouth", "master=room.monitor")
        with Path(server.env["ALSA_CONFIG_PATH"]).open("a", encoding="utf-8") as names:
            names.write('pcm.mouth { type pulse\n device "mouth" }\n')
        path.write_text(CONFIG.format(mouth="mouth", line="callseat_to_line"), encoding="utf-8")
        rng = np.random.default_rng(1)
        server.play("room", rng.normal(0, 3000, 480000).astype(np.int16), 48000)
        await_until(lambda: server.listing("sink-inputs"), 5.0, "the room's noise")

        status, said = told(server, "doctor", "audio", "--config", str(path), "--json")
        seen = json.loads(said)
        assert (status, seen["ok"], seen["findings"]) == (0, True, [])
        mouth, ear, far, line = seen["streams"]
        assert [each["at"] for each in (mouth, ear, far, line)] == [
            "mouth", "ear", "callseat_from_line.monitor", "callseat_to_line",
        ]  # fmt: skip
        assert -20 < mouth["peak_dbfs"] <= 0
        assert far["peak_dbfs"] is None
        assert all(0 < each["latency_ms"] < 100 for each in seen["streams"])

        status, said = told(server, "audio", "devices", "--json")
        names_listed = {each["stable"] for each in json.loads(said)["devices"]}
        assert {"callseat_headset", "callseat_to_line", "mouth"} <= names_listed

        path.write_text(CONFIG.format(mouth="room_monitor", line="callseat_to_lime"), encoding="utf-8")
        status, said = told(server, "doctor", "audio", "--config", str(path))
        assert status == 1
        assert "fault mouth_is_monitor: headset_in" in said
        assert 'no playback device is called "callseat_to_lime"; the nearest is "callseat_to_line"' in said
        assert "2 to fix, 0 to know" in said

        server.kill()
        status, said = told(server, "doctor", "audio", "--config", str(path))
        assert status == 1
        assert "fault server_missing: sound server" in said
        assert "1 to fix, 0 to know" in said

"""The headset tried with sound: findings from a trial alone, and trials on a real PulseAudio."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio.wav import read_wav
from callseat.cli.sound import doctor_audio
from callseat.config import AudioConfig
from callseat.diagnosis import Severity
from callseat.diagnosis.sound_facts import Place, ServerFacts, SoundFacts, Stream
from callseat.diagnosis.sound_remedies import REMEDIES
from callseat.diagnosis.sound_sweep import LEVEL_DBFS, Returned, to_play
from callseat.diagnosis.sound_trial import RECORD_S, HeardFault, Trial, listened, sweep_dbfs
from callseat.diagnosis.sound_verdict import TRIAL_KINDS, judge_trial
from state.words import AudioFault, Channel
from tests.audio.sounds import RECORDINGS, noise, zeros
from tests.docs.pages import blocks, marked
from tests.kernel.kit.waiting import await_until
from tests.peers.pulse import Pulse, need_pyaudio, pulse
from tests.support import ROOT

MOUTH, EAR = Place("usb_mic", 48000), Place("usb_ear", 48000)
IN = Stream("headset_in", "mic", "capture", 16000, at=MOUTH, peak=100, latency_s=0.02)
OUT = Stream("headset_out", "ear", "playback", 16000, at=EAR, latency_s=0.04)
FACTS = SoundFacts(Path("c.toml"), True, "", ServerFacts(name="pulseaudio"), (IN, OUT))
GOOD = Trial(level_dbfs=-35.0, spoke_s=1.5, played_share=1.0)
ZEROS = HeardFault(AudioFault.DIGITAL_ZERO, 0.95, "only zeros for 3.0 s")


def muted(stream: Stream) -> SoundFacts:
    """The seat with one of its places muted at the server."""
    assert stream.at is not None
    silenced = replace(stream, at=replace(stream.at, silenced=True))
    return replace(FACTS, streams=tuple(silenced if each is stream else each for each in FACTS.streams))


CASES: list[tuple[SoundFacts, Trial, list[str]]] = [
    (FACTS, GOOD, []),
    (FACTS, Trial(error="no sound came within 3 s"), ["trial_failed"]),
    (muted(IN), GOOD, ["mouth_muted"]),
    (muted(OUT), GOOD, ["ear_muted"]),
    (FACTS, replace(GOOD, level_dbfs=-92.0), ["mouth_deaf"]),
    (FACTS, replace(GOOD, level_dbfs=-100.0, faults=(ZEROS,)), ["mouth_digital_zero"]),
    (FACTS, replace(GOOD, played_share=0.5), ["ear_stopped"]),
    (FACTS, replace(GOOD, missing_share=0.1), ["sound_missing"]),
    (FACTS, replace(GOOD, spoke_s=0.1), ["nobody_spoke"]),
    (FACTS, replace(GOOD, returned=Returned(0.08, 3.0)), ["hears_itself"]),
    (FACTS, replace(GOOD, returned=Returned(0.08, 20.0)), ["leaks"]),
    (FACTS, replace(GOOD, returned=Returned(0.08, 45.0)), []),
]


@pytest.mark.parametrize(("facts", "trial", "kinds"), CASES, ids=lambda each: str(each)[:40])
def test_a_finding_follows_from_the_trial_alone(facts: SoundFacts, trial: Trial, kinds: list[str]) -> None:
    found = judge_trial(facts, trial)
    assert [each.kind.kind for each in found] == kinds
    for each in found:
        assert each.message
        assert "{" not in each.next_step


def test_who_wears_it_has_the_last_word_about_the_ear() -> None:
    (found,) = judge_trial(FACTS, GOOD, unheard=True)
    assert (found.kind.kind, found.place) == ("ear_unheard", "headset_out")


@pytest.mark.parametrize(("confidence", "severity"), [(0.8, Severity.FAULT), (0.6, Severity.NOTE)])
def test_what_is_not_certain_is_a_note(confidence: float, severity: Severity) -> None:
    trial = replace(GOOD, faults=(HeardFault(AudioFault.HUM, confidence, "50 Hz at -40 dBFS"),))
    (found,) = judge_trial(FACTS, trial)
    assert (found.kind.kind, found.kind.severity) == ("mouth_hum", severity)
    assert found.next_step == REMEDIES[Channel.NEAR, AudioFault.HUM].en
    assert found.message == f"50 Hz at -40 dBFS ({confidence:.0%} sure)"


def test_faults_come_before_notes() -> None:
    trial = replace(GOOD, spoke_s=0.0, returned=Returned(0.1, 1.0))
    assert [each.kind.kind for each in judge_trial(FACTS, trial)] == ["hears_itself", "nobody_spoke"]


def test_every_kind_has_a_case_and_is_in_the_guide() -> None:
    cases = {kind for _, _, kinds in CASES for kind in kinds} - {"mouth_digital_zero"} | {"ear_unheard"}
    assert cases == set(TRIAL_KINDS)
    guide = (ROOT / "docs/audio-commands.md").read_text(encoding="utf-8")
    part = guide.partition("## What a trial of the headset finds")[2]
    assert re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)[: len(TRIAL_KINDS)] == list(TRIAL_KINDS)


def test_every_channel_and_fault_has_a_remedy_in_both_languages() -> None:
    assert set(REMEDIES) == {(channel, fault) for channel in Channel for fault in AudioFault}
    for remedy in REMEDIES.values():
        assert remedy.in_language("en") == remedy.en
        assert remedy.in_language("zh") == remedy.zh
        assert re.search(r"[\u4e00-\u9fff]", remedy.zh)
        assert not re.search(r"[\u4e00-\u9fff]", remedy.en)


@pytest.mark.parametrize(
    ("cap", "peak", "level"), [(-20.0, -6.0, LEVEL_DBFS), (-45.0, -6.0, -45.0), (-20.0, -40.0, -46.0)]
)
def test_the_sweeps_are_never_louder_than_a_prompt_may_be(cap: float, peak: float, level: float) -> None:
    assert sweep_dbfs(AudioConfig(prompt_cap_dbfs=cap, prompt_peak_dbfs=peak)) == level


# what the analysers make of a recording ----------------------------------------------------------


def test_a_voice_is_heard_as_one() -> None:
    sentence = read_wav(RECORDINGS / "sentence_zh_16k.wav").samples[: round(RECORD_S * 16000)]
    trial = listened(sentence, 16000, LEVEL_DBFS, 0.0, 1.0)
    assert trial.spoke_s > 1.5
    assert trial.returned is None
    assert trial.faults == ()


def test_zeros_are_found() -> None:
    trial = listened(zeros(16000, RECORD_S), 16000, LEVEL_DBFS, 0.0, 1.0)
    assert [each.fault for each in trial.faults] == [AudioFault.DIGITAL_ZERO]
    assert trial.spoke_s == 0.0


def test_sweeps_that_come_back_are_found() -> None:
    heard = to_play(16000, RECORD_S, LEVEL_DBFS) // 2 + noise(16000, RECORD_S, -60)
    trial = listened(heard, 16000, LEVEL_DBFS, 0.0, 1.0)
    assert trial.returned is not None
    assert trial.returned.loss_db == pytest.approx(6.0, abs=1.0)


# on a real server ---------------------------------------------------------------------------------

CONFIG = """
[audio]
backend = "portaudio"
headset_in = "{mouth}"
headset_out = "ear"
"""
DOCTOR = """
import sys
from pathlib import Path
from callseat.cli.sound import doctor_audio
sys.exit(doctor_audio(Path(sys.argv[1]), json=sys.argv[2] == "json", yes=True))
"""


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulse]:
    need_pyaudio()
    folder = tmp_path_factory.mktemp("pulse")
    with pulse(folder, "ear", "room") as server:
        for name, master in (("mouth", "room"), ("self_mouth", "ear")):
            server.control(
                "load-module", "module-remap-source", f"source_name={name}", f"master={master}.monitor"
            )
            with Path(server.env["ALSA_CONFIG_PATH"]).open("a", encoding="utf-8") as names:
                names.write(f'pcm.{name} {{ type pulse\n device "{name}" }}\n')
        sentence = read_wav(RECORDINGS / "sentence_zh_16k.wav").samples
        server.play("room", np.tile(sentence, 40), 16000)
        await_until(lambda: server.listing("sink-inputs"), 5.0, "the voice in the room")
        yield server


def tried(server: Pulse, mouth: str, form: str = "json") -> tuple[int, str]:
    """`doctor audio` with everybody agreed."""
    path = server.folder / "callseat.toml"
    path.write_text(CONFIG.format(mouth=mouth), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", DOCTOR, str(path), form],
        env={**server.env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "say a few words" in ran.stderr
    return ran.returncode, ran.stdout


def test_a_good_headset(server: Pulse) -> None:
    status, said = tried(server, "mouth")
    told: dict[str, Any] = json.loads(said)
    # A busy machine may well come late now and then; that is a note.
    faults = [each for each in told["findings"] if each["kind"] != "sound_missing"]
    assert (status, told["ok"], faults) == (0, True, [])
    trial = told["trial"]
    assert trial["error"] == ""
    assert trial["returned"] is None
    assert trial["spoke_s"] > 0.5
    assert trial["played_share"] > 0.98


def test_a_microphone_that_hears_the_ear(server: Pulse) -> None:
    status, said = tried(server, "self_mouth")
    told = json.loads(said)
    assert status == 1
    assert "hears_itself" in {each["kind"] for each in told["findings"]}
    assert told["trial"]["returned"]["loss_db"] < 3.0
    assert 20 < told["trial"]["returned"]["delay_ms"] < 300


def test_the_guide_shows_what_is_told_of_it(server: Pulse) -> None:
    _, said = tried(server, "self_mouth", "text")
    (shown,) = blocks(marked("docs/audio-commands.md", "trial") + "\n", "text")
    assert re.sub(r"-?\d+", "#", shown) in re.sub(r"-?\d+", "#", said)


def test_a_microphone_muted_at_the_server(server: Pulse) -> None:
    server.control("set-source-mute", "mouth", "1")
    try:
        status, said = tried(server, "mouth", "text")
    finally:
        server.control("set-source-mute", "mouth", "0")
    assert status == 1
    assert "fault mouth_muted: headset_in\n  mouth is muted, or its volume is 0, at the sound server" in said
    assert "`pactl set-source-mute mouth 0`" in said
    assert "fault mouth_digital_zero: headset_in" in said


def test_an_ear_at_volume_0(server: Pulse) -> None:
    server.control("set-sink-volume", "ear", "0")
    try:
        status, said = tried(server, "mouth", "text")
    finally:
        server.control("set-sink-volume", "ear", "100%")
    assert status == 1
    assert "fault ear_muted: headset_out" in said


# consent ------------------------------------------------------------------------------------------


@pytest.fixture(name="seat")
def _seat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A seat whose facts are good, at a terminal."""
    path = tmp_path / "callseat.toml"
    path.write_text(CONFIG.format(mouth="mic"), encoding="utf-8")
    monkeypatch.setattr("callseat.diagnosis.sound_gather.gather_sound", lambda config: FACTS)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    return path


def answers(monkeypatch: pytest.MonkeyPatch, *given: bool) -> list[str]:
    """Answer what is asked, in order; returns what was asked."""
    asked: list[str] = []
    waiting = iter(given)

    def confirm(question: str, **_: Any) -> bool:
        asked.append(question)
        return next(waiting)

    monkeypatch.setattr("typer.confirm", confirm)
    return asked


def played(monkeypatch: pytest.MonkeyPatch, trial: Trial = GOOD) -> list[AudioConfig]:
    """Trials there were, instead of sound."""
    tries: list[AudioConfig] = []
    monkeypatch.setattr(
        "callseat.diagnosis.sound_trial.try_headset", lambda audio: tries.append(audio) or trial
    )
    return tries


def test_nothing_is_played_without_consent(
    seat: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tries, asked = played(monkeypatch), answers(monkeypatch, False)
    assert doctor_audio(seat, json=False) == 0
    assert tries == []
    assert "Two quiet sweeps (-30 dBFS) go to ear, and mic is recorded for 3 s" in asked[0]
    assert "nothing is wrong" in capsys.readouterr().out


@pytest.mark.parametrize(("heard", "status"), [(True, 0), (False, 1)])
def test_who_agrees_is_asked_what_was_heard(
    seat: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], heard: bool, status: int
) -> None:
    tries, asked = played(monkeypatch), answers(monkeypatch, True, heard)
    assert doctor_audio(seat, json=False) == status
    assert len(tries) == 1
    assert asked[1] == "Did you hear the sweeps?"
    said = capsys.readouterr().out
    assert (
        "microphone: -35 dBFS over all, speech for 1.5 s\near: 100% of the sweeps played, not heard back"
        in said
    )
    assert ("fault ear_unheard: headset_out" in said) is not heard


def test_a_script_is_never_asked(
    seat: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tries, asked = played(monkeypatch), answers(monkeypatch)
    assert doctor_audio(seat, json=True) == 0
    assert json.loads(capsys.readouterr().out)["trial"] is None
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert doctor_audio(seat, json=False) == 0
    assert (tries, asked) == ([], [])
    assert doctor_audio(seat, json=True, yes=True) == 0
    assert (len(tries), asked) == (1, [])


def test_three_seconds_say_it_better_than_a_third(
    seat: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = replace(FACTS, streams=(replace(IN, peak=0), OUT))
    monkeypatch.setattr("callseat.diagnosis.sound_gather.gather_sound", lambda config: quiet)
    for trial, yes, told in ((GOOD, False, True), (GOOD, True, False), (Trial(error="gone"), True, True)):
        played(monkeypatch, trial)
        answers(monkeypatch, False)
        assert doctor_audio(seat, json=False, yes=yes) == bool(trial.error)
        assert ("only_zeros" in capsys.readouterr().out) is told


def test_a_stream_that_does_not_open_is_not_tried(seat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = replace(FACTS, streams=(replace(IN, error="in use", at=None, peak=None), OUT))
    monkeypatch.setattr("callseat.diagnosis.sound_gather.gather_sound", lambda config: broken)
    tries = played(monkeypatch)
    assert doctor_audio(seat, json=False, yes=True) == 1
    assert tries == []

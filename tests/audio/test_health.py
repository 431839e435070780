from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.call_progress import Carried
from audio.analysis.channel import ChannelAnalyser
from audio.analysis.faults.panel import ChannelFaults
from audio.analysis.framing import FRAME_S
from audio.analysis.health import Health
from audio.analysis.levels import LevelMeter
from audio.vad_webrtc import default_detector
from state.events import AudioFaultEnded, AudioFaultFound, Event, SignalChanged
from state.ids import LineId
from state.words import AudioFault, Channel, SignalCondition
from tests.audio.faults.made import frames, line, talk
from tests.audio.sounds import noise, recording, tone, zeros

C = SignalCondition


class Ear:
    """Health behind a panel, as the channel has them."""

    def __init__(self, *, faults: bool = True) -> None:
        self.panel = ChannelFaults(8000) if faults else None
        self.health = Health(self.panel)
        self._at = 0.0

    def hear(self, sound: np.ndarray, *, speaking: bool = False) -> list[Carried]:
        told = []
        for frame in frames(sound, speaking=speaking, start=self._at):
            if self.panel is not None:
                self.panel.push(frame)
            told.append(self.health.push(frame))
        self._at += len(sound) / 8000
        return [one for one in told if one]


def conditions(told: list[Carried]) -> list[SignalCondition]:
    return [one.condition for one in told]


@pytest.mark.parametrize("lead", [0.02, 0.04, 0.3])
def test_digital_zero_is_told_with_its_true_begin(lead: float) -> None:
    (told,) = Ear().hear(np.concatenate([line(lead), zeros(8000, 1.5)]))
    assert told.condition is C.DIGITAL_ZERO
    assert told.since == pytest.approx(lead, abs=3 / 8000)
    assert "zeros" in told.evidence


def test_sound_ends_it_at_once() -> None:
    ear = Ear()
    ear.hear(zeros(8000, 2.0))
    assert ear.hear(line(0.1)) == [Carried(C.OK, 2.0, "digital zero is over")]


def test_a_constant_that_is_not_zero_is_frozen() -> None:
    (told,) = Ear().hear(np.full(16000, 1200, np.int16))
    assert told.condition is C.FROZEN
    assert "1200" in told.evidence


def test_from_zero_to_stuck_is_a_change() -> None:
    told = Ear().hear(np.concatenate([zeros(8000, 1.5), np.full(12000, 500, np.int16)]))
    assert [(one.condition, one.since) for one in told] == [
        (C.DIGITAL_ZERO, 0.0),
        (C.OK, 1.5),
        (C.FROZEN, 1.5),
    ]


def test_line_noise_is_fine() -> None:
    assert Ear().hear(line(5.0, -75.0)) == []


@pytest.mark.parametrize(("gain_db", "told"), [(0.0, []), (-10.0, []), (-35.0, [C.TOO_QUIET])])
def test_a_voice_is_too_quiet_for_the_call_only_when_hardly_audible(
    gain_db: float, told: list[SignalCondition]
) -> None:
    assert conditions(Ear().hear(talk(5.0, gain_db=gain_db), speaking=True)) == told


def test_the_quiet_voice_is_named_with_its_level_and_ends() -> None:
    ear = Ear()
    (told,) = ear.hear(talk(2.0, gain_db=-35.0), speaking=True)
    assert "dBov (P.56)" in told.evidence
    assert conditions(ear.hear(talk(4.0), speaking=True)) == [C.OK]


def test_zeros_are_graver_than_a_quiet_voice() -> None:
    ear = Ear()
    assert conditions(ear.hear(talk(2.0, gain_db=-35.0), speaking=True)) == [C.TOO_QUIET]
    assert conditions(ear.hear(zeros(8000, 2.0))) == [C.DIGITAL_ZERO]
    assert conditions(ear.hear(line(0.1))) == [C.TOO_QUIET]


def test_reset_forgets_everything() -> None:
    ear = Ear()
    ear.hear(zeros(8000, 2.0))
    assert ear.panel is not None
    ear.panel.reset()
    ear.health.reset()
    assert ear.hear(zeros(8000, 0.9)) == []


def test_without_a_panel_there_are_no_faults() -> None:
    ear = Ear(faults=False)
    assert ear.hear(zeros(8000, 3.0)) == []
    assert ear.hear(talk(3.0, gain_db=-35.0), speaking=True) == []


def heard(sound: np.ndarray, *, faults: bool = True) -> list[Event]:
    analyser = ChannelAnalyser(LineId("desk"), Channel.FAR, 8000, default_detector(8000), faults=faults)
    analyser.reset(100.0)
    return [e for i in range(0, len(sound), 160) for e in analyser.push(sound[i : i + 160], 100.0 + i / 8000)]


def changes(events: list[Event]) -> list[tuple[str, float]]:
    return [(e.condition.value, round(e.began_at, 2)) for e in events if isinstance(e, SignalChanged)]


def test_the_channel_tells_faults_beside_conditions() -> None:
    events = heard(np.concatenate([line(1.0), zeros(8000, 3.0), line(1.0)]))
    (found,) = [e for e in events if isinstance(e, AudioFaultFound)]
    (ended,) = [e for e in events if isinstance(e, AudioFaultEnded)]
    assert (found.fault, ended.fault) == (AudioFault.DIGITAL_ZERO, AudioFault.DIGITAL_ZERO)
    assert (found.line, found.channel, found.source) == (LineId("desk"), Channel.FAR, "audio")
    assert found.began_at == pytest.approx(101.0, abs=0.01)
    assert found.at == pytest.approx(102.0, abs=FRAME_S + 0.01)
    assert found.confidence > 0.9
    assert ended.ended_at == pytest.approx(104.0, abs=0.03)
    assert changes(events) == [("digital_zero", 101.0), ("ok", 104.0)]


def test_a_fault_that_is_no_condition_is_told_as_a_fault_only() -> None:
    events = heard(recording("sentence_zh.wav").samples + np.int16(900))
    assert [e.fault for e in events if isinstance(e, AudioFaultFound)] == [AudioFault.OFFSET]
    assert changes(events) == []


def test_a_channel_without_faults_still_tells_tones_and_speech() -> None:
    beeps = np.concatenate([np.concatenate([tone(8000, 450, 1.0), line(4.0)]) for _ in range(3)])
    bare = heard(np.concatenate([zeros(8000, 2.0), beeps]), faults=False)
    assert not [e for e in bare if isinstance(e, AudioFaultFound)]
    assert "ringback" in [what for what, _ in changes(bare)]


def test_a_machines_sound_is_no_bad_voice() -> None:
    busy = np.concatenate(
        [np.concatenate([tone(8000, 450, 0.35, -50.0), line(0.35, -55.0)]) for _ in range(20)]
    )
    events = heard(np.concatenate([line(2.0), busy]))
    assert "busy" in [what for what, _ in changes(events)]
    assert not [e for e in events if isinstance(e, AudioFaultFound)]


def test_a_second_has_its_mean_power_and_the_last_floor() -> None:
    meter = LevelMeter()
    told = [meter.push(-20.0 if i % 2 else -100.0, -60.0 - i) for i in range(100)]
    found = [second for second in told if second]
    assert [i for i, second in enumerate(told) if second] == [49, 99]
    assert found[0].level_dbfs == pytest.approx(-23.0, abs=0.02)
    assert found[0].floor_dbfs == -109.0


def test_line_noise_told_by_the_channel_is_nothing() -> None:
    assert changes(heard(noise(8000, 4.0, -70.0))) == []

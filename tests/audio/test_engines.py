from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from audio.engines import DEFAULT, ENGINES, NEURAL, detector_factory
from audio.segments import segments
from audio.silero import KNOWN_MODELS, SileroModel, load_model
from audio.vad_silero import SileroVad
from audio.vad_webrtc import default_detector
from callseat.config import SpeechEngine
from state.errors import ConfigError
from tests.audio.sounds import LABELS, RECORDINGS, noise, recording, zeros
from tests.support import need_shared_data


def model() -> Path:
    return need_shared_data("models", "silero_vad.onnx")


def neural(rate: int) -> SileroVad:
    made = detector_factory(NEURAL, model())(rate)
    assert isinstance(made, SileroVad)
    return made


def test_the_configuration_offers_the_engines_there_are() -> None:
    assert {str(engine) for engine in SpeechEngine} == set(ENGINES)


def test_the_default_is_the_shipped_one() -> None:
    assert detector_factory(DEFAULT) is default_detector


def test_an_unknown_engine_is_named_beside_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="'ten'; there are: default, neural"):
        detector_factory("ten")


def test_the_default_takes_no_model(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="takes no model"):
        detector_factory(DEFAULT, tmp_path)


def test_the_neural_engine_needs_its_file() -> None:
    with pytest.raises(ConfigError, match="nothing is downloaded"):
        detector_factory(NEURAL)


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.onnx: the neural model cannot be read"):
        load_model(tmp_path / "missing.onnx")


def test_another_model_is_not_run(tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(b"not a model")
    with pytest.raises(ConfigError, match="not a model callseat knows"):
        load_model(other)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ConfigError, match=r"install callseat\[neural\]"):
        SileroModel(tmp_path / "any.onnx")


def test_every_known_model_is_a_checksum() -> None:
    assert all(len(bytes.fromhex(checksum)) == 32 for checksum in KNOWN_MODELS)


def test_one_file_is_loaded_once() -> None:
    assert load_model(model()) is load_model(model())


@pytest.mark.parametrize("name", ["sentence_zh.wav", "sentence_zh_16k.wav", "answer_4s.wav"])
def test_neural_segments_lie_where_the_labels_are(name: str) -> None:
    found = segments(RECORDINGS / name, detector_factory(NEURAL, model()))
    for begin, end in LABELS[name]:
        assert any(one.start_s < end and one.end_s > begin for one in found)
    for one in found:
        assert any(one.start_s < end + 0.4 and one.end_s > begin - 0.3 for begin, end in LABELS[name])


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_the_neural_engine_finds_no_voice_in_noise(rate: int) -> None:
    vad, frame = neural(rate), rate // 50
    sound = noise(rate, 4.0, -40.0)
    assert not any(vad.push(sound[i : i + frame]).voiced for i in range(0, len(sound) - frame + 1, frame))


def test_it_hears_a_word_after_long_silence_as_after_a_short_one() -> None:
    """Its state is cleared on a quiet line; without that it drifts (silero-vad issue 725)."""
    word = recording("answer_4s.wav").samples[30400:36800]
    for quiet_s in (1.0, 60.0):
        vad = neural(8000)
        sound = np.concatenate([noise(8000, quiet_s, -66.0), word, zeros(8000, 0.2)])
        found = [vad.push(sound[i : i + 160]).voiced for i in range(0, len(sound) - 159, 160)]
        assert sum(found) >= 5, quiet_s


def test_reset_gives_the_same_again() -> None:
    vad, sound = neural(8000), recording("sentence_zh.wav").samples[:24000]
    blocks = [sound[i : i + 160] for i in range(0, len(sound) - 159, 160)]
    first = [vad.push(block) for block in blocks]
    vad.reset()
    assert [vad.push(block) for block in blocks] == first


def test_a_tone_is_told_beside_the_neural_voice() -> None:
    vad, sound = neural(8000), recording("ringback_cn.wav").samples
    found = [vad.push(sound[i : i + 160]) for i in range(0, len(sound) - 159, 160)]
    tones = [verdict.tone_hz for verdict in found if verdict.tone_hz]
    assert len(tones) > 20
    assert np.median(tones) == pytest.approx(450.0, abs=5.0)
    assert not any(verdict.voiced for verdict in found)

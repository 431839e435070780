"""The neural engine: Silero VAD (MIT) on onnxruntime, of the extra `callseat[neural]`.

May not download anything: the model is a file the configuration names, and only one with a known checksum is
run. This is the one file that imports onnxruntime.
"""

from __future__ import annotations

import hashlib
from collections import deque
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.analysis.features import FeatureMeter
from audio.analysis.floor import RISE_DB_PER_S
from audio.analysis.frontend import FrontEnd
from audio.analysis.tones import LineMeter
from audio.analysis.vad import (
    LOUD_DBFS,
    OVER_FLOOR_DB,
    TONE_RISE_DB_PER_S,
    TONE_STILL_S,
    VOICE_RISE_DB_PER_S,
    Rules,
    Verdict,
)
from audio.analysis.voice_model import VoiceModel
from audio.resample import StreamResampler
from state.errors import ConfigError

Samples = NDArray[np.int16]
Floats = NDArray[np.float32]

KNOWN_MODELS = {
    "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3": "Silero VAD 6, 8 and 16 kHz",
}
"""SHA-256 of the models whose inputs, outputs and thresholds are the ones below (snakers4/silero-vad)."""
VOICE_LIKELY = 0.5
"""Silero's own threshold: speech begins and goes on over it."""
QUIET_LIKELY = 0.15
QUIET_S = 2.0
"""After so long below QUIET_LIKELY the state is cleared: on a line that stays silent it drifts, and the next
short answer is missed (snakers4/silero-vad issue 725)."""
REFED_CHUNKS = 5
"""0.16 s heard again by the cleared state, so that a word that begins just then is not cut."""
CHUNK_S = 0.032
_CONTEXT_S = 0.004
_STATE = (2, 1, 128)
_NOTHING: Samples = np.zeros(0, np.int16)


class SileroModel:
    """The network, shared by every channel; a channel's memory is its own."""

    def __init__(self, path: Path) -> None:
        """Check and load; ConfigError where the library or the file is not there, or is another one."""
        try:
            import onnxruntime
        except ImportError:
            raise ConfigError("the neural engine needs onnxruntime: install callseat[neural]") from None
        _verify(path)
        options = onnxruntime.SessionOptions()
        # A chunk takes a tenth of a millisecond: more threads would only wake each other.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self._rates = {rate: np.array(rate, np.int64) for rate in (8000, 16000)}

    def likely(self, heard: Floats, memory: Floats, rate: int) -> tuple[float, Floats]:
        """Likelihood of a voice in (1, context + chunk) samples, and the memory after them."""
        voice, after = self._session.run(None, {"input": heard, "state": memory, "sr": self._rates[rate]})
        return float(voice[0, 0]), after


class SileroVad:
    """One channel: 20 ms frames in, chunks of 32 ms judged, each frame told the newest likelihood.

    Tones are vetoed as in the default detector; `background` hears what is loud and no voice, for music.
    """

    rules = Rules(begin_sum=1.0)

    def __init__(self, rate: int, model: SileroModel, background: VoiceModel) -> None:
        self._model = model
        self._background = background
        self._front = FrontEnd(rate)
        self._features = FeatureMeter(rate)
        self._lines = LineMeter(rate)
        self._source_rate, self._rate = rate, min(rate, 16000)
        self._recent: deque[Floats] = deque(maxlen=REFED_CHUNKS + 1)
        self._chunk = round(self._rate * CHUNK_S)
        self._context = round(self._rate * _CONTEXT_S)
        self._quiet_chunks = round(QUIET_S / CHUNK_S)
        self._waiting = _NOTHING
        self._likely = 0.0
        self._floor_rise = RISE_DB_PER_S
        self._resampler = StreamResampler(rate, self._rate)
        self.reset()

    def push(self, frame: Samples) -> Verdict:
        """Judge the next frame."""
        sound = self._front.push(frame, self._floor_rise)
        self._waiting = np.concatenate((self._waiting, self._resampler.push(sound.gained)))
        while len(self._waiting) >= self._chunk:
            self._hear(self._waiting[: self._chunk].astype(np.float32) / np.float32(32768.0))
            self._waiting = self._waiting[self._chunk :]
        over_floor_db = sound.level_dbfs - sound.floor_dbfs
        loud = over_floor_db > OVER_FLOOR_DB and sound.level_dbfs + sound.gain_db > LOUD_DBFS
        voice = self._likely > VOICE_LIKELY
        self._lines.push(sound.filtered)
        if not loud or voice:
            self._lines.skip()
            self._floor_rise = VOICE_RISE_DB_PER_S if voice else RISE_DB_PER_S
            return Verdict(sound.level_dbfs, sound.floor_dbfs, voice, voice, voice)
        shown = self._features.push(sound.filtered, sound.gain_db, over_floor_db, 0)
        music = self._background.push(shown).music
        lines = self._lines.measure()
        tone_hz = lines.hz[0] if lines.hz and lines.steady_s > TONE_STILL_S else None
        self._floor_rise = TONE_RISE_DB_PER_S if tone_hz else RISE_DB_PER_S
        return Verdict(sound.level_dbfs, sound.floor_dbfs, True, False, False, tone_hz, lines.hz, music)

    def reset(self) -> None:
        """A new call begins."""
        self._front.reset()
        self._features.reset()
        self._lines.reset()
        self._background.reset()
        self._floor_rise = RISE_DB_PER_S
        self._resampler = StreamResampler(self._source_rate, self._rate)
        self._waiting = _NOTHING
        self._recent.clear()
        self._memory = np.zeros(_STATE, np.float32)
        self._quiet = 0
        self._likely = 0.0

    def _hear(self, chunk: Floats) -> None:
        self._recent.append(chunk)
        self._likely, self._memory = self._step(len(self._recent) - 1, self._memory)
        self._quiet = self._quiet + 1 if self._likely < QUIET_LIKELY else 0
        if self._quiet >= self._quiet_chunks:
            self._clear()

    def _clear(self) -> None:
        """Forget, and hear the last moments again."""
        self._quiet = 0
        self._memory = np.zeros(_STATE, np.float32)
        for place in range(1, len(self._recent)):
            _, self._memory = self._step(place, self._memory)

    def _step(self, place: int, memory: Floats) -> tuple[float, Floats]:
        before = self._recent[place - 1] if place else np.zeros(self._chunk, np.float32)
        heard = np.concatenate((before[-self._context :], self._recent[place]))[None]
        return self._model.likely(heard, memory, self._rate)


@lru_cache(maxsize=4)
def load_model(path: Path) -> SileroModel:
    """The model at `path`, loaded once; ConfigError where it cannot be."""
    return SileroModel(path)


def _verify(path: Path) -> None:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(f"{path}: the neural model cannot be read ({error.strerror or error})") from None
    if found not in KNOWN_MODELS:
        known = ", ".join(KNOWN_MODELS.values())
        raise ConfigError(f"{path}: not a model callseat knows (SHA-256 {found}); known: {known}")

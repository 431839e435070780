"""Silero VAD (MIT) on onnxruntime, of the extra `callseat[neural]`: the network, and a channel's ear for it.

May not download anything: the model is a file the configuration names, and only one with a known checksum is
run. This is the one file that imports onnxruntime.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from state.errors import ConfigError

Samples = NDArray[np.int16]
Floats = NDArray[np.float32]

KNOWN_MODELS = {
    "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3": "Silero VAD 6, 8 and 16 kHz",
}
"""SHA-256 of the models with the inputs and outputs used here (snakers4/silero-vad)."""
QUIET_LIKELY = 0.15
QUIET_S = 2.0
"""After so long below QUIET_LIKELY the state is cleared: on a line that stays silent it drifts, and the next
short answer is missed (snakers4/silero-vad issue 725)."""
REFED_CHUNKS = 2
"""0.06 s heard again by the cleared state: a word that begins just then is not cut; more is no use."""
CHUNK_S = 0.032
RATES = (8000, 16000)
_CONTEXT_S = 0.004
_ROOM_CHUNKS = 32
"""What the buffer of sound takes before it is moved to its front, about once a second."""
_STATE = (2, 1, 128)
_SCALE = np.float32(1.0 / 32768.0)


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
        self._rates = {rate: np.array(rate, np.int64) for rate in RATES}

    def listener(self, rate: int) -> SileroMemory:
        """A channel's own memory, at 8000 or 16000 Hz."""
        return SileroMemory(self._session, self._rates[rate])


class SileroMemory:
    """The network with the memory of one channel: its tensors are made once, not for every chunk."""

    def __init__(self, session: Any, rate: NDArray[np.int64]) -> None:
        from onnxruntime import OrtValue

        value = OrtValue.ortvalue_from_numpy
        samples = round(int(rate) * (_CONTEXT_S + CHUNK_S))
        self._session = session
        self._heard = value(np.zeros((1, samples), np.float32))
        self._voice = value(np.zeros((1, 1), np.float32))
        self._memories = [value(np.zeros(_STATE, np.float32)) for _ in range(2)]
        self._turns = [self._bound(value(rate), *pair) for pair in (self._memories, self._memories[::-1])]
        self._turn = 0

    def hear(self, heard: Floats) -> float:
        """Likelihood of a voice in the next (1, context + chunk) samples."""
        self._heard.update_inplace(heard)
        self._session.run_with_iobinding(self._turns[self._turn])
        self._turn = 1 - self._turn
        return float(self._voice.numpy()[0, 0])

    def forget(self) -> None:
        """As if nothing had been heard."""
        self._memories[self._turn].update_inplace(np.zeros(_STATE, np.float32))

    def _bound(self, rate: Any, before: Any, after: Any) -> Any:
        binding = self._session.io_binding()
        for name, tensor in (("input", self._heard), ("state", before), ("sr", rate)):
            binding.bind_ortvalue_input(name, tensor)
        for name, tensor in (("output", self._voice), ("stateN", after)):
            binding.bind_ortvalue_output(name, tensor)
        return binding


class SileroEar:
    """One channel's sound in blocks of up to a second, heard in chunks of 32 ms as they fill."""

    def __init__(self, rate: int, model: SileroModel) -> None:
        self._memory = model.listener(rate)
        self._chunk = round(rate * CHUNK_S)
        self._context = round(rate * _CONTEXT_S)
        self._quiet_chunks = round(QUIET_S / CHUNK_S)
        self._scaled = np.zeros((1, self._context + self._chunk), np.float32)
        # Before the next chunk lies what may be heard again, and the context of it.
        self._behind = REFED_CHUNKS * self._chunk + self._context
        self._sound = np.zeros((1, self._behind + (_ROOM_CHUNKS + 1) * self._chunk), np.float32)
        self._next = self._end = self._behind
        self._quiet = 0
        self._likely = 0.0

    def push(self, samples: Samples) -> float:
        """Likelihood of a voice, 0 to 1, in the newest chunk that is whole; 0 before the first."""
        if self._end + len(samples) > self._sound.shape[1]:
            self._move_to_front()
        end = self._end + len(samples)
        self._sound[0, self._end : end] = samples
        self._end = end
        while self._next + self._chunk <= end:
            self._next += self._chunk
            self._likely = self._hear(self._next)
            self._quiet = self._quiet + 1 if self._likely < QUIET_LIKELY else 0
            if self._quiet >= self._quiet_chunks:
                self._clear()
        return self._likely

    def reset(self) -> None:
        """A new call begins."""
        self._sound[:] = 0.0
        self._next = self._end = self._behind
        self._memory.forget()
        self._quiet = 0
        self._likely = 0.0

    def _hear(self, end: int) -> float:
        heard = self._sound[:, end - self._chunk - self._context : end]
        return self._memory.hear(np.multiply(heard, _SCALE, out=self._scaled))

    def _clear(self) -> None:
        """Forget, and hear the last moments again."""
        self._quiet = 0
        self._memory.forget()
        for ago in reversed(range(REFED_CHUNKS)):
            self._hear(self._next - ago * self._chunk)

    def _move_to_front(self) -> None:
        kept = self._sound[:, self._next - self._behind : self._end].copy()
        self._sound[:, : kept.shape[1]] = kept
        self._next, self._end = self._behind, kept.shape[1]


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

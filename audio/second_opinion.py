"""A voice model asked about some frames of a channel: what it missed in between is made good for.

May not judge: it says what the model says.
"""

from __future__ import annotations

from collections import deque

from audio.analysis.features import FeatureMeter, Row
from audio.analysis.frontend import Conditioned
from audio.analysis.voice_model import Likelihood, VoiceModel

AFRESH_FRAMES = 50
"""What the model heard a second ago says nothing of what sounds now."""
SHOWN_FRAMES = 5
"""0.1 s shown to it again where it begins afresh."""


class SecondOpinion:
    """One channel: to ask costs features and a network, to skip a reference."""

    def __init__(self, rate: int, model: VoiceModel) -> None:
        self._model = model
        self._features = FeatureMeter(rate)
        self._before: deque[Conditioned] = deque(maxlen=SHOWN_FRAMES + 1)
        self._missed = 0

    def skip(self, sound: Conditioned) -> None:
        """Nobody asks about this frame."""
        self._before.append(sound)
        self._missed += 1

    def forget(self) -> None:
        """What was heard before is over: the next frame asked about begins something new."""
        self._missed = AFRESH_FRAMES

    def ask(self, sound: Conditioned) -> Likelihood:
        """How likely this frame is a voice, or music."""
        if self._missed and self._before:
            self._make_good()
        self._missed = 0
        self._before.append(sound)
        return self._model.push(self._shown(sound))

    def bare(self) -> bool:
        """Whether the frame asked about last may be lines and nothing else."""
        return self._features.bare()

    def reset(self) -> None:
        """A new call begins."""
        self._model.reset()
        self._features.reset()
        self._before.clear()
        self._missed = 0

    def _make_good(self) -> None:
        missed = list(self._before)
        if self._missed >= AFRESH_FRAMES:
            self._model.reset()
        else:
            missed = missed[-1:]
        self._shown(missed[0])  # A window holds the end of the frame before: this one is there for the next.
        for sound in missed[1:]:
            self._model.push(self._shown(sound))

    def _shown(self, sound: Conditioned) -> Row:
        over_floor_db = sound.level_dbfs - sound.floor_dbfs
        return self._features.push(sound.filtered, sound.gain_db, over_floor_db, 0)

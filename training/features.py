"""What the model is shown of a sound: the product's own front end, engine and meter, frame by frame.

May not differ from what the default detector shows it (audio/analysis/vad.py), except for the floor under a
voice: that follows the label here, because there is no model yet to say where a voice is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.analysis.features import FEATURES, FeatureMeter
from audio.analysis.floor import RISE_DB_PER_S
from audio.analysis.framing import FRAME_S, frame_length
from audio.analysis.frontend import FrontEnd
from audio.analysis.vad import START_GUARD_S, VOICE_RISE_DB_PER_S
from audio.vad_webrtc import WebrtcEngine


def features(samples: NDArray[np.int16], rate: int, voice: NDArray[np.bool_]) -> NDArray[np.float32]:
    """What the model is shown, one row per whole frame of `voice`; a voice lifts the noise floor less."""
    front, meter, engine = FrontEnd(rate), FeatureMeter(rate), WebrtcEngine(rate)
    length = frame_length(rate)
    guarded = round(START_GUARD_S / FRAME_S)
    rows = np.zeros((len(voice), FEATURES), np.float32)
    for number, speaking in enumerate(voice):
        frame = samples[number * length : (number + 1) * length]
        heard = front.push(frame, VOICE_RISE_DB_PER_S if speaking else RISE_DB_PER_S)
        opinion = int(engine.opinion(heard.gained)) * (number >= guarded)
        over_floor_db = heard.level_dbfs - heard.floor_dbfs
        rows[number] = meter.push(heard.filtered, heard.gain_db, over_floor_db, opinion)
    return rows

"""Where sound was lost: holes, repeated packets and clicks in a stretch of samples.

May not judge how many are too many.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.analysis.faults.thresholds import (
    CLICK_ALONE,
    CLICK_ALONE_S,
    CLICK_BENT,
    CLICK_DBFS,
    CLICK_OVER,
    GAP_EDGE_DBFS,
    GAP_EDGE_S,
    GAP_LONGEST_S,
    GAP_SHORTEST_S,
    REPEAT_DBFS,
    REPEAT_LAGS_S,
    REPEAT_LONGEST_S,
)
from audio.decibel import FULL_SCALE, amplitude

Samples = NDArray[np.int16]
Flags = NDArray[np.bool_]

_LEAST = FULL_SCALE * amplitude(GAP_EDGE_DBFS)
_LEAST_REPEAT = FULL_SCALE * amplitude(REPEAT_DBFS)
_LEAST_CLICK = FULL_SCALE * amplitude(CLICK_DBFS)
_CLICK_BLOCK_S = 0.01
_CLICK_WIDTH_S = 0.001


def holes(samples: Samples, rate: int) -> list[int]:
    """Index behind each run of one value that is cut out of sounding speech, edges sharp on both sides."""
    edge = round(GAP_EDGE_S * rate)
    found = []
    for start, end in _runs(samples[1:] == samples[:-1], round(GAP_SHORTEST_S * rate) - 1):
        after = end + 1
        if after - start > GAP_LONGEST_S * rate or start < edge or after + edge > len(samples):
            continue
        value = float(samples[start])
        before = np.abs(samples[start - edge : start] - value).mean()
        behind = np.abs(samples[after : after + edge] - value).mean()
        if min(before, behind) > _LEAST:
            found.append(after)
    return found


def repeats(samples: Samples, rate: int) -> list[int]:
    """Index behind each stretch that is, sample by sample, what was heard one packet earlier."""
    found: set[int] = set()
    for lag_s in REPEAT_LAGS_S:
        lag = round(lag_s * rate)
        for start, end in _runs(samples[lag:] == samples[:-lag], round(GAP_SHORTEST_S * rate)):
            stretch = samples[start + lag : end + lag]
            short = len(stretch) <= REPEAT_LONGEST_S * rate and start > 0
            if short and stretch.std() > _LEAST_REPEAT and end + lag < len(samples):
                found.add(end + lag)
    return sorted(found)


def clicks(sound: NDArray[np.float64], rate: int) -> list[int]:
    """Index of each sample that cannot be guessed from its neighbours, in a place where others can."""
    # third-order interpolation from two samples on either side
    error = np.abs(sound[2:-2] - (4.0 * (sound[1:-3] + sound[3:-1]) - sound[:-4] - sound[4:]) / 6.0)
    block = round(_CLICK_BLOCK_S * rate)
    blocks = error[: len(error) // block * block].reshape(-1, block)
    found = []
    for number in np.flatnonzero(blocks.max(axis=1) > _LEAST_CLICK).tolist():
        around = blocks[max(0, number - 1) : number + 2]
        at = int(blocks[number].argmax())
        usual = max(float(np.median(row)) for row in around)
        place, size = number * block + at + 2, float(blocks[number, at])
        bent = abs(float(sound[place] - (sound[place - 1] + sound[place + 1]) / 2.0))
        sharp = size > CLICK_OVER * max(usual, 1.0) and bent < CLICK_BENT * size
        if sharp and _alone(error, place - 2, rate):
            found.append(place)
    return found


def _alone(error: NDArray[np.float64], at: int, rate: int) -> bool:
    """Whether nothing like it is near: a voice's pulse, however sharp, has the next one beside it."""
    near, far = round(_CLICK_WIDTH_S * rate), round(CLICK_ALONE_S * rate)
    beside = np.concatenate((error[max(0, at - far) : max(0, at - near)], error[at + near : at + far]))
    return bool(error[at] > CLICK_ALONE * beside.max())


def _runs(flags: Flags, least: int) -> list[tuple[int, int]]:
    """Begin and end of each run of at least so many true flags."""
    whole, length = flags, 1
    while 2 * length <= least:
        whole = whole[:-length] & whole[length:]
        length *= 2
    if least > length:
        whole = whole[: length - least] & whole[least - length :]
    if not whole.any():
        return []
    at = np.flatnonzero(whole)
    breaks = np.flatnonzero(np.diff(at) > 1)
    starts = at[np.concatenate(([0], breaks + 1))]
    ends = at[np.concatenate((breaks, [len(at) - 1]))] + least
    return list(zip(starts.tolist(), ends.tolist(), strict=True))

"""Scenes of 12 s: talk, coughs, noise, music and tones through a room and a line, as features and labels.

`python -m training.scenes MATERIAL LABELS MIXTURE SEED COUNT OUT` writes shards OUT_0.npz, OUT_1.npz ...
Features are made by the product's own front end, engine and meter: the model learns what it will hear.
May not decide what the model is like.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.analysis.framing import frame_length
from training import kinds
from training.beds import LEVEL, BabbleStore, fill
from training.bursts import fit, recorded_fit
from training.codecs import (
    BENT,
    OVERDRIVEN,
    RECORDED,
    TELEPHONE_RATE,
    bend,
    overdrive,
    soft_phone,
    telephone,
)
from training.features import features
from training.kinds import KINDS, MIXTURES, MUSIC, OTHER, VOICE, Kind, Mixture
from training.material import RATE, Material, Rng, Sound, Wide, open_material
from training.rooms import hiss, hum, rms
from training.talk import VOICED, talk, words
from training.tones import tones

FRAMES = 600
"""12 s: longer than any pause the product waits for."""
LENGTH = FRAMES * frame_length(RATE)
SHARD = 250
UNSURE = (0.25, 0.75)
"""A frame whose likelihood lies between, and which is not called voice, is not learned from."""


@dataclass(slots=True)
class Scene:
    """A scene while it is being made: one value per sample."""

    sound: Wide
    likely: Wide
    """Of a voice, 0 to 1."""
    music: NDArray[np.bool_]
    unfair: NDArray[np.bool_]
    """Speech that something drowns: no one's fault, and not learned from."""
    rare: NDArray[np.bool_]
    """Coughs, and words as short: alike as can be, and rare in talk. These frames count double."""
    rate: int = RATE


@dataclass(frozen=True, slots=True)
class Lesson:
    """A scene as the model meets it: one row per frame."""

    features: NDArray[np.float32]
    is_a: NDArray[np.int8]
    counts: NDArray[np.int8]


def silence() -> Scene:
    """A scene in which nothing sounds yet."""
    nothing, never = np.zeros(LENGTH, np.float32), np.zeros(LENGTH, bool)
    return Scene(nothing.copy(), nothing.copy(), never.copy(), never.copy(), never.copy())


def scene(rng: Rng, mixture: Mixture, material: Material, store: BabbleStore) -> Scene:
    """One scene of a kind drawn from the mixture."""
    kind = KINDS[rng.choice(len(KINDS), p=mixture.shares)]
    level_dbfs = rng.uniform(*(kinds.VOICE_DBFS if rng.random() < kinds.AUDIBLE else kinds.FAINT_DBFS))
    voice = 10 ** (level_dbfs / 20)
    made = silence()
    if kind.talks:
        said = words(rng, material, LENGTH) if kind.words else talk(rng, material, LENGTH, kind.dense)
        made.sound += said.sound * voice
        made.likely = said.likely
        made.rare |= kind.words & (said.likely > VOICED)
    _add_bed(rng, made, mixture, kind, voice, material, store)
    if kind.babble:
        loud = store.draw(rng, material, LENGTH) / LEVEL
        made.sound += loud * 10 ** (rng.uniform(*kinds.BABBLE_DBFS) / 20)
    if kind.music:
        _add_music(rng, made, kind, voice, material)
    if rng.random() < (kind.coughed if mixture.coughed is None else mixture.coughed):
        _add_fits(rng, made, voice, material)
    if kind.tone or rng.random() < kinds.STRAY_TONE:
        _add_tone(rng, made)
    _send(rng, made, mixture)
    return made


def _add_bed(
    rng: Rng, made: Scene, mixture: Mixture, kind: Kind, voice: float, material: Material, store: BabbleStore
) -> None:
    """Hiss or hum, with noise, babble or music over it at the scene's signal-to-noise ratio."""
    over_db = rng.uniform(
        *(kinds.QUIET_LINE_DB if rng.random() < mixture.quiet_line else mixture.noisy_line_db)
    )
    level = voice * 10 ** (-over_db / 20) if kind.talks else 10 ** (rng.uniform(*kinds.UNTALKED_DBFS) / 20)
    which = rng.random()
    bed = hiss(rng, LENGTH)
    if rng.random() < kinds.HUMMED:
        bed = bed * kinds.HISS_UNDER_HUM + hum(rng, LENGTH)
    behind: Sound | None = None
    if which < kind.noise_below:
        behind = fill(rng, material.noise, LENGTH, gaps=True)
    elif which < mixture.babble_below and kind.crowded:
        behind = store.draw(rng, material, LENGTH)
    elif which < mixture.music_below and kind.talks:
        behind = fill(rng, material.music, LENGTH, gaps=False)
    if behind is not None:
        gain_db = rng.uniform(*kind.noise_gain_db) if kind.noise_gain_db else 0.0
        made.sound += behind / LEVEL * level * 10 ** (gain_db / 20)
        level *= kinds.HISS_UNDER_BED
    made.sound += bed * max(level, 10 ** (kinds.LEAST_HISS_DBFS / 20))


def _add_music(rng: Rng, made: Scene, kind: Kind, voice: float, material: Material) -> None:
    """Music for the whole scene or a part; where it is louder than the voice, the voice is not asked for."""
    music = (
        fill(rng, material.music, LENGTH, gaps=False) / LEVEL * 10 ** (rng.uniform(*kinds.MUSIC_DBFS) / 20)
    )
    plays = np.ones(LENGTH, np.float32)
    if kind.held or rng.random() < kinds.MUSIC_PART:
        plays = _part(rng)
    made.sound += music * plays
    made.music = (plays > 0) & (_around(music * plays) > 0.1 * rms(music))
    if kind.held and rms(music) > voice:
        made.unfair |= (made.likely > VOICED) & (plays > 0)


def _around(sound: Wide) -> Wide:
    """Effective value of the tenth of a second around each sample."""
    tenth = RATE // 10
    return np.sqrt(np.maximum(0, np.convolve(sound * sound, np.ones(tenth) / tenth, "same")))


def _part(rng: Rng) -> Sound:
    """How loud music is that begins late and ends early (LENGTH,), 0 to 1: at once, or faded in and out."""
    begin, end = sorted(rng.integers(0, LENGTH, 2))
    rise, fall = (rng.uniform(*kinds.FADE_S) * RATE if rng.random() < kinds.FADED else 0.0 for _ in range(2))
    at = np.arange(LENGTH, dtype=np.float32)
    risen = np.clip((at - begin) / rise, 0, 1) if rise else at >= begin
    fallen = np.clip((end - at) / fall, 0, 1) if fall else at < end
    loud: Sound = (np.minimum(risen, fallen) ** 2).astype(np.float32)
    return loud


def _add_fits(rng: Rng, made: Scene, voice: float, material: Material) -> None:
    """Coughs, sneezes and cries anywhere; a voice that one drowns is not asked for."""
    fits = np.zeros(LENGTH, np.float32)
    for _ in range(int(rng.integers(*kinds.FITS))):
        sound = fit(rng) if rng.random() > kinds.RECORDED_FIT else recorded_fit(rng, material)
        at = int(rng.integers(0, LENGTH))
        sound = sound[: LENGTH - at] * voice * 10 ** (rng.uniform(*kinds.FIT_OVER_VOICE_DB) / 20)
        fits[at : at + len(sound)] += sound
    made.sound += fits
    heard = _around(fits) > kinds.DROWNING * voice
    made.unfair |= (made.likely > VOICED) & heard
    made.rare |= (made.likely <= VOICED) & heard


def _add_tone(rng: Rng, made: Scene) -> None:
    """A tone, loud enough to drown the voice under it."""
    tone = tones(rng, LENGTH)
    made.sound += tone / LEVEL * 10 ** (rng.uniform(*kinds.TONE_DBFS) / 20)
    made.unfair |= (np.abs(tone) > 1e-5) & (made.likely > VOICED)


def _send(rng: Rng, made: Scene, mixture: Mixture) -> None:
    """The way of the sound: overdriven or bent, by telephone or soft phone or neither, perhaps late."""
    by_telephone = rng.random() < mixture.telephone
    if rng.random() < OVERDRIVEN:
        made.sound = overdrive(rng, made.sound)
    if rng.random() < BENT:
        made.sound = bend(rng, made.sound)
    if not by_telephone and rng.random() < RECORDED:
        made.sound = soft_phone(rng, made.sound)
    if by_telephone:
        made.sound, made.rate = telephone(rng, made.sound, made.likely), TELEPHONE_RATE
    if rng.random() < kinds.DEAD_START:
        made.sound[: rng.integers(0, len(made.sound))] = 0


def lesson(made: Scene) -> Lesson:
    """Features and labels of a scene, frame by frame."""
    likely = made.likely.reshape(FRAMES, -1).mean(1)
    voice = likely > VOICED
    music = made.music.reshape(FRAMES, -1).mean(1) > 0.5
    counts = made.unfair.reshape(FRAMES, -1).mean(1) <= 0.3
    unsure = (likely > UNSURE[0]) & (likely < UNSURE[1]) & ~voice
    samples = np.clip(np.round(made.sound * 32767), -32768, 32767).astype(np.int16)
    is_a = np.where(voice, VOICE, np.where(music, MUSIC, OTHER)).astype(np.int8)
    rare = made.rare.reshape(FRAMES, -1).mean(1) > 0.5
    weight = (counts & ~unsure) * (1 + rare)
    return Lesson(features(samples, made.rate, voice), is_a, weight.astype(np.int8))


def write_shard(path: Path, count: int, make: Callable[[], Scene]) -> None:
    """`count` scenes as features F (float16), labels Y and weights W."""
    lessons = [lesson(make()) for _ in range(count)]
    np.savez(
        path,
        F=np.stack([one.features.astype(np.float16) for one in lessons]),
        Y=np.stack([one.is_a for one in lessons]),
        W=np.stack([one.counts for one in lessons]),
    )


def main() -> None:
    """Read the arguments and write shards."""
    parser = argparse.ArgumentParser(prog="python -m training.scenes")
    parser.add_argument("material", type=Path, help="folder with speech/, music/, noise/ and bursts/")
    parser.add_argument("labels", type=Path, help="folder that training.teach wrote")
    parser.add_argument("mixture", choices=MIXTURES)
    parser.add_argument("seed", type=int)
    parser.add_argument("count", type=int, help=f"scenes, in shards of {SHARD}")
    parser.add_argument("out", help="beginning of the shards' names")
    told = parser.parse_args()
    rng, store, mixture = np.random.default_rng(told.seed), BabbleStore(), MIXTURES[told.mixture]
    material = open_material(told.material, told.labels)
    for number in range(-(-told.count // SHARD)):
        size = min(SHARD, told.count - number * SHARD)
        write_shard(Path(f"{told.out}_{number}.npz"), size, lambda: scene(rng, mixture, material, store))


if __name__ == "__main__":
    main()

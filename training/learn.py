"""Learns the voice model from shards of scenes, with JAX on the CPU.

`python -m training.learn OUT SHARD...` writes the weights after every round, and prints how well the
last shard, which is not learned from, is understood.
May not make features or know what a scene is.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from audio.analysis.features import BANDS
from training.export import save
from training.kinds import MUSIC, VOICE

Weights = dict[str, Any]

HIDDEN = 64
NARROWED = 32
"""Units of the layer between features and memory."""
ROUNDS = 34
BATCH = 64
FIRST_RATE, TOP_RATE, LAST_RATE = 1e-4, 5e-3, 5e-5
WARM_UP_STEPS = 100
WEIGHT_DECAY = 1e-3
LARGEST_STEP = 1.0
"""Norm to which gradients are clipped: a recurrent network's can explode."""
VOICE_COUNTS = 1.7
"""A frame of voice against any other: a missed word costs more than a noise that is taken for one."""
MUSIC_COUNTS = 0.4
"""Music is the second question; the voice must not suffer for it."""
KEPT_MEMORY = 0.5
"""Share of scenes that begin with another scene's memory: one is empty only for a moment."""
GAIN_SPREAD = 0.15
TILT_SPREAD = 0.06
"""Band levels are moved anew each time, all together and each: 3 and 1.2 dB."""
LEAST_SPREAD = 0.05


@dataclass(frozen=True, slots=True)
class Lessons:
    """Many scenes of the same length: features, what a frame is, whether it counts."""

    features: NDArray[np.float16]
    is_a: NDArray[np.int8]
    counts: NDArray[np.int8]


def read(paths: Sequence[Path]) -> Lessons:
    """Shards, one after the other."""
    shards = [np.load(path) for path in paths]
    features, is_a, counts = (np.concatenate([shard[name] for shard in shards]) for name in ("F", "Y", "W"))
    return Lessons(features, is_a, counts)


def new_weights(rng: np.random.Generator, features: int, hidden: int) -> Weights:
    """Random weights of the right shapes, without the normalisation (mu, sd)."""

    def normal(rows: int, columns: int) -> NDArray[np.float32]:
        drawn: NDArray[np.float32] = (rng.standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32)
        return drawn

    return {
        "we": normal(features, NARROWED),
        "be": np.zeros(NARROWED, np.float32),
        "wx": normal(NARROWED, 3 * hidden),
        "wh": normal(hidden, 3 * hidden) * np.float32(0.7),  # memory that neither fades at once nor blows up
        "b": np.zeros(3 * hidden, np.float32),
        "bn": np.zeros(hidden, np.float32),
        "wo": normal(hidden, 2),
        "bo": np.zeros(2, np.float32),
    }


def normalisation(features: NDArray[np.float16]) -> Weights:
    """Mean and spread of each feature, from every seventh scene."""
    some = features[::7].astype(np.float32)
    return {"mu": some.mean((0, 1)), "sd": some.std((0, 1)) + LEAST_SPREAD}


def run(weights: Weights, scale: Weights, features: Any, memory: Any) -> tuple[Any, Any]:
    """Memory and logits of voice and music (scene, frame, 2): VoiceModel's network, many at once."""
    size = memory.shape[1]
    shown = jnp.tanh(((features - scale["mu"]) / scale["sd"]) @ weights["we"] + weights["be"])
    gates = shown @ weights["wx"] + weights["b"]

    def step(old: Any, new: Any) -> tuple[Any, Any]:
        back = old @ weights["wh"]
        reset = jax.nn.sigmoid(new[:, :size] + back[:, :size])
        keep = jax.nn.sigmoid(new[:, size : 2 * size] + back[:, size : 2 * size])
        fresh = jnp.tanh(new[:, 2 * size :] + reset * (back[:, 2 * size :] + weights["bn"]))
        told = (1 - keep) * fresh + keep * old
        return told, told

    memory, heard = jax.lax.scan(step, memory, gates.transpose(1, 0, 2))
    return memory, heard.transpose(1, 0, 2) @ weights["wo"] + weights["bo"]


def loss(
    weights: Weights, scale: Weights, features: Any, is_a: Any, counts: Any, memory: Any
) -> tuple[Any, Any]:
    """Cross-entropy of both questions over the frames that count, and the memory at the end."""
    memory, logits = run(weights, scale, features, memory)
    voiced = (is_a == VOICE).astype(jnp.float32)
    voice = _entropy(logits[..., 0], voiced) * counts * (1 + (VOICE_COUNTS - 1) * voiced)
    music = _entropy(logits[..., 1], (is_a == MUSIC).astype(jnp.float32)) * counts
    return voice.sum() / counts.sum() + MUSIC_COUNTS * music.sum() / counts.sum(), memory


def _entropy(logits: Any, truth: Any) -> Any:
    return jnp.maximum(logits, 0) - logits * truth + jnp.log1p(jnp.exp(-jnp.abs(logits)))


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast to learn; `begin` is what an earlier course wrote, None begins at random."""

    rounds: int = ROUNDS
    top_rate: float = TOP_RATE
    hidden: int = HIDDEN
    begin: Path | None = None


def learn(lessons: Lessons, judged_by: Lessons, out: Path, course: Course) -> None:
    """Learn, and after each round judge and write."""
    scenes, _, width = lessons.features.shape
    rng, hidden, rounds = np.random.default_rng(0), course.hidden, course.rounds
    weights = new_weights(rng, width, hidden)
    scale = normalisation(lessons.features)
    if course.begin is not None:
        with np.load(course.begin) as earlier:
            scale = {name: earlier[name] for name in scale}
            weights = {name: earlier[name] for name in weights}
    steps = rounds * (scenes // BATCH)
    warm_up = min(WARM_UP_STEPS, steps // 10)
    rates = optax.warmup_cosine_decay_schedule(FIRST_RATE, course.top_rate, warm_up, steps, LAST_RATE)
    optimiser = optax.chain(
        optax.clip_by_global_norm(LARGEST_STEP), optax.adamw(rates, weight_decay=WEIGHT_DECAY)
    )
    state = optimiser.init(weights)

    def improve(weights: Weights, state: Any, *batch: Any) -> tuple[Weights, Any, Any, Any]:
        graded = jax.value_and_grad(loss, has_aux=True)
        (missed, memory), slope = graded(weights, scale, *batch)
        change, state = optimiser.update(slope, state, weights)
        return optax.apply_updates(weights, change), state, missed, memory

    improve_fast = jax.jit(improve)
    memory = np.zeros((BATCH, hidden), np.float32)
    for number in range(rounds):
        order = rng.permutation(scenes)
        total = 0.0
        for start in range(0, scenes // BATCH * BATCH, BATCH):
            chosen = order[start : start + BATCH]
            batch = _batch(rng, lessons, chosen, np.asarray(memory))
            weights, state, missed, memory = improve_fast(weights, state, *batch)
            total += float(missed)
        print(number, f"loss {total / (scenes // BATCH):.4f}", judge(weights, scale, judged_by), flush=True)
        save(out, {name: np.asarray(value) for name, value in {**scale, **weights}.items()})


def _batch(
    rng: np.random.Generator, lessons: Lessons, chosen: NDArray[np.int64], memory: NDArray[np.float32]
) -> tuple[Any, ...]:
    """Features, labels and weights of some scenes, and the memory each begins with."""
    begin = memory[rng.permutation(len(chosen))] * (rng.random((len(chosen), 1)) < KEPT_MEMORY)
    features = lessons.features[chosen].astype(np.float32)
    gain = rng.normal(0, GAIN_SPREAD, (len(chosen), 1, 1))
    features[..., :BANDS] += (gain + rng.normal(0, TILT_SPREAD, (len(chosen), 1, BANDS))).astype(np.float32)
    counts = lessons.counts[chosen].astype(np.float32)
    return features, lessons.is_a[chosen], counts, begin.astype(np.float32)


def judge(weights: Weights, scale: Weights, lessons: Lessons) -> str:
    """F1, precision and recall of voice frames, how music fares, over the frames that count."""
    hidden = len(weights["bn"])
    run_fast = jax.jit(run)
    parts = [lessons.features[start : start + BATCH] for start in range(0, len(lessons.features), BATCH)]
    logits = np.concatenate(
        [run_fast(weights, scale, part.astype(np.float32), np.zeros((len(part), hidden), np.float32))[1]
         for part in parts]
    )  # fmt: skip
    counts = lessons.counts > 0
    voice, music = (lessons.is_a == VOICE) & counts, (lessons.is_a == MUSIC) & counts
    said, played = (logits[..., 0] > 0) & counts, (logits[..., 1] > 0) & counts
    hits, false, missed = (said & voice).sum(), (said & ~voice).sum(), (~said & voice).sum()
    return (
        f"F1 {2 * hits / (2 * hits + false + missed):.4f} precision {hits / (hits + false):.3f} "
        f"recall {hits / (hits + missed):.3f} music called voice {(said & music).sum() / music.sum():.3f} "
        f"music found {(played & music).sum() / music.sum():.3f} "
        f"false music {(played & ~music).sum() / (counts & ~music).sum():.4f}"
    )


def main() -> None:
    """Read the arguments and learn."""
    parser = argparse.ArgumentParser(prog="python -m training.learn")
    parser.add_argument("out", type=Path, help="weights to write (.npz)")
    parser.add_argument("shards", type=Path, nargs="+", help="from training.scenes; the last one judges")
    parser.add_argument("--hidden", type=int, default=HIDDEN, help="units of memory")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--top-rate", type=float, default=TOP_RATE)
    parser.add_argument("--begin", type=Path, help="weights of an earlier course to go on from")
    told = parser.parse_args()
    if len(told.shards) < 2:
        parser.error("two shards at least: one to learn from, one to judge by")
    course = Course(told.rounds, told.top_rate, told.hidden, told.begin)
    learn(read(told.shards[:-1]), read(told.shards[-1:]), told.out, course)


if __name__ == "__main__":
    main()

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy.signal", reason="scenes are made with scipy (training/requirements.txt)")
pytest.importorskip("soundfile", reason="codecs are libsndfile's (training/requirements.txt)")

from audio.analysis.features import FEATURES
from tests.training.made import made_material
from training import beds, kinds, scenes
from training.codecs import CODEC_SHARES, CODECS, a_law, band, bend, mu_law, overdrive, soft_phone, telephone
from training.kinds import KINDS, MIXTURES, MUSIC, OTHER, VOICE
from training.rooms import equalise, hiss, reverb, rms
from training.scenes import FRAMES, lesson, scene


def only(name: str) -> tuple[float, ...]:
    """Shares of a mixture that has one kind of scene."""
    return tuple(float(kind.name == name) for kind in KINDS)


@pytest.fixture(scope="module")
def made() -> list[tuple[Any, Any]]:
    """A scene of each kind in each mixture, of made-up material, with its lesson; babble is used again."""
    few, beds.FEWEST_BABBLES = beds.FEWEST_BABBLES, 2
    rng, material, store = np.random.default_rng(3), made_material(), beds.BabbleStore()
    drawn = [
        scene(rng, replace(mixture, shares=only(kind.name)), material, store)
        for mixture in MIXTURES.values()
        for kind in KINDS
    ]
    beds.FEWEST_BABBLES = few
    return [(one, lesson(one)) for one in drawn]


def test_a_scene_is_twelve_seconds_at_its_rate(made: list[tuple[Any, Any]]) -> None:
    assert {one.rate for one, _ in made} == {8000, 16000}
    assert all(len(one.sound) == 12 * one.rate for one, _ in made)
    assert all(len(one.likely) == len(one.music) == len(one.unfair) == 12 * 16000 for one, _ in made)


def test_a_lesson_has_the_features_and_a_label_for_every_frame(made: list[tuple[Any, Any]]) -> None:
    for _, told in made:
        assert told.features.shape == (FRAMES, FEATURES)
        assert np.isfinite(told.features).all()
        assert set(np.unique(told.is_a)) <= {OTHER, VOICE, MUSIC}
        assert set(np.unique(told.counts)) <= {0, 1, 2}


def test_all_three_labels_come_and_most_frames_count(made: list[tuple[Any, Any]]) -> None:
    together = np.concatenate([told.is_a for _, told in made])
    assert (np.bincount(together, minlength=3) > 0.03 * len(together)).all()
    assert np.mean([(told.counts > 0).mean() for _, told in made]) > 0.8


def test_voice_frames_are_where_the_talker_was(made: list[tuple[Any, Any]]) -> None:
    for one, told in made:
        assert np.array_equal(told.is_a == VOICE, one.likely.reshape(FRAMES, -1).mean(1) > 0.5)


def test_the_same_seed_makes_the_same_scene() -> None:
    material = made_material()
    mixture = MIXTURES["hard"]
    one, other = (scene(np.random.default_rng(4), mixture, material, beds.BabbleStore()) for _ in range(2))
    assert np.array_equal(one.sound, other.sound)
    assert np.array_equal(one.likely, other.likely)


def test_a_shard_is_what_learn_reads(tmp_path: Path) -> None:
    rng, material, store = np.random.default_rng(6), made_material(), beds.BabbleStore()
    scenes.write_shard(tmp_path / "one_0.npz", 1, lambda: scene(rng, MIXTURES["easy"], material, store))
    with np.load(tmp_path / "one_0.npz") as shard:
        assert shard["F"].shape == (1, FRAMES, FEATURES)
        assert shard["F"].dtype == np.float16
        assert shard["Y"].shape == shard["W"].shape == (1, FRAMES)


def test_the_kinds_of_scenes_are_all_there_are() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    for mixture in MIXTURES.values():
        assert len(mixture.shares) == len(KINDS)
        assert sum(mixture.shares) == pytest.approx(1.0)


def test_hard_scenes_are_noisier_denser_and_more_often_telephoned() -> None:
    easy, hard = MIXTURES["easy"], MIXTURES["hard"]
    assert hard.telephone > easy.telephone
    assert hard.quiet_line < easy.quiet_line
    assert hard.noisy_line_db < easy.noisy_line_db
    assert hard.music_below > hard.babble_below > easy.babble_below > easy.music_below
    dense = [kind.dense for kind in KINDS].index(True)
    assert hard.shares[dense] > easy.shares[dense]


def fixed(**changed: Any) -> Any:
    """Talk alone, always on a noisy line of 6 dB, with neither noise nor babble behind it; and changes."""
    plain = {"shares": only("talk"), "telephone": 0.0, "quiet_line": 0.0, "noisy_line_db": (6.0, 6.0)}
    return replace(MIXTURES["easy"], **{**plain, "babble_below": 0.0, "music_below": 0.0, **changed})


def test_a_word_by_itself_counts_double_and_talk_does_not() -> None:
    material, store = made_material(), beds.BabbleStore()
    for name, weight in (("words", 2), ("talk", 1)):
        made = scene(np.random.default_rng(5), fixed(shares=only(name), coughed=0.0), material, store)
        told = lesson(made)
        assert set(told.counts[(told.is_a == VOICE) & (told.counts > 0)]) == {weight}
        assert set(told.counts[told.is_a != VOICE]) <= {0, 1}


def test_a_mixture_says_whether_a_telephone_was_in_the_way() -> None:
    material, store = made_material(), beds.BabbleStore()
    for share, rate in ((0.0, 16000), (1.0, 8000)):
        rng = np.random.default_rng(11)
        assert {scene(rng, fixed(telephone=share), material, store).rate for _ in range(4)} == {rate}


def test_music_behind_talk_is_neither_an_answer_nor_an_excuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who talks over it is a voice to be found, and it is too soft to be called music."""
    drawn: list[bool] = []
    whole = scenes.fill
    monkeypatch.setattr(scenes, "fill", lambda *told, gaps: drawn.append(gaps) or whole(*told, gaps=gaps))
    rng, material, store = np.random.default_rng(12), made_material(), beds.BabbleStore()
    made = [scene(rng, fixed(music_below=1.0), material, store) for _ in range(8)]
    assert drawn.count(False) >= 2
    assert len(drawn) == len(made)
    assert not any(one.music.any() for one in made)


@pytest.mark.parametrize(("faded", "longest_s"), [(0.0, 0.0), (1.0, 2.0)])
def test_music_on_hold_begins_and_ends_at_once_or_is_faded(
    monkeypatch: pytest.MonkeyPatch, faded: float, longest_s: float
) -> None:
    monkeypatch.setattr(kinds, "FADED", faded)
    rng, shares = np.random.default_rng(13), []
    for _ in range(40):
        loud = scenes._part(rng)
        assert loud.shape == (scenes.LENGTH,)
        assert 0.0 <= loud.min() <= loud.max() <= 1.0
        assert np.abs(np.diff(loud)).max() <= (1.0 if not faded else 2.5 / (kinds.FADE_S[0] * 16000))
        partly = ((loud > 0.0) & (loud < 1.0)).mean() * 12
        assert partly <= 2 * longest_s
        shares.append(partly)
        rising = np.diff(loud[: int(np.argmax(loud)) + 1])
        assert (rising >= 0.0).all(), "it swells once"
    assert (max(shares) > 1.0) == bool(faded)


@pytest.mark.parametrize("law", [mu_law, a_law])
def test_companding_keeps_the_sound_within_its_steps(law: Any) -> None:
    """G.711 has a signal-to-noise ratio of about 38 dB over most of its range."""
    sound = 0.3 * np.sin(np.arange(8000) * 0.31)
    error = law(sound) - sound
    assert 30 < 20 * np.log10(rms(sound) / rms(error)) < 45
    steps = law(np.linspace(-1, 1, 2001))
    assert all(before <= after for before, after in pairwise(steps))
    assert 0.98 < np.abs(steps).max() < 1.03


def murmur(count: int) -> Any:
    """Noise with the spectrum of speech, about."""
    noise = np.random.default_rng(1).standard_normal(count)
    return 0.1 * np.convolve(noise, np.ones(8) / 8, "same")


@pytest.mark.parametrize("number", range(len(CODECS)))
def test_a_codec_neither_delays_nor_drowns(number: int) -> None:
    """Labels are those of the sound before it."""
    sound = murmur(24000)
    heard = CODECS[number](np.random.default_rng(number), sound)
    assert heard.shape == sound.shape
    inner = slice(800, -800)
    fits = [float(np.corrcoef(sound[inner], np.roll(heard, -late)[inner])[0, 1]) for late in range(-40, 41)]
    assert int(np.argmax(fits)) == 40
    assert max(fits) > 0.7


def test_shares_of_codecs_are_all_there_are() -> None:
    assert sum(CODEC_SHARES) == pytest.approx(1.0)
    assert len(CODEC_SHARES) == len(CODECS)


def test_a_soft_phone_keeps_the_length_and_the_sound() -> None:
    sound = murmur(48000)
    heard = soft_phone(np.random.default_rng(1), sound)
    assert heard.shape == sound.shape
    assert np.corrcoef(sound, heard)[0, 1] > 0.7


def test_a_bent_curve_keeps_the_peak_and_moves_the_rest() -> None:
    sound = murmur(8000)
    bent = [bend(np.random.default_rng(seed), sound) for seed in range(12)]
    assert all(np.abs(one).max() == pytest.approx(np.abs(sound).max()) for one in bent)
    assert all(np.array_equal(np.sign(one), np.sign(sound)) for one in bent)
    moved = [20 * np.log10(rms(one) / rms(sound)) for one in bent]
    assert min(moved) < -2
    assert max(moved) > 2


def test_a_telephone_passes_its_band_alone() -> None:
    time = np.arange(16000 * 2) / 16000
    none = np.zeros(len(time))
    level = {}
    for hz in (60, 1000, 5000):
        lines = [
            telephone(np.random.default_rng(seed), 0.2 * np.sin(2 * np.pi * hz * time), none + 1)
            for seed in range(8)
        ]
        level[hz] = np.median([rms(line) for line in lines])
    assert level[1000] > 0.1
    assert level[60] < 0.01
    assert level[5000] < 0.01


def below_the_edge_db(hz: int) -> list[float]:
    """What 24 lines leave of a tone at `hz`, against what they leave of one at 1 kHz."""
    time = np.arange(16000) / 16000
    lines = []
    for seed in range(24):
        low, middle = (
            rms(band(np.random.default_rng(seed), np.sin(2 * np.pi * at * time))[4000:]) for at in (hz, 1000)
        )
        lines.append(float(20 * np.log10(low / middle)))
    return lines


@pytest.mark.parametrize("hz", [100, 6000])
def test_lines_are_soft_and_steep(hz: int) -> None:
    left = below_the_edge_db(hz)
    assert max(left) > -30
    assert min(left) < -70


def test_some_lines_pass_deep_sound() -> None:
    """120 Hz comes through those whose edge is deep, and no other."""
    passing = sum(left > -3 for left in below_the_edge_db(120))
    assert 1 <= passing <= 8


def test_overdrive_leaves_the_level_and_cuts_the_peaks() -> None:
    loud = 0.9 * np.sin(np.arange(16000) * 0.1)
    driven = overdrive(np.random.default_rng(2), loud)
    assert np.abs(driven).max() < 0.9
    quiet = loud * 1e-3
    assert np.allclose(overdrive(np.random.default_rng(2), quiet), quiet)


def test_a_room_adds_to_the_sound_and_never_leads_it() -> None:
    click = np.zeros(16000, np.float32)
    click[4000] = 1.0
    heard = reverb(np.random.default_rng(3), click, 0.3)
    assert np.abs(heard[:4000]).max() < 1e-5
    assert heard[4000] == pytest.approx(1.0, abs=0.01)
    early, late = rms(heard[4001:6000]), rms(heard[8000:9000])
    assert early > 3 * late


def test_a_handset_keeps_the_voice_at_its_level() -> None:
    sound = np.random.default_rng(4).standard_normal(16000).astype(np.float32)
    voiced = np.arange(16000) < 8000
    assert rms(equalise(np.random.default_rng(5), sound, voiced)[voiced]) == pytest.approx(1.0, abs=1e-3)


def test_hiss_is_at_its_level() -> None:
    assert all(
        rms(hiss(np.random.default_rng(seed), 8000)) == pytest.approx(1.0, abs=1e-3) for seed in range(5)
    )

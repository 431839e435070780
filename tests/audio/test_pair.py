from __future__ import annotations

import numpy as np
import pytest

from audio.analysis.echo_match import Delays
from audio.analysis.echo_path import EchoPath
from audio.analysis.envelopes import BAND_EDGES_HZ, BANDS, HOPS, KEPT_FRAMES, Envelope, PairHistory
from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S
from audio.analysis.pair import NEAR_LATE_S, Moment, Pairing
from audio.analysis.repeats import NEEDED_SPANS, RepeatMeter
from audio.analysis.vad import Verdict
from audio.decibel import rms_dbfs
from state.words import Channel
from tests.audio.faults.inject_pair import (
    FAR_HZ,
    LIVE_FAR_DBFS,
    NEAR_HZ,
    Wide,
    at_level,
    echo_of,
    live,
    sound,
    talk,
)
from tests.audio.sounds import noise, recording, tone

NEAR, FAR = Channel.NEAR, Channel.FAR
QUIET = Verdict(-60.0, -60.0, loud=False, passes=False, voiced=False)


def frame(begin: float, samples: np.ndarray | None = None) -> Frame:
    return Frame(begin, np.zeros(160, np.int16) if samples is None else samples, QUIET, speaking=False)


def frames(first: float, count: int) -> list[Frame]:
    return [frame(first + number * FRAME_S) for number in range(count)]


def partners(moments: list[Moment]) -> list[tuple[float, float | None]]:
    return [
        (round(moment.far.begin, 3), None if moment.near is None else round(moment.near.begin, 3))
        for moment in moments
    ]


@pytest.mark.parametrize("offset_s", [0.0, 0.004, -0.004, 0.0099, -0.0099])
@pytest.mark.parametrize("block", [1, 3, 20])
def test_frames_of_the_same_moment_meet_in_whatever_blocks(offset_s: float, block: int) -> None:
    pairing, found = Pairing(), []
    near, far = frames(10.0 + offset_s, 60), frames(10.0, 60)
    for place in range(0, 60, block):
        found += pairing.push(NEAR, near[place : place + block])
        found += pairing.push(FAR, far[place : place + block])
    expected = [(round(one.begin, 3), round(other.begin, 3)) for one, other in zip(far, near, strict=True)]
    # where near is the later one, its partner of far's last frame is already there
    assert partners(found) == expected


def test_the_order_in_which_the_channels_come_changes_nothing() -> None:
    first, second = Pairing(), Pairing()
    one: list[Moment] = []
    other: list[Moment] = []
    first.push(NEAR, frames(0.0, 1))
    second.push(NEAR, frames(0.0, 1))
    for place in range(40):
        near, far = frames(0.02 + 0.1 * place, 5), frames(0.1 * place, 5)
        one += first.push(NEAR, near) + first.push(FAR, far)
        other += second.push(FAR, far) + second.push(NEAR, near)
    assert partners(one) == partners(other)
    assert all(near is not None for _, near in partners(one))


def test_far_alone_waits_for_nothing() -> None:
    pairing = Pairing()
    assert partners(pairing.push(FAR, frames(3.0, 2))) == [(3.0, None), (3.02, None)]
    assert pairing.waiting_since is None


def test_far_waits_for_near_that_has_come_before() -> None:
    pairing = Pairing()
    pairing.push(NEAR, frames(0.0, 1))
    assert partners(pairing.push(FAR, frames(0.0, 3))) == [(0.0, 0.0)]
    assert pairing.waiting_since == pytest.approx(0.02)
    assert partners(pairing.push(NEAR, frames(0.02, 3))) == [(0.02, 0.02), (0.04, 0.04)]
    assert pairing.waiting_since is None


def test_far_waits_no_longer_than_half_a_second() -> None:
    pairing = Pairing()
    pairing.push(NEAR, frames(0.0, 1))
    told = pairing.push(FAR, frames(0.0, 200))
    assert [near for _, near in partners(told)] == [0.0] + [None] * (len(told) - 1)
    assert pairing.waiting_since is None
    early = Pairing()
    early.push(NEAR, frames(0.0, 1))
    waits = round(NEAR_LATE_S / FRAME_S)
    assert len(early.push(FAR, frames(0.0, waits + 1))) == 1
    assert early.waiting_since is not None


def test_a_near_channel_that_jumps_is_paired_by_time_again() -> None:
    pairing = Pairing()
    pairing.push(NEAR, frames(0.0, 10))
    pairing.push(FAR, frames(0.0, 10))
    pairing.push(NEAR, frames(5.0, 10))
    assert partners(pairing.push(FAR, frames(0.2, 2))) == [(0.2, None), (0.22, None)]
    assert partners(pairing.push(FAR, frames(5.0, 2))) == [(5.0, 5.0), (5.02, 5.02)]
    pairing.push(NEAR, frames(2.0, 10))
    assert partners(pairing.push(FAR, frames(5.04, 1))) == [(5.04, None)]
    pairing.push(NEAR, frames(2.2, 2))
    assert partners(pairing.push(FAR, frames(2.2, 2))) == [(2.2, 2.2), (2.22, 2.22)]


def test_a_far_channel_that_jumps_back_has_no_old_partners() -> None:
    pairing = Pairing()
    pairing.push(NEAR, frames(0.0, 100))
    pairing.push(FAR, frames(1.0, 20))
    assert partners(pairing.push(FAR, frames(0.4, 1))) == [(0.4, None)]
    assert partners(pairing.push(FAR, frames(1.4, 1))) == [(1.4, 1.4)]


def test_neither_channel_is_kept_without_end() -> None:
    pairing = Pairing()
    for place in range(200):
        pairing.push(NEAR, frames(place * 1.0, 50))
    assert len(pairing._near) == KEPT_FRAMES
    for _ in range(100):
        pairing.push(FAR, frames(200.1, 10))
    assert len(pairing._far) <= KEPT_FRAMES + 10


def test_reset_forgets_both() -> None:
    pairing = Pairing()
    pairing.push(NEAR, frames(0.0, 10))
    pairing.reset()
    assert partners(pairing.push(FAR, frames(0.0, 2))) == [(0.0, None), (0.02, None)]


# envelopes ---------------------------------------------------------------------------------------------


def pushed(envelope: Envelope, wave: np.ndarray, floor_dbfs: float = 0.0) -> int:
    count = len(wave) // envelope.length
    for number in range(count):
        envelope.push(wave[number * envelope.length : (number + 1) * envelope.length], floor_dbfs)
    return count


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
@pytest.mark.parametrize(("hz", "band"), [(350.0, 0), (1200.0, 5), (3000.0, 9)])
def test_a_tone_is_in_its_band_with_its_level_at_any_rate(rate: int, hz: float, band: int) -> None:
    envelope = Envelope(rate)
    assert BAND_EDGES_HZ[band] < hz < BAND_EDGES_HZ[band + 1]
    levels = envelope.levels(pushed(envelope, tone(rate, hz, 1.0, -30.0)))[HOPS:]
    assert levels[:, band] == pytest.approx(-30.0, abs=1.5)
    assert int(np.argmax(levels.mean(axis=0))) == band


def test_the_bands_together_have_the_level_of_the_sound() -> None:
    envelope = Envelope(8000)
    wave = sound(echo_of(live(16000, -30.0, 1), 0.0, 0.0))
    levels = envelope.levels(pushed(envelope, wave))
    whole = 10.0 * np.log10(np.mean(np.sum(10.0 ** (levels / 10.0), axis=1)))
    assert whole == pytest.approx(rms_dbfs(wave), abs=1.0)


@pytest.mark.parametrize("every", [1, 7, 600])
def test_levels_are_the_same_however_often_they_are_asked_for(every: int) -> None:
    wave = noise(8000, 12.0, -40.0)
    envelope, plain = Envelope(8000), Envelope(8000)
    for number in range(600):
        part = wave[number * 160 : (number + 1) * 160]
        envelope.push(part, 0.0)
        plain.push(part, 0.0)
        if number % every == 0:
            envelope.levels(1)
    assert np.array_equal(envelope.levels(KEPT_FRAMES), plain.levels(KEPT_FRAMES))
    assert np.array_equal(plain.sound(KEPT_FRAMES), wave[-KEPT_FRAMES * 160 :])
    assert np.array_equal(plain.sound(10, 5), wave[-15 * 160 : -5 * 160])


def test_the_floor_is_that_of_the_pauses_and_never_over_the_channels_own() -> None:
    envelope = Envelope(8000)
    wave = noise(8000, 4.0, -60.0)
    wave[:16000] += tone(8000, 1200.0, 2.0, -20.0)
    pushed(envelope, wave)
    assert (envelope.floor() < -65.0).all()
    loud = Envelope(8000)
    pushed(loud, noise(8000, 2.0, -20.0), -50.0)
    assert (loud.floor() <= -50.0).all()


# matching ----------------------------------------------------------------------------------------------


def history_of(near: Wide, far: Wide, near_hz: int = NEAR_HZ) -> PairHistory:
    history = PairHistory(near_hz, FAR_HZ)
    one, other, length = sound(near), sound(far), near_hz // 50
    for number in range(min(len(one) // length, len(other) // 160)):
        history.push(
            frame(number * FRAME_S, one[number * length : (number + 1) * length]),
            frame(number * FRAME_S, other[number * 160 : (number + 1) * 160]),
        )
    return history


def voices() -> tuple[Wide, Wide]:
    """Three seconds of the Mandarin speaker, and of digits, without pauses."""
    near = talk(recording("sentence_zh_16k.wav").samples, NEAR_HZ)[: 3 * NEAR_HZ]
    return near, talk(recording("digits.wav").samples, FAR_HZ)[: 3 * FAR_HZ]


@pytest.mark.parametrize("lag_s", [0.02, 0.0615, 0.18, 0.4, 0.66])
@pytest.mark.parametrize("reverb_s", [0.0, 0.4])
def test_the_delay_of_an_echo_is_found_to_the_millisecond(lag_s: float, reverb_s: float) -> None:
    near, _ = voices()
    far = echo_of(near, lag_s, 12.0, reverb_s) + live(3 * FAR_HZ, LIVE_FAR_DBFS, 1)
    best = Delays(history_of(near, far), 25, 0.7).best()
    assert best is not None
    assert best.lag_s == pytest.approx(lag_s, abs=0.001)
    assert best.sharpness > 14.0


def test_delays_do_not_depend_on_nears_rate() -> None:
    near, _ = voices()
    far = echo_of(near, 0.18, 12.0)
    plain = Delays(history_of(near, far), 25, 0.7).best()
    wide = Delays(history_of(np.repeat(near, 3), far, 48000), 25, 0.7).best()
    assert plain is not None
    assert wide is not None
    assert wide.lag_s == pytest.approx(plain.lag_s, abs=0.001)
    assert wide.sharpness == pytest.approx(plain.sharpness, rel=0.3)


@pytest.mark.parametrize("frames_ago", [0, 10, 20])
def test_two_talkers_have_no_delay_in_common(frames_ago: int) -> None:
    best = Delays(history_of(*voices()), 25, 0.7, frames_ago).best()
    assert best is not None
    assert best.sharpness < 9.0


def test_what_is_not_known_long_enough_has_no_delay() -> None:
    near, far = voices()
    history = history_of(near[: NEAR_HZ // 2], far[: FAR_HZ // 2])
    assert Delays(history, 25, 0.7).best() is None
    assert Delays(history, 20, 0.7).best(0.2) is None
    assert Delays(history, 20, 0.7).best(0.0, 0.05) is not None


@pytest.mark.parametrize("loss_db", [6.0, 12.0, 20.0])
def test_a_path_has_the_loss_of_its_echo_and_explains_it(loss_db: float) -> None:
    near, _ = voices()
    far = echo_of(near, 0.18, loss_db) + live(3 * FAR_HZ, LIVE_FAR_DBFS, 1)
    path = EchoPath(history_of(near, far), 0.18, 30)
    assert path.loss_db == pytest.approx(loss_db, abs=1.0)
    assert path.spread_db < 3.0
    assert all(path.explains(30))


def test_a_path_does_not_explain_somebody_else() -> None:
    near, other = voices()
    echo = echo_of(near, 0.18, 14.0) + live(3 * FAR_HZ, LIVE_FAR_DBFS, 1)
    history = history_of(near, echo)
    path = EchoPath(history, 0.18, 30)
    path._history = history_of(near, echo + at_level(other, -26.0))
    assert sum(path.explains(50)) < 25


def test_a_path_without_sound_knows_nothing() -> None:
    near, _ = voices()
    path = EchoPath(history_of(near, np.zeros(3 * FAR_HZ)), 0.18, 30)
    assert path.loss_db == 0.0
    assert path.spread_db == np.inf
    assert all(path.explains(30))


# repeats -----------------------------------------------------------------------------------------------


def metered(near: Wide, far: Wide, gap_at: int | None = None) -> RepeatMeter:
    history = PairHistory(NEAR_HZ, FAR_HZ)
    meter = RepeatMeter(history.near, history.far, 0.02, 0.7)
    one, other = sound(near), sound(far)
    for number in range(len(other) // 160):
        if number == gap_at:
            history.clear()
        history.push(
            frame(0.0, one[number * 320 : (number + 1) * 320]),
            frame(0.0, other[number * 160 : (number + 1) * 160]),
        )
        meter.push((number + 1) * FRAME_S, history.frames)
    return meter


def long_voices(seconds: int) -> tuple[Wide, Wide]:
    near = talk(recording("sentence_zh_16k.wav").samples, NEAR_HZ)
    far = talk(recording("digits.wav").samples, FAR_HZ)
    return (
        np.take(near, np.arange(seconds * NEAR_HZ), mode="wrap") + live(seconds * NEAR_HZ, -66.0, 1),
        np.take(far, np.arange(seconds * FAR_HZ), mode="wrap") + live(seconds * FAR_HZ, LIVE_FAR_DBFS, 2),
    )


@pytest.mark.parametrize("lag_s", [0.06, 0.18, 0.4])
@pytest.mark.parametrize(("loss_db", "reverb_s"), [(6.0, 0.0), (12.0, 0.3), (20.0, 0.0)])
def test_a_repeat_has_its_delay_and_its_loss(lag_s: float, loss_db: float, reverb_s: float) -> None:
    near, _ = long_voices(8)
    repeat = metered(near, echo_of(near, lag_s, loss_db, reverb_s) + live(8 * FAR_HZ, -64.0, 3)).repeat
    assert repeat is not None
    assert repeat.correlation > 0.6
    assert repeat.lag_s == pytest.approx(lag_s, abs=0.011)
    assert repeat.loss_db == pytest.approx(loss_db, abs=3.0)
    assert repeat.steady > 0.8
    assert repeat.since == pytest.approx(0.0, abs=1.0)


def test_two_talkers_at_once_repeat_nothing() -> None:
    repeat = metered(*long_voices(12)).repeat
    assert repeat is not None
    assert repeat.correlation < 0.4


def test_silence_says_nothing() -> None:
    meter = metered(live(8 * NEAR_HZ, -66.0, 1), live(8 * FAR_HZ, -60.0, 2))
    assert meter.repeat is None
    assert not meter.fresh


def test_a_gap_is_never_bridged() -> None:
    near, _ = long_voices(4)
    far = echo_of(near, 0.18, 10.0)
    assert len(metered(near, far, gap_at=100)._spans) < len(metered(near, far)._spans)


def test_a_meter_says_nothing_before_it_has_heard_enough_and_forgets() -> None:
    near, _ = long_voices(8)
    meter = metered(near[: 3 * NEAR_HZ], echo_of(near, 0.18, 10.0)[: 3 * FAR_HZ])
    assert len(meter._spans) < NEEDED_SPANS
    assert meter.repeat is None
    full = metered(near, echo_of(near, 0.18, 10.0))
    full.reset()
    assert full.repeat is None


def test_the_history_of_an_hour_is_that_of_five_seconds() -> None:
    envelope = Envelope(NEAR_HZ)
    before = envelope._sound.nbytes + envelope._levels.nbytes
    for _ in range(3 * KEPT_FRAMES):
        envelope.push(np.zeros(320, np.int16), -60.0)
    assert envelope._sound.nbytes + envelope._levels.nbytes == before < 1_000_000
    assert envelope.levels(KEPT_FRAMES).shape == (KEPT_FRAMES * HOPS, BANDS)

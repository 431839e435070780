from __future__ import annotations

import numpy as np
import pytest

from audio.decibel import active_dbfs, peak_dbfs
from audio.mixer import CallMixer, Mixed, MixerSettings
from state.events import PromptFinished, PromptStarted
from state.ids import LineId, PromptId
from state.words import Audience
from tests.audio.sounds import recording, tone, zeros

RATE = 8000
BLOCK = 160
PROMPT = PromptId("p1")
LINE = LineId("desk")


def run(
    mixer: CallMixer,
    seconds: float,
    near: np.ndarray | None = None,
    far: np.ndarray | None = None,
    *,
    at: float = 0.0,
    transmit: bool = True,
    rate: int = RATE,
) -> Mixed:
    """Mix block by block; the blocks put together."""
    silent = zeros(rate, seconds)
    near, far = silent if near is None else near, silent if far is None else far
    block = rate // 50
    parts = [
        mixer.mix(near[i : i + block], far[i : i + block], at + i / rate, transmit)
        for i in range(0, len(silent) - block + 1, block)
    ]
    events = tuple(event for part in parts for event in part.events)
    ear, line = (np.concatenate([getattr(part, side) for part in parts]) for side in ("ear", "line"))
    return Mixed(ear, line, events)


def test_with_no_prompt_each_hears_the_other() -> None:
    near, far = tone(RATE, 300, 0.2), tone(RATE, 700, 0.2)
    mixed = run(CallMixer(RATE, RATE), 0.2, near, far)
    assert np.array_equal(mixed.ear, far)
    assert np.array_equal(mixed.line, near)
    assert mixed.events == ()


def test_not_transmitting_sends_exactly_zeros() -> None:
    assert not run(CallMixer(RATE, RATE), 0.1, near=tone(RATE, 300, 0.1), transmit=False).line.any()


@pytest.mark.parametrize(
    ("audience", "hears", "not_hears"),
    [
        (Audience.AGENT, "ear", "line"),
        (Audience.LINE, "line", "ear"),
    ],
)
@pytest.mark.parametrize("transmit", [True, False])
def test_only_its_audience_hears_a_prompt(
    audience: Audience, hears: str, not_hears: str, transmit: bool
) -> None:
    mixer = CallMixer(RATE, RATE, line=LINE)
    mixer.play(PROMPT, audience, tone(RATE, 500, 0.1, -30.0), RATE, 0.0)
    mixed = run(mixer, 0.2, transmit=transmit)
    assert active_dbfs(getattr(mixed, hears)[160:640], RATE) == pytest.approx(-30.0, abs=0.2)
    assert not getattr(mixed, not_hears).any()
    assert [event.audience for event in mixed.events] == [audience, audience]
    assert all(event.line == LINE and event.source == "audio" for event in mixed.events)


@pytest.mark.parametrize("at", [0.0, 0.013, 0.02, 0.0555])
def test_a_prompt_begins_and_ends_to_the_sample(at: float) -> None:
    mixer = CallMixer(RATE, RATE, latency_s=lambda audience: 0.03 * (audience is Audience.AGENT))
    mixer.play(PROMPT, Audience.AGENT, np.full(1000, 3000, np.int16), RATE, 10.0 + at)
    mixed = run(mixer, 0.4, at=10.0)
    started, finished = mixed.events
    first = int(np.flatnonzero(mixed.ear)[0])
    assert first == round(at * RATE) + 1, "the ramp begins at nothing"
    assert started == PromptStarted(pytest.approx(10.03 + at), "audio", PROMPT, Audience.AGENT, None)
    assert isinstance(finished, PromptFinished)
    assert finished.ended_at == pytest.approx(10.0 + at + 1000 / RATE + 0.03)
    assert finished.completed
    assert finished.at >= finished.ended_at


def test_where_the_server_carries_the_call_prompts_alone_leave() -> None:
    mixer = CallMixer(RATE, RATE, carries=False)
    near, far = tone(RATE, 300, 0.3), tone(RATE, 700, 0.3)
    mixer.play(PROMPT, Audience.LINE, tone(RATE, 500, 0.1, -30.0), RATE, 0.0)
    mixed = run(mixer, 0.3, near, far)
    assert active_dbfs(mixed.line[160:640], RATE) == pytest.approx(-30.0, abs=0.2)
    assert not mixed.line[900:].any()
    assert not mixed.ear.any()


def test_a_prompt_due_in_the_past_begins_with_the_next_block() -> None:
    mixer = CallMixer(RATE, RATE)
    mixer.play(PROMPT, Audience.AGENT, tone(RATE, 500, 0.1), RATE, 1.0)
    assert run(mixer, 0.2, at=5.0).events[0].at == 5.0


@pytest.mark.parametrize("level", [-3.0, -12.0, -19.0])
def test_a_loud_prompt_is_capped(level: float) -> None:
    mixer = CallMixer(RATE, RATE)
    mixer.play(PROMPT, Audience.AGENT, tone(RATE, 500, 1.0, level), RATE, 0.0)
    assert active_dbfs(run(mixer, 1.0).ear, RATE) == pytest.approx(-20.0, abs=0.3)


def test_a_quiet_prompt_is_not_lifted() -> None:
    mixer = CallMixer(RATE, RATE)
    mixer.play(PROMPT, Audience.AGENT, tone(RATE, 500, 1.0, -40.0), RATE, 0.0)
    assert active_dbfs(run(mixer, 1.0).ear, RATE) == pytest.approx(-40.0, abs=0.3)


def test_peaks_are_capped_too() -> None:
    clicks = zeros(RATE, 1.0)
    clicks[400::800] = 32767
    mixer = CallMixer(RATE, RATE)
    mixer.play(PROMPT, Audience.LINE, clicks, RATE, 0.0)
    assert peak_dbfs(run(mixer, 1.0).line) == pytest.approx(-6.0, abs=0.1)


def test_speech_keeps_the_cap_as_well() -> None:
    mixer = CallMixer(16000, 16000)
    loud = np.clip(recording("sentence_zh_16k.wav").samples.astype(int) * 20, -32768, 32767).astype(np.int16)
    mixer.play(PROMPT, Audience.AGENT, loud, 16000, 0.0)
    ear = run(mixer, 7.6, rate=16000).ear
    assert active_dbfs(ear, 16000) == pytest.approx(-20.0, abs=0.5)
    assert peak_dbfs(ear) <= -6.0


def test_two_prompts_together_stay_below_the_peak() -> None:
    mixer = CallMixer(RATE, RATE, MixerSettings(prompt_cap_dbfs=-6.0))
    for number in range(3):
        mixer.play(PromptId(f"p{number}"), Audience.AGENT, np.full(800, 30000, np.int16), RATE, 0.0)
    assert peak_dbfs(run(mixer, 0.1).ear) <= -5.99


def test_ramps_last_20_ms_at_both_ends() -> None:
    mixer = CallMixer(RATE, RATE)
    mixer.play(PROMPT, Audience.AGENT, np.full(1600, 3000, np.int16), RATE, 0.0)
    ear = run(mixer, 0.2).ear.astype(int)
    assert ear[0] == ear[-1] == 0
    assert ear[160] == ear[800] == 3000
    assert np.all(np.diff(ear[:161]) > 0)
    assert np.all(np.diff(ear[-160:]) < 0)
    assert np.abs(np.diff(ear)).max() <= 3000 / 160 + 1


def test_a_stopped_prompt_fades_and_is_not_completed() -> None:
    mixer = CallMixer(RATE, RATE)
    mixer.play(PROMPT, Audience.AGENT, np.full(RATE, 3000, np.int16), RATE, 0.0)
    run(mixer, 0.2)
    assert mixer.stop(PROMPT, 0.2) == ()
    mixed = run(mixer, 0.1, at=0.2)
    (finished,) = mixed.events
    assert isinstance(finished, PromptFinished)
    assert not finished.completed
    assert finished.ended_at == pytest.approx(0.22)
    assert mixed.ear[159] == 0
    assert np.all(np.diff(mixed.ear[:160].astype(int)) < 0)
    assert not mixed.ear[160:].any()
    assert mixer.stop(PROMPT, 0.3) == ()


def test_a_prompt_stopped_before_its_first_sample_is_revoked() -> None:
    mixer = CallMixer(RATE, RATE, line=LINE)
    mixer.play(PROMPT, Audience.LINE, tone(RATE, 500, 0.5), RATE, 1.0)
    run(mixer, 0.1)
    assert mixer.stop(PROMPT, 0.1) == (
        PromptFinished(0.1, "audio", PROMPT, Audience.LINE, 0.1, completed=False, line=LINE),
    )
    mixed = run(mixer, 0.5, at=0.9)
    assert not mixed.line.any()
    assert mixed.events == ()


def test_closing_ends_every_prompt() -> None:
    mixer = CallMixer(RATE, RATE)
    mixer.play(PROMPT, Audience.AGENT, tone(RATE, 500, 0.5), RATE, 0.0)
    mixer.play(PromptId("p2"), Audience.LINE, tone(RATE, 500, 0.5), RATE, 5.0)
    run(mixer, 0.1)
    ends = mixer.close(0.1)
    assert [(end.prompt, end.completed, end.ended_at) for end in ends if isinstance(end, PromptFinished)] == [
        ("p1", False, 0.1),
        ("p2", False, 0.1),
    ]
    assert not run(mixer, 0.5, at=0.1).ear.any()


def test_the_customer_is_ducked_by_10_db_and_comes_back_without_a_step() -> None:
    mixer = CallMixer(RATE, RATE)
    far = np.full(RATE, 10000, np.int16)
    mixer.play(PROMPT, Audience.AGENT, zeros(RATE, 0.4), RATE, 0.2)
    ear = run(mixer, 1.0, far=far).ear.astype(int)
    assert ear[1599] == ear[-1] == 10000
    assert ear[2000] == pytest.approx(10000 * 10 ** (-10 / 20), abs=1)
    assert np.abs(np.diff(ear)).max() <= 10000 / 160 + 1


def test_a_prompt_to_the_line_ducks_nobody() -> None:
    mixer = CallMixer(RATE, RATE)
    far = np.full(RATE, 10000, np.int16)
    mixer.play(PROMPT, Audience.LINE, tone(RATE, 500, 0.4), RATE, 0.2)
    assert np.array_equal(run(mixer, 1.0, far=far).ear, far)


def test_rates_of_ear_line_and_prompt_may_differ() -> None:
    mixer = CallMixer(16000, 8000)
    mixer.play(PROMPT, Audience.AGENT, tone(22050, 500, 1.0, -25.0), 22050, 0.0)
    near, far = tone(16000, 300, 0.02), tone(8000, 700, 0.02)
    parts = [mixer.mix(near, far, 0.02 * i, transmit=True) for i in range(60)]
    assert {len(part.ear) for part in parts} == {320}
    assert {len(part.line) for part in parts} == {160}
    finished = parts[50].events[-1] if parts[50].events else parts[49].events[-1]
    assert isinstance(finished, PromptFinished)
    assert finished.ended_at == pytest.approx(1.0, abs=0.001)


def test_one_prompt_is_not_played_twice_at_once() -> None:
    mixer = CallMixer(RATE, RATE)
    mixer.play(PROMPT, Audience.AGENT, tone(RATE, 500, 0.5), RATE, 0.0)
    with pytest.raises(ValueError, match="p1"):
        mixer.play(PROMPT, Audience.AGENT, tone(RATE, 500, 0.5), RATE, 0.0)


def test_full_scale_speech_under_a_prompt_saturates_and_does_not_wrap() -> None:
    mixer = CallMixer(RATE, RATE, MixerSettings(duck_db=0.0))
    mixer.play(PROMPT, Audience.AGENT, np.full(1600, 3000, np.int16), RATE, 0.0)
    assert run(mixer, 0.2, far=np.full(1600, 32767, np.int16)).ear.min() > 0

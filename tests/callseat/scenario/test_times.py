"""Silent-call times over every kind of line noise, and a short "wei?" at any point."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from callseat.scenario.run import run_scenario
from tests.support import ROOT

RECORDINGS = ROOT / "tests" / "recordings"
BLOCK_S = 0.02
VOICE = f"{RECORDINGS}/sentence_zh_2_16k.wav"
SAYS = """
[[step]]
do = "agent_says"
after = "{after}"
delay_s = 0.9
file = "{voice}"
from_s = 0.4
to_s = 3.8
"""
CALL = """
title = "a silent call"

[sound]
far = "{far}"

[[step]]
do = "ring_in"
at = 0.5
number = "13800138000"

[[step]]
do = "press_hook"
after = "call.delivered"
delay_s = 1.0
to = "off_hook"
"""
STAGES = ("cue:opening", "cue:silent.stage_2", "cue:silent.stage_3")


def silent_call(far: str) -> str:
    return CALL.format(far=far) + "".join(SAYS.format(after=stage, voice=VOICE) for stage in STAGES)


def times(path: Path, text: str) -> dict[str, list[float]]:
    path.write_text(text, encoding="utf-8")
    outcome = run_scenario(path)
    assert outcome.findings == ()
    marks: dict[str, list[float]] = {}
    for entry in outcome.timeline:
        marks.setdefault(str(entry["mark"]), []).append(float(str(entry["t"])))
    return marks


def assert_on_time(marks: dict[str, list[float]]) -> None:
    established = marks["call.established"][0]
    ends = marks["silent_call.utterance"]
    assert marks["cue:opening"] == [pytest.approx(established + 2.0, abs=BLOCK_S)]
    assert marks["cue:silent.stage_2"] == [pytest.approx(ends[0] + 5.0, abs=BLOCK_S)]
    assert marks["cue:silent.stage_3"] == [pytest.approx(ends[1] + 5.0, abs=BLOCK_S)]
    assert marks["cue:silent.may_hang_up"] == [pytest.approx(ends[2] + 2.0, abs=BLOCK_S)]
    true_ends = [spoke - 0.1 for spoke in marks["agent:spoke"]]
    assert ends == [pytest.approx(end, abs=0.12) for end in true_ends]
    assert "silent_call.conversation" not in marks


WAIT = """
[[step]]
do = "app"
after = "cue:silent.may_hang_up"
delay_s = 0.5
method = "call.hangup"
"""


@pytest.mark.parametrize("name", ["silent_line.wav", "silent_hum.wav"])
def test_cues_are_on_time_over_the_noise_of_a_line(tmp_path: Path, name: str) -> None:
    assert_on_time(times(tmp_path / "call.toml", silent_call(f"{RECORDINGS}/{name}") + WAIT))


@pytest.mark.parametrize("name", ["call_silent_line", "call_silent_office", "call_silent_hum"])
def test_cues_are_on_time_over_recorded_noise(
    tmp_path: Path, shared_data: Callable[..., Path], name: str
) -> None:
    far = shared_data("vad", "wav8", f"{name}.wav")
    assert_on_time(times(tmp_path / "call.toml", silent_call(str(far)) + WAIT))


WEI = """
[[step]]
do = "customer_says"
after = "{after}"
delay_s = {delay}
file = "{file}"
from_s = 4.0
to_s = 4.35

[[step]]
do = "far_hangs_up"
after = "customer:spoke"
delay_s = 6.0
"""
LATER = ("silent_call.utterance", "cue:silent.stage_2", "cue:silent.stage_3", "cue:silent.may_hang_up")


@pytest.mark.parametrize(
    ("after", "delay", "said"),
    [
        ("call.established", 0.5, 0),
        ("call.established", 1.9, 0),
        ("cue:opening", 0.1, 0),
        ("cue:opening", 2.0, 1),
        ("silent_call.utterance", 1.0, 1),
        ("silent_call.utterance", 4.8, 1),
        ("cue:silent.stage_2", 0.3, 1),
        ("cue:silent.stage_3", 0.3, 2),
        ("cue:silent.may_hang_up", 0.2, 3),
    ],
)
def test_a_short_wei_returns_to_conversation_from_anywhere(
    tmp_path: Path, after: str, delay: float, said: int
) -> None:
    wei = WEI.format(after=after, delay=delay, file=f"{RECORDINGS}/answer_4s.wav")
    marks = played(tmp_path / "wei.toml", silent_call(f"{RECORDINGS}/silent_line.wav") + wei)
    (heard,) = marks["silent_call.conversation"]
    assert 0 <= heard - marks["customer:speaks"][0] < 0.5
    assert len(marks.get("silent_call.utterance", [])) <= max(said, 1)
    assert [mark for mark in LATER[1:] if any(at > heard for at in marks.get(mark, []))] == []


def played(path: Path, text: str) -> dict[str, list[float]]:
    """As `times`, but the agent's later lines wait for cues that must not come any more."""
    path.write_text(text + "\n[end]\npatience_s = 45.0\n", encoding="utf-8")
    marks: dict[str, list[float]] = {}
    for entry in run_scenario(path).timeline:
        marks.setdefault(str(entry["mark"]), []).append(float(str(entry["t"])))
    return marks

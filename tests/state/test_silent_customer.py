"""The customer's first speech, at any point, ends the silent call for good; noise before it does not."""

from __future__ import annotations

import pytest

from state.effects import PlayPrompt
from state.words import Channel, SilentCallMode, SilentState
from tests.state.driver import L1, Desk, silent

WEI_S = 0.3
"""A short "wei?"."""
SCRIPT = ((1.0, 3.0), (8.5, 10.5), (16.0, 19.0))


def script_until(desk: Desk, at: float) -> str:
    """A silent call whose agent says what is due, up to `at`."""
    call = desk.talks()
    for begin, end in SCRIPT:
        if begin < at:
            desk.agent_speaks(begin, end)
    return call


@pytest.mark.parametrize("at", [round(0.5 + 0.7 * n, 2) for n in range(34)])
@pytest.mark.parametrize("mode", [SilentCallMode.ASSIST, SilentCallMode.AUTO])
def test_a_short_wei_at_any_point_returns_to_conversation(at: float, mode: SilentCallMode) -> None:
    desk = Desk(silent(mode=mode))
    call = script_until(desk, at)
    desk.customer_speaks(at, at + WEI_S)
    desk.runs_to(at + 0.1)
    given = len(desk.cues())
    assert desk.view(call).silent == SilentState.CONVERSATION
    desk.runs_to(at + 40.0)
    assert len(desk.cues()) == given
    desk.clears(call)
    assert desk.row(call).silent_outcome == "conversation"
    assert desk.row(call).first_far_s == pytest.approx(at)


@pytest.mark.parametrize("at", [2.5, 9.0, 16.0, 23.0])
def test_the_cue_on_show_is_taken_back(at: float) -> None:
    desk = Desk()
    script_until(desk, at)
    if at == 2.5:
        desk.coming.clear()
    desk.customer_speaks(at, at + WEI_S)
    desk.runs_to(at + 0.1)
    assert desk.now.cue is None


@pytest.mark.parametrize("at", [8.05, 15.55])
def test_a_prompt_that_is_heard_or_waits_is_stopped(at: float) -> None:
    desk = Desk()
    script_until(desk, at)
    desk.customer_speaks(at, at + WEI_S)
    desk.runs_to(at + 0.1)
    played = [play.prompt for _, play in desk.of(PlayPrompt)]
    assert played
    assert desk.stopped()[played[-1]] == "customer_spoke"


def test_the_conversation_is_told_once() -> None:
    desk = Desk()
    call = desk.talks()
    for begin in (1.0, 2.0, 3.0):
        desk.customer_speaks(begin, begin + 0.5)
    desk.runs_to(5.0)
    assert [data for _, data in desk.told("silent_call.conversation")] == [{"call": call}]


def test_silence_later_in_the_call_is_no_silent_call() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.0)
    desk.customer_speaks(3.0, 5.0)
    desk.agent_speaks(6.0, 8.0)
    desk.runs_to(120.0)
    assert desk.cues() == []


def test_the_customer_greeting_first_needs_no_opening_cue() -> None:
    desk = Desk()
    desk.talks()
    desk.customer_speaks(0.2, 0.6)
    desk.runs_to(10.0)
    assert desk.cues() == []


def test_silence_is_counted_up_to_the_first_speech_only() -> None:
    desk = Desk()
    call = desk.talks()
    desk.customer_speaks(4.0, 5.0)
    desk.runs_to(30.0)
    desk.clears(call)
    assert desk.row(call).cause_s == {"customer_silent": pytest.approx(4.08, abs=0.03)}
    assert desk.row(call).far_spoken_s == pytest.approx(1.0)


@pytest.mark.parametrize("noises", [((3.0, 3.1),), ((3.0, 3.2), (5.0, 5.2)), ((7.9, 8.1),)])
def test_dismissed_noise_of_the_customer_is_no_speech(noises: tuple[tuple[float, float], ...]) -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    for begin, end in noises:
        desk.suspects(Channel.FAR, begin)
        desk.dismisses(Channel.FAR, end)
    desk.runs_to(9.0)
    assert desk.cue_names() == ["silent.stage_2"]
    assert not desk.view(call).customer_spoke


def test_the_customer_speaking_when_the_deadline_comes_is_waited_out() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.customer_speaks(7.99, 9.0)
    desk.runs_to(8.06)
    assert desk.cues() == []
    desk.runs_to(20.0)
    assert desk.cues() == []
    assert desk.view(call).customer_spoke


def test_an_utterance_said_while_the_customer_speaks_changes_nothing() -> None:
    desk = Desk()
    call = desk.talks()
    desk.customer_speaks(1.0, 4.0)
    desk.agent_speaks(2.0, 4.0)
    desk.runs_to(20.0)
    assert desk.view(call).silent == SilentState.CONVERSATION
    assert desk.told("silent_call.utterance") == []
    assert desk.row(call).silent_stage == 0


def test_who_was_heard_is_in_the_picture() -> None:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(1.0)
    before = desk.view(call)
    assert (before.customer_spoke, before.silence_cause) == (False, "customer_silent")
    assert before.silence_evidence
    desk.customer_speaks(1.0, 2.0)
    desk.runs_to(1.2)
    after = desk.view(call)
    assert (after.customer_spoke, after.silence_cause, after.silence_evidence) == (True, None, "")


def test_speech_on_another_line_is_nothing_to_this_call() -> None:
    desk = Desk(lines=(L1, "l2"))
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.customer_speaks(5.0, 6.0, line="l2")
    desk.runs_to(9.0)
    assert desk.cue_names(call) == ["silent.stage_2"]

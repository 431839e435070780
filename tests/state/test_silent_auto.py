"""The silent call in auto mode: the box speaks stages 2 and 3 to the line, the agent only opens."""

from __future__ import annotations

import pytest

from state.effects import PlayPrompt
from state.events import EffectFailed, PromptFinished
from state.ids import LineId
from state.words import Audience, Direction, SilentState
from tests.state.driver import AUTO, BLOCK_S, L1, L2, Desk, near_to


def plays_until(desk: Desk, at: float, *, length_s: float = 4.0) -> None:
    """Every prompt for the line is heard as soon as it is asked for, and lasts `length_s`."""
    begun: set[str] = set()
    while desk.at < at:
        desk.runs(BLOCK_S)
        for when, play in desk.line_prompts():
            if play.prompt not in begun:
                begun.add(play.prompt)
                desk.plays(play, when + BLOCK_S, when + length_s)


@pytest.mark.parametrize("direction", Direction)
def test_the_box_speaks_at_the_deadline_and_waits_from_its_last_sample(direction: Direction) -> None:
    desk = Desk(AUTO)
    call = desk.talks() if direction is Direction.INBOUND else desk.calls_out()
    desk.agent_speaks(1.0, 3.0)
    plays_until(desk, 24.0)
    said = [(play.phrase, play.line) for _, play in desk.line_prompts()]
    assert said == [(f"silent.stage_2.{direction}", L1), (f"silent.stage_3.{direction}", L1)]
    assert near_to([at for at, _ in desk.line_prompts()], 8.0, 17.0)
    assert near_to(desk.cue_times("silent.may_hang_up"), 23.0)
    desk.clears(call)
    assert (desk.row(call).silent_stage, desk.row(call).silent_outcome) == (3, "silent_call")


def test_the_opening_is_the_agents_in_auto_mode_too() -> None:
    desk = Desk(AUTO)
    desk.talks()
    desk.runs_to(8.0)
    assert near_to(desk.cue_times("opening"), 2.0, 7.0)
    assert desk.line_prompts() == []
    assert [play.audience for _, play in desk.of(PlayPrompt)] == [Audience.AGENT, Audience.AGENT]


@pytest.mark.parametrize("length_s", [0.5, 3.0, 9.0])
def test_the_wait_follows_the_prompt_however_long_it_is(length_s: float) -> None:
    desk = Desk(AUTO)
    desk.talks()
    desk.agent_speaks(1.0, 3.0)
    plays_until(desk, 8.0 + length_s + 5.5, length_s=length_s)
    assert near_to([at for at, _ in desk.line_prompts()], 8.0, 8.0 + length_s + 5.0)


def test_a_prompt_that_cannot_be_played_is_the_agents() -> None:
    desk = Desk(AUTO)
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.runs_to(8.1)
    ((_, play),) = desk.line_prompts()
    desk.tell(EffectFailed(desk.at, "executor", "PlayPrompt", play.prompt, "gone"))
    assert desk.now.cue is not None
    assert desk.now.cue.id == "silent.stage_2"
    assert [p.audience for _, p in desk.of(PlayPrompt)] == [Audience.LINE, Audience.AGENT]
    assert desk.view(call).silent == SilentState.STAGE_2
    desk.agent_speaks(9.0, 11.0)
    desk.runs_to(12.0)
    assert desk.view(call).silent == SilentState.WAIT_2


def test_a_prompt_that_ends_before_its_end_is_the_agents() -> None:
    desk = Desk(AUTO)
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.runs_to(8.1)
    ((_, play),) = desk.line_prompts()
    desk.tell(PromptFinished(9.0, "audio", play.prompt, Audience.LINE, 9.0, completed=False, line=L1))
    assert desk.view(call).silent == SilentState.STAGE_2
    assert desk.cue_names()[-1] == "silent.stage_2"
    assert desk.row(call).silent_stage in (0, 1)


def test_an_agents_prompt_that_fails_decides_nothing() -> None:
    """What did not reach the ear is still on the display."""
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.runs_to(8.1)
    ((_, play),) = desk.of(PlayPrompt)
    before = len(desk.cues())
    desk.tell(EffectFailed(desk.at, "executor", "PlayPrompt", play.prompt, "gone"))
    assert len(desk.cues()) == before
    assert desk.view(call).silent == SilentState.STAGE_2
    assert desk.now.cue is not None


def test_a_prompt_to_the_agents_ear_is_no_utterance() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.runs_to(8.1)
    ((_, play),) = desk.of(PlayPrompt)
    desk.plays(play, 8.2, 10.0)
    desk.runs_to(11.0)
    assert desk.view(call).silent == SilentState.STAGE_2


def test_the_agent_may_speak_instead_of_the_box() -> None:
    desk = Desk(AUTO)
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.agent_speaks(8.2, 10.0)
    desk.runs_to(11.0)
    assert desk.view(call).silent == SilentState.WAIT_2


def test_the_customer_heard_during_the_prompt_stops_it() -> None:
    desk = Desk(AUTO)
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.customer_speaks(9.0, 9.3)
    desk.runs_to(12.0)
    ((_, play),) = desk.line_prompts()
    assert desk.stopped()[play.prompt] == "customer_spoke"
    assert desk.view(call).silent == SilentState.CONVERSATION


def test_a_stopped_prompt_is_no_failure_of_the_conversation() -> None:
    desk = Desk(AUTO)
    desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.customer_speaks(9.0, 9.3)
    desk.runs_to(10.0)
    ((_, play),) = desk.line_prompts()
    desk.tell(PromptFinished(10.0, "audio", play.prompt, Audience.LINE, 9.1, completed=False, line=L1))
    desk.runs_to(20.0)
    assert desk.cue_names() == ["silent.stage_2"]


def test_speech_confirmed_before_the_first_sample_revokes_the_prompt() -> None:
    desk = Desk(AUTO)
    desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.customer_speaks(7.99, 8.3)
    desk.runs_to(20.0)
    assert desk.line_prompts() == []


def test_the_call_that_ends_stops_its_prompt() -> None:
    desk = Desk(AUTO)
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.runs_to(9.0)
    desk.clears(call)
    ((_, play),) = desk.line_prompts()
    assert desk.stopped()[play.prompt] == "focus_lost"


def test_one_lines_failed_prompt_is_not_another_lines() -> None:
    desk = Desk(AUTO, lines=(L1, L2))
    one, two = desk.talks(L1), desk.talks(L2, "13900139000")
    for line in (L1, L2):
        desk.agent_speaks(1.0, 3.0, line)
    desk.runs_to(8.1)
    prompts = {play.line: play.prompt for _, play in desk.line_prompts()}
    assert set(prompts) == {L1, L2}
    desk.tell(EffectFailed(desk.at, "executor", "PlayPrompt", prompts[LineId("l1")], "gone"))
    assert len(desk.cues(one)) == 2
    assert len(desk.cues(two)) == 1

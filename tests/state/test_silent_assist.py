"""The silent call in assist mode: three cues to the agent, each wait counted from the end of speech."""

from __future__ import annotations

import pytest

from state.effects import PlayPrompt
from state.words import Audience, Channel, Direction, SilentState
from tests.state.driver import OFF, Desk, near_to, silent

UTTERANCES = ((1.0, 3.0), (8.5, 10.5), (16.0, 19.0))
"""The opening and both cued utterances, as spoken after the connection at 0."""


def connected(desk: Desk, direction: Direction = Direction.INBOUND) -> str:
    """A call that is connected at 0."""
    return desk.talks() if direction is Direction.INBOUND else desk.calls_out()


@pytest.mark.parametrize("direction", Direction)
def test_the_three_cues_come_five_five_and_two_seconds_after_the_end_of_speech(direction: Direction) -> None:
    desk = Desk()
    connected(desk, direction)
    for begin, end in UTTERANCES:
        desk.agent_speaks(begin, end)
    desk.runs_to(25.0)
    assert desk.cue_names() == ["silent.stage_2", "silent.stage_3", "silent.may_hang_up"]
    assert near_to([at for _, at in desk.cues()], 3.0 + 5.0, 10.5 + 5.0, 19.0 + 2.0)


@pytest.mark.parametrize("direction", Direction)
def test_the_words_are_those_of_the_direction(direction: Direction) -> None:
    desk = Desk()
    connected(desk, direction)
    for begin, end in UTTERANCES:
        desk.agent_speaks(begin, end)
    desk.runs_to(25.0)
    phrases = [play.phrase for _, play in desk.of(PlayPrompt)]
    assert phrases
    assert all(f".{direction}" in phrase for phrase in phrases)


def test_assist_never_speaks_to_the_line() -> None:
    desk = Desk()
    desk.talks()
    for begin, end in UTTERANCES:
        desk.agent_speaks(begin, end)
    desk.runs_to(25.0)
    assert desk.line_prompts() == []
    assert {play.audience for _, play in desk.of(PlayPrompt)} == {Audience.AGENT}


@pytest.mark.parametrize("shift", [0.0, 0.003, 0.007, 0.011, 0.019])
def test_the_times_hold_wherever_the_speech_ends_within_a_block(shift: float) -> None:
    desk = Desk()
    desk.talks()
    for begin, end in UTTERANCES:
        desk.agent_speaks(begin + shift, end + shift)
    desk.runs_to(25.0)
    assert near_to([at for _, at in desk.cues()], 8.0 + shift, 15.5 + shift, 21.0 + shift)


@pytest.mark.parametrize(("wait_1", "wait_2", "wait_3"), [(3.0, 4.0, 1.0), (7.5, 6.0, 2.5)])
def test_the_waits_are_the_centres(wait_1: float, wait_2: float, wait_3: float) -> None:
    desk = Desk(silent(wait_1_s=wait_1, wait_2_s=wait_2, wait_3_s=wait_3))
    desk.talks()
    begins = (1.0, 1.0 + 2.0 + wait_1 + 0.5, 1.0 + 4.0 + wait_1 + wait_2 + 1.0)
    for begin in begins:
        desk.agent_speaks(begin, begin + 2.0)
    desk.runs_to(begins[2] + 2.0 + wait_3 + 1.0)
    expected = [begin + 2.0 + wait for begin, wait in zip(begins, (wait_1, wait_2, wait_3), strict=True)]
    assert near_to([at for _, at in desk.cues()], *expected)


def test_the_record_says_how_far_it_came() -> None:
    desk = Desk()
    call = desk.talks()
    for begin, end in UTTERANCES:
        desk.agent_speaks(begin, end)
    desk.runs_to(22.0)
    desk.clears(call)
    row = desk.row(call)
    assert (row.silent_stage, row.silent_outcome) == (3, "silent_call")
    assert row.cues == ("silent.stage_2@8.00", "silent.stage_3@15.50", "silent.may_hang_up@21.00")
    assert row.first_near_s == 1.0
    assert row.first_far_s is None
    assert row.near_spoken_s == pytest.approx(7.0)
    assert row.cause_s == {"customer_silent": pytest.approx(22.0)}


@pytest.mark.parametrize(
    ("until", "stage", "outcome"),
    [
        (2.0, 0, "silent_incomplete"),
        (7.0, 1, "silent_incomplete"),
        (12.0, 2, "silent_incomplete"),
        (20.5, 3, "silent_incomplete"),
        (21.5, 3, "silent_call"),
    ],
)
def test_a_call_that_ends_on_the_way_says_where(until: float, stage: int, outcome: str) -> None:
    desk = Desk()
    call = desk.talks()
    for begin, end in UTTERANCES:
        desk.agent_speaks(begin, end)
    desk.runs_to(until)
    desk.clears(call)
    assert (desk.row(call).silent_stage, desk.row(call).silent_outcome) == (stage, outcome)


def test_each_utterance_is_told_with_its_end() -> None:
    desk = Desk()
    call = desk.talks()
    for begin, end in UTTERANCES:
        desk.agent_speaks(begin, end)
    desk.runs_to(25.0)
    heard = [data for _, data in desk.told("silent_call.utterance")]
    assert heard == [
        {"call": call, "stage": 1, "ended_at": 3.0},
        {"call": call, "stage": 2, "ended_at": 10.5},
        {"call": call, "stage": 3, "ended_at": 19.0},
    ]


# the opening -----------------------------------------------------------------------------------


def test_nothing_said_at_connect_is_cued_after_two_seconds() -> None:
    desk = Desk()
    desk.runs_to(1.0)
    desk.talks()
    desk.runs_to(4.0)
    assert near_to(desk.cue_times("opening"), 1.0 + 2.0)


def test_the_opening_is_cued_again_every_five_seconds_until_it_is_said() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(14.0, 16.0)
    desk.runs_to(20.0)
    assert near_to(desk.cue_times("opening"), 2.0, 7.0, 12.0)


def test_an_opening_begun_in_time_is_not_cued_however_long_it_is() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(1.9, 9.0)
    desk.runs_to(15.0)
    assert desk.cue_names() == ["silent.stage_2"]
    assert near_to(desk.cue_times("silent.stage_2"), 14.0)


@pytest.mark.parametrize("length_s", [0.2, 0.5, 0.9])
def test_a_short_noise_is_no_opening_and_the_moment_begins_again_at_its_end(length_s: float) -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(1.0, 1.0 + length_s)
    desk.runs_to(5.0)
    assert near_to(desk.cue_times("opening"), 1.0 + length_s + 2.0)


@pytest.mark.parametrize("length_s", [1.0, 1.2, 4.0])
def test_an_utterance_of_a_second_is_an_opening(length_s: float) -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 0.5 + length_s)
    desk.runs_to(0.5 + length_s + 1.0)
    assert desk.view(call).silent == SilentState.WAIT_1
    assert desk.cues() == []


# what counts as an utterance ---------------------------------------------------------------------


@pytest.mark.parametrize("pause_s", [0.35, 0.5, 0.78])
def test_pauses_up_to_the_gap_belong_to_one_utterance(pause_s: float) -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 1.0)
    desk.agent_speaks(1.0 + pause_s, 1.6 + pause_s)
    desk.runs_to(8.0)
    assert [data["stage"] for _, data in desk.told("silent_call.utterance")] == [1]
    assert near_to(desk.cue_times("silent.stage_2"), 1.6 + pause_s + 5.0)


@pytest.mark.parametrize("pause_s", [0.85, 1.0, 1.5])
def test_two_short_noises_further_apart_are_none(pause_s: float) -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.2, 0.7)
    desk.agent_speaks(0.7 + pause_s, 1.2 + pause_s)
    desk.runs_to(1.2 + pause_s + 1.5)
    assert desk.view(call).silent == SilentState.OPENING
    assert desk.told("silent_call.utterance") == []


def test_an_utterance_begun_before_its_cue_is_not_its_utterance() -> None:
    """Speech that runs over the deadline moves it; it can never stand for what was not yet asked."""
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.agent_speaks(7.0, 9.0)
    desk.runs_to(20.0)
    assert [data["stage"] for _, data in desk.told("silent_call.utterance")] == [1]
    assert near_to(desk.cue_times("silent.stage_2"), 14.0, 19.0)


def test_a_short_noise_in_a_wait_begins_the_wait_again() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.agent_speaks(6.0, 6.4)
    desk.runs_to(12.0)
    assert near_to(desk.cue_times("silent.stage_2"), 11.4)


def test_a_further_utterance_in_a_wait_begins_the_wait_again_and_is_no_further_stage() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.agent_speaks(4.0, 6.0)
    desk.runs_to(12.0)
    assert near_to(desk.cue_times("silent.stage_2"), 11.0)
    assert len(desk.told("silent_call.utterance")) == 1


# a stage never advances unspoken ---------------------------------------------------------------


@pytest.mark.parametrize("stage", [2, 3])
def test_an_unspoken_stage_is_cued_again_every_five_seconds_for_ever(stage: int) -> None:
    desk = Desk()
    call = desk.talks()
    for begin, end in UTTERANCES[: stage - 1]:
        desk.agent_speaks(begin, end)
    first = UTTERANCES[stage - 2][1] + 5.0
    desk.runs_to(first + 31.0)
    assert near_to(desk.cue_times(f"silent.stage_{stage}"), *(first + 5.0 * n for n in range(7)))
    assert desk.view(call).silent == f"stage_{stage}"
    assert desk.told("cue.given")[-1][1]["repeat"] == 6


def test_a_short_noise_is_no_stage_and_moves_the_next_cue() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.agent_speaks(9.0, 9.5)
    desk.runs_to(15.0)
    assert near_to(desk.cue_times("silent.stage_2"), 7.5, 14.5)
    assert desk.view(call).silent == SilentState.STAGE_2


def test_the_third_wait_is_waited_before_hanging_up_is_allowed() -> None:
    desk = Desk()
    call = desk.talks()
    for begin, end in UTTERANCES:
        desk.agent_speaks(begin, end)
    desk.runs_to(20.9)
    assert desk.view(call).silent == SilentState.WAIT_3
    desk.runs_to(21.1)
    assert desk.view(call).silent == SilentState.MAY_HANG_UP


def test_nothing_more_is_cued_once_hanging_up_is_allowed() -> None:
    desk = Desk()
    desk.talks()
    for begin, end in UTTERANCES:
        desk.agent_speaks(begin, end)
    desk.agent_speaks(22.0, 24.0)
    desk.runs_to(60.0)
    assert desk.cue_names() == ["silent.stage_2", "silent.stage_3", "silent.may_hang_up"]


# off -------------------------------------------------------------------------------------------


def test_off_only_records() -> None:
    desk = Desk(OFF)
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.runs_to(30.0)
    assert desk.cues() == []
    assert desk.view(call).silent == SilentState.INACTIVE
    desk.clears(call)
    row = desk.row(call)
    assert row.first_near_s == 1.0
    assert row.cause_s == {"customer_silent": pytest.approx(30.0)}
    assert row.silent_outcome == ""


def test_off_lets_every_hang_up_through() -> None:
    desk = Desk(OFF)
    desk.talks()
    desk.runs_to(1.0)
    desk.hooks(off=False)
    assert desk.told("call.hang_up_held") == []
    assert len(desk.commands()) == 2


# suspicion -------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", Channel)
def test_a_suspicion_holds_the_deadline_and_its_dismissal_releases_it(channel: Channel) -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.suspects(channel, 7.4)
    desk.dismisses(channel, 7.8)
    desk.runs_to(7.78)
    assert desk.cues() == []
    desk.runs_to(9.0)
    assert near_to(desk.cue_times("silent.stage_2"), 7.8)


def test_a_suspicion_after_the_deadline_does_not_hold_it() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.suspects(Channel.FAR, 7.51)
    desk.runs_to(7.6)
    assert near_to(desk.cue_times("silent.stage_2"), 7.5)


def test_a_suspicion_that_was_speech_cues_nothing() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.customer_speaks(7.45, 8.0)
    desk.runs_to(30.0)
    assert desk.cues() == []
    assert desk.view(call).silent == SilentState.CONVERSATION

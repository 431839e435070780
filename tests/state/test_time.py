"""Late audio, stalled loops, clock jumps: the customer never hears a burst, civil time decides nothing."""

from __future__ import annotations

import pytest

from state.effects import PlayPrompt
from state.events import AudioAnalysedUntil, CivilTimeKnown
from state.words import Channel, SilentCallMode
from tests.state.driver import AUTO, L1, L2, Desk, near_to, silent


def late_watermarks(desk: Desk, at: float) -> None:
    """Both channels tell at `at` that everything up to it was analysed."""
    for channel in Channel:
        desk.tell(AudioAnalysedUntil(at, "audio", L1, channel, at))


@pytest.mark.parametrize("channel", Channel)
def test_a_deadline_waits_for_both_watermarks(channel: Channel) -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(7.4)
    desk.deaf.add((L1, channel))
    desk.runs_to(7.9)
    assert desk.cues() == []
    desk.deaf.clear()
    desk.runs_to(8.0)
    assert near_to(desk.cue_times("silent.stage_2"), 7.9)


def test_a_watermark_just_before_the_deadline_is_not_enough() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(7.4)
    desk.listening.clear()
    for channel in Channel:
        desk.tell(AudioAnalysedUntil(7.6, "audio", L1, channel, 7.49))
    assert desk.cues() == []
    for channel in Channel:
        desk.tell(AudioAnalysedUntil(7.7, "audio", L1, channel, 7.5))
    assert desk.cue_names() == ["silent.stage_2"]


def test_speech_told_late_but_begun_before_the_deadline_is_in_time() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(7.4)
    desk.listening.clear()
    desk.customer_speaks(7.45, 8.2)
    desk.runs_to(8.0)
    late_watermarks(desk, 8.0)
    assert desk.cues() == []


def test_the_core_does_not_ask_to_be_woken_for_what_waits_for_audio() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(7.4)
    desk.listening.clear()
    due = desk.core.next_deadline()
    assert due is None or due > 7.5


# stalls ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [SilentCallMode.ASSIST, SilentCallMode.AUTO])
@pytest.mark.parametrize("stall_s", [5.0, 30.0, 600.0])
def test_after_a_stall_the_wait_goes_on_with_what_was_left_and_comes_once(
    mode: SilentCallMode, stall_s: float
) -> None:
    """Nobody vouches for the time between: it counts as unknown, not as the customer's silence."""
    desk = Desk(silent(mode=mode))
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(7.0)
    wakes = 7.0 + stall_s
    desk.sleeps_to(wakes)
    late_watermarks(desk, wakes)
    assert desk.cue_times("silent.stage_2") == []
    desk.runs_to(wakes + 4.0)
    assert near_to(desk.cue_times("silent.stage_2"), wakes + 0.5)


@pytest.mark.parametrize("held_s", [1.5, 4.0])
def test_a_deadline_held_too_long_is_armed_again_and_not_spoken_late(held_s: float) -> None:
    desk = Desk(AUTO)
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.suspects(Channel.FAR, 7.4)
    desk.dismisses(Channel.FAR, 7.5 + held_s)
    desk.runs_to(7.5 + held_s + 4.9)
    assert desk.line_prompts() == []
    desk.runs_to(7.5 + held_s + 5.1)
    assert near_to([at for at, _ in desk.line_prompts()], 7.5 + held_s + 5.0)


def test_a_deadline_a_little_late_is_still_kept() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(7.4)
    desk.at = 8.2
    late_watermarks(desk, 8.2)
    assert desk.cue_times("silent.stage_2") == [8.2]


def test_a_stall_over_several_repeats_gives_one_cue() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(8.0)
    desk.sleeps_to(60.0)
    late_watermarks(desk, 60.0)
    desk.runs_to(66.0)
    assert near_to(desk.cue_times("silent.stage_2"), 7.5, 64.5)


def test_a_stall_of_the_loop_is_no_fault_of_the_audio_once_it_is_back() -> None:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(1.0)
    desk.sleeps_to(10.0)
    assert desk.view(call).silence_cause == "unknown"
    desk.runs_to(10.1)
    assert desk.view(call).silence_cause == "customer_silent"
    desk.runs_to(12.0)
    assert desk.cue_times("cause.unknown") == []


def test_after_call_work_that_is_late_ends_late_but_ends() -> None:
    desk = Desk()
    call = desk.talks()
    desk.clears(call)
    desk.sleeps_to(500.0)
    assert desk.now.agent.state == "ready"


def test_two_stalled_calls_speak_one_at_a_time() -> None:
    desk = Desk(AUTO, lines=(L1, L2))
    for line in (L1, L2):
        desk.talks(line)
        desk.agent_speaks(0.5, 2.5, line)
    desk.runs_to(7.0)
    effects = desk.sleeps_to(100.0)
    assert [effect for effect in effects if isinstance(effect, PlayPrompt)] == []


def test_time_that_runs_backwards_is_not_believed() -> None:
    desk = Desk()
    desk.talks()
    desk.runs_to(5.0)
    at = desk.now.at
    desk.core.advance(1.0)
    desk.core.handle(AudioAnalysedUntil(2.0, "audio", L1, Channel.FAR, 2.0))
    assert desk.now.at >= at


# the civil clock -------------------------------------------------------------------------------


@pytest.mark.parametrize("jump_s", [-86_400.0, -3.0, 3.0, 3_600.0, 1e8])
@pytest.mark.parametrize("at", [1.0, 4.0, 7.49])
def test_a_jump_of_the_clock_moves_no_deadline(jump_s: float, at: float) -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(1.2, 2.5)
    desk.runs_to(at)
    desk.tell(CivilTimeKnown(at, "clock", 1_790_000_000.0 + at + jump_s, 28800, synced=True))
    desk.runs_to(9.0)
    assert near_to(desk.cue_times("silent.stage_2"), 7.5)
    desk.clears(call)
    row = desk.row(call)
    assert row.cause_s == {"customer_silent": pytest.approx(9.0)}
    assert row.cleared is not None
    assert row.cleared.wall_s == pytest.approx(1_790_000_009.0 + jump_s)


def test_an_unsynced_clock_stays_unsynced_in_the_record() -> None:
    desk = Desk()
    desk.tell(CivilTimeKnown(0.0, "clock", 100.0, 0, synced=False))
    call = desk.rings()
    delivered = desk.row(call).delivered
    assert delivered is not None
    assert (delivered.wall_s, delivered.synced) == (100.0, False)


def test_the_greeting_follows_the_clock_where_it_is_vouched_for() -> None:
    def opening(wall: float, *, synced: bool) -> str:
        desk = Desk()
        desk.tell(CivilTimeKnown(0.0, "clock", wall, 28800, synced))
        desk.talks()
        desk.runs_to(2.5)
        return str(desk.told("cue.given")[0][1]["say"])

    morning = 1_790_042_400.0 // 86_400 * 86_400 + 2 * 3600.0
    assert opening(morning, synced=True).startswith("上午好")
    assert opening(morning, synced=False).startswith("您好")


def test_nothing_is_armed_for_a_seat_at_rest() -> None:
    desk = Desk()
    assert desk.core.next_deadline() is None
    call = desk.talks()
    desk.clears(call)
    desk.runs(60.0)
    assert desk.core.next_deadline() is None

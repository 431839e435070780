"""Why nobody hears the customer: each cause is told with evidence, freezes the clock, and frees it again."""

from __future__ import annotations

import pytest

from state.ids import CallId
from state.silence import REMEDY
from state.words import Channel, SignalCondition, SilentState
from tests.state.driver import BLOCK_S, L1, Desk, near_to

NEAR, FAR = Channel.NEAR, Channel.FAR
ZERO, FROZEN, QUIET, TONE = (
    SignalCondition.DIGITAL_ZERO,
    SignalCondition.FROZEN,
    SignalCondition.TOO_QUIET,
    SignalCondition.TONE,
)


def begin(desk: Desk, cause: str) -> None:
    """A cause sets in."""
    match cause:
        case "agent_muted":
            desk.mutes()
        case "headset_unplugged":
            desk.unplugs()
        case "agent_mic_dead":
            desk.carries(Channel.NEAR, ZERO)
        case "agent_mic_too_quiet":
            desk.carries(Channel.NEAR, QUIET)
        case "line_audio_dead":
            desk.carries(Channel.FAR, FROZEN)
        case "music_or_tone":
            desk.carries(Channel.FAR, TONE)
        case "unknown":
            desk.deaf |= {(L1, Channel.NEAR), (L1, Channel.FAR)}


def end(desk: Desk, cause: str) -> None:
    """The cause is mended."""
    match cause:
        case "agent_muted":
            desk.mutes(muted=False)
        case "headset_unplugged":
            desk.plugs_in()
        case "agent_mic_dead" | "agent_mic_too_quiet":
            desk.carries(Channel.NEAR, SignalCondition.OK)
        case "line_audio_dead" | "music_or_tone":
            desk.carries(Channel.FAR, SignalCondition.OK)
        case "unknown":
            desk.deaf.clear()


CAUSES = tuple(cause.value for cause in REMEDY)


@pytest.mark.parametrize("cause", CAUSES)
def test_the_cause_is_told_at_once_with_its_remedy(cause: str) -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(4.0)
    begin(desk, cause)
    assert desk.cues(call) == [(f"cause.{cause}", 4.0)]
    view = desk.view(call)
    assert view.silence_cause == cause
    assert view.silence_evidence
    (_, told) = desk.told("silence.cause")[-1]
    assert (told["cause"], told["call"]) == (cause, call)
    assert told["evidence"]


@pytest.mark.parametrize("cause", CAUSES)
def test_the_clock_is_frozen_and_goes_on_with_what_was_left(cause: str) -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(4.0)
    begin(desk, cause)
    desk.runs_to(20.0)
    assert desk.cue_times("silent.stage_2") == []
    end(desk, cause)
    desk.runs_to(30.0)
    left = 2.5 + 5.0 - 4.0
    assert near_to(desk.cue_times("silent.stage_2")[:1], 20.0 + left)


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("stage", [1, 2])
def test_nothing_of_a_fault_is_charged_to_the_customer(cause: str, stage: int) -> None:
    desk = Desk()
    call = desk.talks()
    if stage == 1:
        desk.agent_speaks(0.5, 2.5)
    desk.runs_to(4.0)
    begin(desk, cause)
    desk.runs_to(34.0)
    desk.clears(call)
    row = desk.row(call)
    assert row.cause_s[cause] == pytest.approx(30.0)
    assert row.cause_s["customer_silent"] == pytest.approx(4.0)
    on_line = cause in {"line_audio_dead", "music_or_tone"}
    assert row.silent_outcome == ("line_fault" if on_line else "desk_fault")


@pytest.mark.parametrize("cause", CAUSES)
def test_the_remedy_leaves_with_its_cause(cause: str) -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(4.0)
    begin(desk, cause)
    assert desk.now.cue is not None
    desk.runs_to(4.5)
    end(desk, cause)
    assert desk.now.cue is None
    assert desk.view(call).silence_cause == "customer_silent"


@pytest.mark.parametrize("cause", [c for c in CAUSES if c != "headset_unplugged"])
def test_two_causes_one_after_the_other_keep_the_rest(cause: str) -> None:
    """The second cause begins while the first one lasts: the clock stays frozen until both are over."""
    desk = Desk()
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(4.0)
    begin(desk, cause)
    desk.runs_to(6.0)
    desk.unplugs()
    desk.runs_to(8.0)
    end(desk, cause)
    desk.runs_to(10.0)
    assert desk.cue_times("silent.stage_2") == []
    desk.plugs_in()
    desk.runs_to(20.0)
    assert near_to(desk.cue_times("silent.stage_2")[:1], 13.5)


@pytest.mark.parametrize("state", ["opening", "stage_2", "stage_3", "wait_3"])
def test_every_stage_freezes(state: str) -> None:
    spoken = {"opening": 0, "stage_2": 1, "stage_3": 2, "wait_3": 3}[state]
    at = {"opening": 1.0, "stage_2": 9.0, "stage_3": 16.0, "wait_3": 19.5}[state]
    desk = Desk()
    call = desk.talks()
    for first, last in ((1.0, 3.0), (8.5, 10.5), (15.6, 18.5))[:spoken]:
        desk.agent_speaks(first, last)
    desk.runs_to(at)
    assert desk.view(call).silent == state
    given = len(desk.cues())
    begin(desk, "music_or_tone")
    desk.runs_to(at + 30.0)
    assert desk.view(call).silent == state
    assert len(desk.cues()) == given + 1


# unknown ---------------------------------------------------------------------------------------


def test_unknown_for_five_seconds_asks_to_check_by_speaking() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(4.0)
    begin(desk, "unknown")
    desk.runs_to(5.1)
    assert desk.view(call).silence_cause == "unknown"
    assert desk.cues() == []
    desk.runs_to(12.0)
    assert near_to(desk.cue_times("cause.unknown"), 10.0)


def test_a_short_stall_cues_nothing() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(4.0)
    begin(desk, "unknown")
    desk.runs_to(7.0)
    end(desk, "unknown")
    desk.runs_to(7.2)
    assert desk.view(call).silence_cause == "customer_silent"
    assert desk.cues() == []


def test_music_in_a_conversation_is_told_now_and_again_not_at_every_note() -> None:
    desk = Desk()
    call = desk.talks()
    desk.customer_speaks(0.5, 1.5)
    for note in range(70):
        desk.runs_to(4.0 + note)
        begin(desk, "music_or_tone")
        desk.runs(0.3)
        end(desk, "music_or_tone")
    assert desk.cues(call) == [("cause.music_or_tone", at) for at in (4.0, 34.0, 64.0)]


def test_a_tone_before_the_customer_spoke_is_told_every_time() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    for at in (4.0, 5.0, 6.0):
        desk.runs_to(at)
        begin(desk, "music_or_tone")
        desk.runs(0.3)
        end(desk, "music_or_tone")
    assert desk.cues(call) == [("cause.music_or_tone", at) for at in (4.0, 5.0, 6.0)]


def test_the_time_unknown_is_nobodys() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(4.0)
    begin(desk, "unknown")
    desk.runs_to(14.0)
    desk.clears(call)
    row = desk.row(call)
    assert row.cause_s["unknown"] == pytest.approx(10.0, abs=2 * BLOCK_S), "from the last analysed block on"
    assert row.silent_outcome == "desk_fault"


@pytest.mark.parametrize("channel", Channel)
def test_one_channel_that_stands_still_is_enough(channel: Channel) -> None:
    """The other channel's watermarks neither mend it nor flood anybody."""
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(4.0)
    desk.deaf.add((L1, channel))
    desk.runs_to(12.0)
    assert desk.view(call).silence_cause == "unknown"
    assert len(desk.told("silence.cause")) == 2
    assert near_to(desk.cue_times("cause.unknown"), 10.0)
    desk.deaf.clear()
    desk.runs_to(12.1)
    assert desk.view(call).silence_cause == "customer_silent"


# muted -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["key", "report", "locked"])
def test_muted_at_connect_is_told_at_once_with_where(how: str) -> None:
    desk = Desk()
    desk.runs_to(1.0)
    if how == "key":
        desk.mutes()
    else:
        desk.reports_mute(muted=True, locked=how == "locked")
    desk.runs_to(3.0)
    call = desk.talks()
    assert desk.cues(call) == [("cause.agent_muted", 3.0)]
    view = desk.view(call)
    assert view.silence_cause == "agent_muted"
    assert "headset" in view.silence_evidence
    assert ("boom" in view.silence_evidence) == (how == "locked")


def test_muted_at_connect_is_told_even_when_nobody_listens() -> None:
    """The flag of the device alone is enough."""
    desk = Desk()
    desk.mutes()
    desk.runs_to(3.0)
    call = desk.rings()
    desk.hooks(off=True)
    desk.connects(call)
    desk.stops_listening()
    assert desk.cue_times("cause.agent_muted") == [3.0]


def test_a_whole_muted_call_charges_nothing_to_the_customer() -> None:
    desk = Desk()
    desk.mutes()
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.runs_to(20.0)
    desk.clears(call)
    row = desk.row(call)
    assert row.cause_s.get("customer_silent", 0.0) == 0.0
    assert row.cause_s["agent_muted"] == pytest.approx(20.0)
    assert row.silent_stage == 0


def test_speaking_while_muted_is_told_at_once() -> None:
    desk = Desk()
    desk.mutes()
    desk.talks()
    desk.agent_speaks(2.0, 4.0)
    desk.runs_to(3.0)
    (at,) = desk.cue_times("cause.speaking_while_muted")
    assert at <= 2.0 + 0.1


def test_speaking_while_muted_is_told_again_only_after_a_while() -> None:
    desk = Desk()
    desk.mutes()
    desk.talks()
    for n in range(10):
        desk.agent_speaks(2.0 + n, 2.5 + n)
    desk.runs_to(13.0)
    times = desk.cue_times("cause.speaking_while_muted")
    assert len(times) == 2
    assert times[1] - times[0] >= 5.0


def test_what_was_said_while_muted_is_no_utterance() -> None:
    desk = Desk()
    call = desk.talks()
    desk.mutes()
    desk.agent_speaks(1.0, 3.0)
    desk.runs_to(5.0)
    assert desk.view(call).silent == SilentState.OPENING
    desk.mutes(muted=False)
    desk.agent_speaks(5.5, 7.5)
    desk.runs_to(9.0)
    assert desk.view(call).silent == SilentState.WAIT_1


def test_muting_within_a_conversation_is_the_agents_own_affair() -> None:
    desk = Desk()
    desk.talks()
    desk.customer_speaks(1.0, 2.0)
    desk.runs_to(5.0)
    desk.mutes()
    desk.runs_to(30.0)
    assert desk.cues() == []


def test_but_talking_muted_within_a_conversation_is_told() -> None:
    desk = Desk()
    desk.talks()
    desk.customer_speaks(1.0, 2.0)
    desk.runs_to(5.0)
    desk.mutes()
    desk.agent_speaks(8.0, 9.0)
    desk.runs_to(10.0)
    assert desk.cue_names() == ["cause.speaking_while_muted"]


# the headset -----------------------------------------------------------------------------------


def test_a_headset_gone_and_back_in_mid_call() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(5.0)
    desk.unplugs()
    assert desk.view(call).silence_cause == "headset_unplugged"
    assert desk.now.devices == ()
    desk.runs_to(9.0)
    desk.plugs_in()
    assert desk.view(call).silence_cause == "customer_silent"
    assert desk.lamps().off_hook
    desk.runs_to(12.0)
    assert near_to(desk.cue_times("silent.stage_2"), 11.5)


def test_a_call_that_comes_without_a_headset_says_so() -> None:
    desk = Desk()
    desk.unplugs()
    desk.runs_to(2.0)
    call = desk.rings()
    desk.connects(call)
    assert desk.cues(call) == [("cause.headset_unplugged", 2.0)]


def test_a_seat_that_never_had_a_headset_does_not_miss_one() -> None:
    desk = Desk(headset=False)
    call = desk.rings()
    desk.connects(call)
    desk.runs_to(1.0)
    assert desk.view(call).silence_cause == "customer_silent"


def test_one_of_two_headsets_gone_is_no_fault() -> None:
    desk = Desk()
    desk.plugs_in("hs2")
    call = desk.talks()
    desk.runs_to(1.0)
    desk.unplugs("hs2")
    assert desk.view(call).silence_cause == "customer_silent"


# the evidence, and what is charged ---------------------------------------------------------------


def test_the_same_cause_known_by_something_else_is_told_and_not_cued_again() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(4.0)
    desk.carries(Channel.FAR, SignalCondition.RINGBACK)
    desk.runs_to(6.0)
    desk.carries(Channel.FAR, SignalCondition.MUSIC)
    assert desk.cues(call) == [("cause.music_or_tone", 4.0)]
    view = desk.view(call)
    assert view.silence_evidence.startswith("line carries music")
    assert view.silence_since == 4.0, "it is no customer since the ring-back tone"
    assert [data["cause"] for _, data in desk.told("silence.cause")][1:] == ["music_or_tone"] * 2


def charged(desk: Desk, call: CallId) -> float:
    """What the newest row charges to the customer."""
    return desk.row(call).cause_s.get("customer_silent", 0.0)


def test_time_nobody_listened_is_not_charged_to_the_customer() -> None:
    """The analysis dies in mid-call: what was not heard is nobody's silence."""
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(4.0)
    desk.stops_listening()
    desk.runs_to(30.0)
    desk.clears(call)
    assert charged(desk, call) == pytest.approx(4.0, abs=0.1)

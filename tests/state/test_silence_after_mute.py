"""Zeros of a mute that is over are no dead microphone, unless they go on."""

from __future__ import annotations

from state.events import CallSeen, LineInService, LineOutOfService, SignalChanged
from state.ids import CallId
from state.silence import UNMUTED_S
from state.words import CallState, Channel, Direction, SignalCondition
from tests.state.driver import ABILITIES, L1, NUMBER, Desk


def muted_with_zeros() -> tuple[Desk, str]:
    """A call whose agent is muted at a headset that then delivers zeros; live again at 6 s."""
    desk = Desk()
    call = desk.talks()
    mute_and_unmute_with_zeros(desk)
    return desk, call


def mute_and_unmute_with_zeros(desk: Desk) -> None:
    """From 3 s to 6 s; nobody has said yet that the zeros are over."""
    desk.runs_to(3.0)
    desk.mutes()
    desk.runs_to(4.0)
    zeros = SignalCondition.DIGITAL_ZERO
    desk.tell(SignalChanged(4.0, "audio", L1, Channel.NEAR, zeros, 3.02, "digital zeros"))
    desk.runs_to(6.0)
    desk.mutes(muted=False)


def dead_cues(desk: Desk, call: str) -> list[float]:
    return [at for cue, at in desk.cues(call) if cue == "cause.agent_mic_dead"]


def test_zeros_that_end_soon_after_the_mute_are_the_mute() -> None:
    desk, call = muted_with_zeros()
    desk.runs_to(6.1)
    desk.tell(SignalChanged(6.1, "audio", L1, Channel.NEAR, SignalCondition.OK, 6.02, ""))
    desk.runs_to(9.0)
    assert dead_cues(desk, call) == []


def test_zeros_that_go_on_are_a_dead_microphone() -> None:
    desk, call = muted_with_zeros()
    desk.runs_to(9.0)
    assert dead_cues(desk, call) == [6.0 + UNMUTED_S]


def test_muting_again_is_a_mute_again() -> None:
    desk, call = muted_with_zeros()
    desk.runs_to(6.2)
    desk.mutes()
    desk.runs_to(9.0)
    assert dead_cues(desk, call) == []
    assert desk.view(call).silence_cause == "agent_muted"


def test_a_call_that_got_another_name_and_ended_is_not_weighed_again() -> None:
    desk = Desk()
    desk.talks()
    call = CallId("l1-9")
    desk.tell(LineOutOfService(desk.at, L1, L1, "gone"))
    seen = CallSeen(call, CallState.CONNECTED, Direction.INBOUND, NUMBER)
    desk.tell(LineInService(desk.at, L1, L1, ABILITIES, (seen,)))
    mute_and_unmute_with_zeros(desk)
    desk.clears(call)
    desk.runs_to(9.0)
    assert dead_cues(desk, call) == []

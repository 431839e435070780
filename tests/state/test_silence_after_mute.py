"""Zeros of a mute that is over are no dead microphone, unless they go on."""

from __future__ import annotations

from state.events import SignalChanged
from state.silence import UNMUTED_S
from state.words import Channel, SignalCondition
from tests.state.driver import L1, Desk


def muted_with_zeros() -> tuple[Desk, str]:
    """A call whose agent is muted at a headset that then delivers zeros; live again at 6 s."""
    desk = Desk()
    call = desk.talks()
    desk.runs_to(3.0)
    desk.mutes()
    desk.runs_to(4.0)
    desk.tell(
        SignalChanged(4.0, "audio", L1, Channel.NEAR, SignalCondition.DIGITAL_ZERO, 3.02, "digital zeros")
    )
    desk.runs_to(6.0)
    desk.mutes(muted=False)
    return desk, call


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

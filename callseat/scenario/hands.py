"""What people do at the simulated devices: the far party at a phone, the agent's hands at a headset.

May not wait or know the time; a key the headset does not have is its ProtocolError.
"""

from __future__ import annotations

from typing import assert_never

from callseat.scenario.model import (
    FarAct,
    FarAnswers,
    FarBusy,
    FarHangsUp,
    HandAct,
    MoveBoom,
    Press,
    PressHook,
    PressMute,
    RingIn,
)
from callseat.simulated import SimulatedSeat
from devices.simulated.headset import SimulatedHeadset
from devices.simulated.phone import SimulatedPhone
from state.ids import LineId


def call(seat: SimulatedSeat, act: FarAct) -> None:
    """The far party of a line does something."""
    phone = seat.phones[act.line]
    match act:
        case RingIn(number=number, name=name):
            phone.act(lambda model, at: model.ring_in(number, at, name))
        case FarAnswers():
            phone.act(SimulatedPhone.far_answer)
        case FarBusy():
            phone.act(SimulatedPhone.far_busy)
        case FarHangsUp(index=index):
            phone.act(lambda model, at: model.far_hang_up(at, index))
        case _:
            assert_never(act)


def mute_phone(seat: SimulatedSeat, line: LineId, *, muted: bool) -> None:
    """Somebody presses mute at the phone, which says nothing of it by itself."""
    seat.phones[line].model.muted = muted


def touch(seat: SimulatedSeat, act: HandAct) -> None:
    """The agent does something at the headset."""
    headset = seat.headsets[act.headset]
    match act:
        case PressHook(to=to):
            if to == "press" or headset.model.off_hook != (to == "off_hook"):
                headset.act(SimulatedHeadset.press_hook)
        case PressMute():
            headset.act(SimulatedHeadset.press_mute)
        case MoveBoom(up=up):
            headset.act(lambda model, at: model.set_boom(up, at))
        case Press(button=button, long=long):
            headset.act(lambda model, at: model.press(button, at, long))
        case _:
            assert_never(act)

"""One call up and one on hold: swapped, joined, passed on; proven by the list afterwards."""

from __future__ import annotations

import pytest

from devices.at.profiles import GSM
from devices.simulated.phone import SimulatedPhone
from state.commands import Answer, CompleteTransfer, HangUp, Join, Swap
from state.events import EffectFailed, LineInService
from state.ids import CallId
from state.words import CallState
from tests.devices.at.rig import Rig, names, told

CHLD_ALL = "0,1,1x,2,2x,3,4"
FIRST, SECOND = CallId("desk-1"), CallId("desk-2")
DONE = ("CommandCompleted", "desk-1")


@pytest.fixture(params=[None, 3, 5], ids=["glued", "split at 3", "split at 5"])
def rig(request: pytest.FixtureRequest) -> Rig:
    return Rig(SimulatedPhone(split_seed=request.param)).start(run_s=5.0)


def two_calls(rig: Rig) -> Rig:
    """The first caller on hold, the second one up."""
    rig.ring("0301", run_s=3.0)
    rig.do(Answer(FIRST), run_s=3.0)
    rig.ring("0302", run_s=3.0)
    rig.do(Answer(SECOND), run_s=3.0)
    assert [call.state for call in rig.calls()] == [CallState.HELD, CallState.CONNECTED]
    return rig


def test_swapped_and_swapped_back(rig: Rig) -> None:
    two_calls(rig)
    assert told(rig.do(Swap(), run_s=3.0)) == [
        ("CallHeld", "desk-2"),
        ("CallRetrieved", "desk-1"),
        ("CommandCompleted", "desk-2"),
    ]
    assert told(rig.do(Swap(SECOND), run_s=3.0)) == [
        ("CallHeld", "desk-1"),
        ("CallRetrieved", "desk-2"),
        ("CommandCompleted", "desk-2"),
    ]


def test_joined_then_one_hung_up(rig: Rig) -> None:
    two_calls(rig)
    assert told(rig.do(Join(FIRST), run_s=3.0)) == [("CallRetrieved", "desk-1"), DONE]
    assert [call.in_conference for call in rig.phone.calls] == [True, True]
    assert told(rig.do(HangUp(FIRST), run_s=3.0)) == [
        ("CallCleared", "desk-1", "normal_clearing", "local"),
        DONE,
    ]
    assert [call.number for call in rig.phone.calls] == ["0302"]


def test_transferred_after_asking_back(rig: Rig) -> None:
    two_calls(rig)
    assert told(rig.do(CompleteTransfer(), run_s=3.0)) == [
        ("CallCleared", "desk-1", "transfer", "local"),
        ("CallCleared", "desk-2", "transfer", "local"),
        ("CommandCompleted", "desk-2"),
    ]
    assert not rig.phone.calls


@pytest.mark.parametrize("operations", ["", CHLD_ALL])
def test_a_phone_that_names_nothing_or_all_offers_all(operations: str) -> None:
    rig = Rig(SimulatedPhone(operations=operations)).start()
    assert isinstance(rig.events[0], LineInService)
    assert rig.events[0].capabilities == GSM.capabilities
    assert names(two_calls(rig).do(CompleteTransfer(), run_s=3.0))[-1] == "CommandCompleted"


def test_what_a_phone_does_not_name_is_not_offered_and_not_written() -> None:
    rig = Rig(SimulatedPhone(operations="0,1,2,3")).start()
    assert isinstance(rig.events[0], LineInService)
    assert GSM.capabilities - rig.events[0].capabilities == {"complete_transfer"}
    two_calls(rig)
    written = len(rig.written)
    (refused,) = rig.do(CompleteTransfer(), run_s=0.0)
    assert isinstance(refused, EffectFailed)
    assert refused.reason == "not_supported"
    assert len(rig.written) == written


def test_a_swap_the_phone_refuses_ends_nothing() -> None:
    rig = two_calls(Rig().start())
    rig.phone.refuse("AT+CHLD=4")
    (failed,) = rig.do(CompleteTransfer(), run_s=3.0)
    assert isinstance(failed, EffectFailed)
    assert (failed.reason, failed.detail) == ("device_error", "+CME ERROR: 4")
    assert told(rig.far(lambda at: rig.phone.far_hang_up(at, 1), run_s=3.0)) == [
        ("CallCleared", "desk-1", "normal_clearing", "remote")
    ]

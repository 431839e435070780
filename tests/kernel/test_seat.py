"""Calls at a headset the kernel knows: answered, muted, pulled out, taken over, and nothing is lost."""

from __future__ import annotations

import pytest

from devices.simulated.headset_models import HEADSETS
from tests.kernel.box import PLUGGED_S, SeatSocket, pause
from tests.kernel.kit.headset_side import Fault
from tests.kernel.kit.headsets import VirtualHeadset, VirtualUsbHeadset
from tests.kernel.kit.waiting import await_until

KITS = ("jabra_evolve_link", "blackwire_3220", "sennheiser_sc660")


def ring(seat: SeatSocket, number: str = "13800138000") -> None:
    since = len(seat.told)
    seat.call("simulated.act", act="ring", number=number)
    seat.await_told("call.delivered", since=since)


def lamps(headset: VirtualHeadset | VirtualUsbHeadset) -> dict[str, bool]:
    shown: dict[str, bool] = headset.state["lamps"]
    return shown


def await_lamp(headset: VirtualHeadset | VirtualUsbHeadset, name: str, *, lit: bool) -> None:
    await_until(lambda: lamps(headset)[name] is lit, what=f"lamp {name} to be {lit}")


def talk(seat: SeatSocket, headset: VirtualHeadset | VirtualUsbHeadset) -> None:
    """A call that rings and is answered at the headset."""
    ring(seat)
    await_lamp(headset, "ring", lit=True)
    headset.press_hook()
    seat.await_told("call.established")
    await_lamp(headset, "off_hook", lit=True)


@pytest.mark.parametrize("name", KITS)
def test_a_call_is_answered_muted_and_ended_at_the_headset(seat: SeatSocket, name: str) -> None:
    with VirtualUsbHeadset(HEADSETS[name]) as headset:
        headset.plug()
        seat.await_told("device.added")
        talk(seat, headset)
        headset.press_mute()
        seat.await_told("device.mute", muted=True)
        await_lamp(headset, "mute", lit=True)
        seat.call("device.set_mute", value=False)
        await_lamp(headset, "mute", lit=False)
        pause()
        since = len(seat.told)
        headset.press_hook()
        seat.await_told("call.hang_up_held", since=since)  # the silent-call script: too early, asked again
        await_until(lambda: headset.state["off_hook"], what="the headset to be off-hook again")
        pause()
        headset.press_hook()
        seat.await_told("call.cleared")
        await_lamp(headset, "off_hook", lit=False)


@pytest.mark.parametrize("kind", [VirtualHeadset, VirtualUsbHeadset])
def test_a_headset_pulled_out_mid_call_loses_nothing(
    seat: SeatSocket, kind: type[VirtualHeadset | VirtualUsbHeadset]
) -> None:
    with kind() as headset:
        headset.plug()
        seat.await_told("device.added")
        talk(seat, headset)
        headset.press_mute()
        seat.await_told("device.mute", muted=True)
        headset.unplug()
        since = len(seat.told)
        removed = seat.await_told("device.removed")
        headset.plug()
        seat.await_told("device.added", since=since, device=removed.params["device"])
        await_lamp(headset, "off_hook", lit=True)
        await_lamp(headset, "mute", lit=True)
        assert [call["state"] for call in seat.snapshot()["calls"].values()] == ["connected"]
        assert seat.snapshot()["mute"]["value"] == "muted"
        seat.call("simulated.act", act="hangup")
        seat.await_told("call.cleared")
        await_lamp(headset, "mute", lit=False)


def test_the_call_goes_on_at_a_second_headset(seat: SeatSocket) -> None:
    with (
        VirtualUsbHeadset(HEADSETS["jabra_evolve_link"], "LAB0001") as first,
        VirtualUsbHeadset(HEADSETS["blackwire_3220"], "LAB0002") as second,
    ):
        for headset in (first, second):
            since = len(seat.told)
            headset.plug()
            seat.await_told("device.added", since=since)
        pause(PLUGGED_S)
        ring(seat)
        for headset in (first, second):
            await_lamp(headset, "ring", lit=True)
        first.press_hook()
        seat.await_told("call.established")
        await_lamp(first, "off_hook", lit=True)
        await_lamp(second, "ring", lit=False)
        assert not lamps(second)["off_hook"]
        second.press_hook()
        seat.await_told("device.took_over")
        await_lamp(second, "off_hook", lit=True)
        await_lamp(first, "off_hook", lit=False)
        second.unplug()
        await_lamp(first, "off_hook", lit=True)
        assert [call["state"] for call in seat.snapshot()["calls"].values()] == ["connected"]


@pytest.mark.parametrize("fault", [Fault.SHORT, Fault.STALL])
def test_a_report_that_is_not_taken_is_told_and_survived(seat: SeatSocket, fault: Fault) -> None:
    with VirtualUsbHeadset() as headset:
        headset.plug()
        seat.await_told("device.added")
        headset.fault(fault)
        ring(seat)
        seat.await_told("effect.failed", effect="SendToDevice")
        headset.fault(Fault.NONE)
        headset.press_hook()
        seat.await_told("call.established")
        await_lamp(headset, "off_hook", lit=True)


def test_a_headset_whose_firmware_hangs_does_not_hang_the_seat(seat: SeatSocket) -> None:
    with VirtualUsbHeadset() as headset:
        headset.plug()
        seat.await_told("device.added")
        headset.fault(Fault.HANG)
        ring(seat)
        assert seat.snapshot()["calls"]  # answered at once, while the write waits in the kernel
        seat.call("call.answer")
        seat.await_told("call.established")


def test_a_second_writer_is_noticed_and_ends_no_call(seat: SeatSocket) -> None:
    """Another program lights one lamp of the shared report from zero, as the seat mutes."""
    with VirtualHeadset() as headset:
        headset.plug()
        node = headset.await_hidraw()
        seat.await_told("device.added")
        talk(seat, headset)
        with node.open("wb", buffering=0) as other:
            seat.call("device.set_mute", value=True)
            other.write(bytes.fromhex("020200"))
        told = seat.await_told("device.contended")
        assert told.params["evidence"]
        await_lamp(headset, "off_hook", lit=True)
        await_lamp(headset, "mute", lit=True)
        (device,) = seat.snapshot()["devices"].values()
        assert device["contended"]
        assert [call["state"] for call in seat.snapshot()["calls"].values()] == ["connected"]


def test_two_apps_one_headset(seat: SeatSocket, box_client: SeatSocket) -> None:
    with VirtualHeadset() as headset:
        headset.plug()
        device = seat.await_told("device.added").params["device"]
        box_client.call("headset.acquire", device=device, app="Softphone")
        refused = seat.ask("headset.acquire", device=device, app="Browser")
        assert refused["error"]["data"]["kind"] == "held"
        assert "Softphone" in refused["error"]["message"]
        box_client.call("headset.show", device=device, ring=True)
        await_lamp(headset, "ring", lit=True)
        box_client.close()
        seat.await_told("device.released")
        await_lamp(headset, "ring", lit=False)
        seat.call("headset.acquire", device=device, app="Browser")

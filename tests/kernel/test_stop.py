"""What stays at the headset when the daemon is gone: no ring, and a muted agent stays muted."""

from __future__ import annotations

import pytest

from devices.simulated.headset_models import HEADSETS
from tests.kernel.box import Box
from tests.kernel.kit.headsets import VirtualUsbHeadset
from tests.kernel.test_seat import await_lamp, lamps, ring, talk

KITS = ("jabra_evolve_link", "blackwire_3220")


@pytest.mark.parametrize("name", KITS)
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_ring_goes_off_and_mute_stays(box: Box, name: str, end: str) -> None:
    box.start()
    with box.subscribe() as seat, VirtualUsbHeadset(HEADSETS[name]) as headset:
        headset.plug()
        seat.await_told("device.added")
        talk(seat, headset)
        headset.press_mute()
        await_lamp(headset, "mute", lit=True)
        since = len(seat.told)
        seat.call("simulated.act", act="ring", number="10010")
        seat.await_told("call.delivered", since=since)
        await_lamp(headset, "ring", lit=True)
        if end == "stop":
            box.stop()
        else:
            box.kill()
        await_lamp(headset, "ring", lit=False)
        if end == "stop":
            assert lamps(headset)["mute"]
            assert headset.state["muted"]
            assert lamps(headset)["off_hook"]
    box.stop()


def test_stale_lamps_are_cleared_when_the_daemon_comes_back(box: Box) -> None:
    with VirtualUsbHeadset() as headset:
        headset.plug()
        node = headset.await_hidraw()
        node.write_bytes(bytes.fromhex("020700"))  # off-hook, mute and ring, left by whoever was here before
        await_lamp(headset, "ring", lit=True)
        box.start()
        with box.subscribe():
            await_lamp(headset, "ring", lit=False)
            await_lamp(headset, "off_hook", lit=False)
            await_lamp(headset, "mute", lit=False)
        box.stop()


def test_a_call_and_its_lamps_are_there_again_after_a_restart(box: Box) -> None:
    """The simulated line goes with the daemon, so the call ends; a ring afterwards is shown and answered."""
    box.start()
    with VirtualUsbHeadset() as headset:
        headset.plug()
        with box.subscribe() as seat:
            seat.await_told("device.added")
            talk(seat, headset)
        before = box.pid
        box.kill()
        with box.subscribe() as seat:
            assert box.pid != before
            await_lamp(headset, "off_hook", lit=False)
            ring(seat)
            await_lamp(headset, "ring", lit=True)
            headset.press_hook()
            seat.await_told("call.established")
            await_lamp(headset, "off_hook", lit=True)
    box.stop()

"""What is left behind when nobody is there any more: no ring, and everything else as it was shown."""

from __future__ import annotations

from itertools import product

import pytest

from devices.hid.engine import HeadsetEngine
from devices.simulated.headset import SimulatedHeadset
from state.commands import Lamps, SetLamps
from state.ids import DeviceId
from tests.devices.hid.descriptors import CALL_CONTROL, load

ME = DeviceId("h1")
SHOWN = [
    Lamps(off_hook=off_hook, ring=ring, mute=mute, hold=hold)
    for off_hook, ring, mute, hold in product((False, True), repeat=4)
]


@pytest.mark.parametrize("name", CALL_CONTROL)
@pytest.mark.parametrize("shown", SHOWN)
def test_ring_goes_and_the_rest_stays(name: str, shown: Lamps) -> None:
    device = load(name)
    engine = HeadsetEngine(ME, device.descriptor, device.model)
    headset = SimulatedHeadset(device.descriptor, model=device.model)
    for write in engine.request(SetLamps(shown), 1.0).writes:
        headset.feed(write.data, 1.0, write.via)
    before = headset.lamps
    for write in engine.farewell():
        headset.feed(write.data, 2.0, write.via)
    after = headset.lamps
    assert not after.ring
    assert (after.off_hook, after.mute, after.hold) == (before.off_hook, before.mute, before.hold)


def test_it_is_asked_without_being_written() -> None:
    device = load(CALL_CONTROL[0])
    engine = HeadsetEngine(ME, device.descriptor, device.model)
    engine.request(SetLamps(Lamps(ring=True)), 1.0)
    assert engine.farewell() == engine.farewell()
    assert engine.request(SetLamps(Lamps(ring=True)), 2.0).writes == ()

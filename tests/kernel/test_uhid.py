from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from devices.simulated.headset_models import HEADSETS, HeadsetKit
from firmware_bridge.hidraw import HidrawTransport, open_node
from state.errors import TransportError, TransportReason
from tests.kernel.kit.headset_side import Fault
from tests.kernel.kit.headsets import VirtualHeadset
from tests.kernel.kit.nodes import described
from tests.kernel.kit.server import RefusedError

OFF_HOOK = bytes.fromhex("020100")
"""Jabra Evolve Link: output report 2 with the Off-Hook lamp alone."""


async def opened(node: Path) -> HidrawTransport:
    return await open_node(described(node))


@pytest.mark.parametrize("kit", HEADSETS.values(), ids=HEADSETS)
def test_a_headset_appears_as_hidraw_with_its_descriptor(kit: HeadsetKit) -> None:
    async def open_and_close(node: Path) -> None:
        transport = await opened(node)
        await transport.aclose()

    with VirtualHeadset(kit) as headset:
        headset.plug()
        node = headset.await_hidraw()
        asyncio.run(open_and_close(node))
        said = described(node)
        assert (said.vendor_id, said.product_id, said.name) == (kit.vendor_id, kit.product_id, kit.name)
        assert said.descriptor == kit.descriptor


def test_a_press_arrives_and_a_lamp_goes_back(headset: VirtualHeadset) -> None:
    async def call(node: Path) -> bytes:
        transport = await opened(node)
        headset.press_hook()
        pressed = await transport.read()
        await transport.write(OFF_HOOK, "output")
        await transport.aclose()
        return pressed

    headset.plug()
    pressed = asyncio.run(call(headset.await_hidraw()))
    assert pressed == bytes.fromhex("020100")
    lit = headset.await_report(OFF_HOOK)
    sent = headset.await_event("sent", hex=pressed.hex())
    assert lit.at - sent.at > 0
    assert headset.state["lamps"]["off_hook"]
    assert headset.state["off_hook"]


def test_unplugging_ends_a_read_with_gone(headset: VirtualHeadset) -> None:
    async def read(node: Path) -> None:
        transport = await opened(node)
        reading = asyncio.ensure_future(transport.read())
        await asyncio.to_thread(headset.unplug)
        try:
            await asyncio.wait_for(reading, 20)
        finally:
            await transport.aclose()

    headset.plug()
    with pytest.raises(TransportError) as caught:
        asyncio.run(read(headset.await_hidraw()))
    assert caught.value.reason is TransportReason.GONE


def test_a_replugged_headset_begins_anew(headset: VirtualHeadset) -> None:
    async def light(node: Path) -> None:
        transport = await opened(node)
        await transport.write(OFF_HOOK, "output")
        await transport.aclose()

    headset.plug()
    asyncio.run(light(headset.await_hidraw()))
    headset.await_report(OFF_HOOK)
    headset.unplug()
    headset.await_gone()
    headset.plug()
    headset.await_hidraw()
    assert not headset.state["lamps"]["off_hook"]


def test_a_refused_feature_report_is_told(headset: VirtualHeadset) -> None:
    """Feature report 8 of one byte is the only one this headset has."""
    feature = bytes.fromhex("0801")

    async def write(node: Path) -> None:
        transport = await opened(node)
        await transport.write(feature, "feature")
        headset.fault(Fault.STALL)
        try:
            await transport.write(feature, "feature")
        finally:
            await transport.aclose()

    headset.plug()
    node = headset.await_hidraw()
    with pytest.raises(TransportError):
        asyncio.run(write(node))
    assert [event.data["outcome"] for event in headset.reports] == ["none", "stall"]


def test_several_headsets_are_told_apart() -> None:
    kits = (HEADSETS["blackwire_3220"], HEADSETS["sennheiser_sc660"])
    with VirtualHeadset(kits[0], "LAB0001") as first, VirtualHeadset(kits[1], "LAB0002") as second:
        first.plug()
        second.plug()
        nodes = {first.await_hidraw(), second.await_hidraw()}
        assert len(nodes) == 2
        first.unplug()
        first.await_gone()
        assert second.await_hidraw() in nodes


def test_what_cannot_be_done_is_refused(headset: VirtualHeadset) -> None:
    with pytest.raises(RefusedError, match="not plugged in"):
        headset.press_hook()
    headset.plug()
    with pytest.raises(RefusedError, match="short write"):
        headset.fault(Fault.SHORT)


def test_a_key_it_does_not_have_is_refused() -> None:
    with VirtualHeadset(HEADSETS["cmedia_hs100b"]) as headset:
        headset.plug()
        with pytest.raises(RefusedError, match="has no"):
            headset.press_digit("5")

from __future__ import annotations

import asyncio
import itertools
import subprocess
from pathlib import Path

import pytest
from serial import Serial

from devices.simulated.headset_models import HEADSETS, HeadsetKit
from firmware_bridge.hidraw import HidrawTransport, open_node
from state.errors import ProtocolError, ProtocolReason, TransportError, TransportReason
from tests.kernel.kit.headset_side import Fault
from tests.kernel.kit.headsets import VirtualUsbHeadset
from tests.kernel.kit.nodes import described, hidraw_of, udev_properties
from tests.kernel.kit.server import RefusedError
from tests.kernel.kit.usbip import PORTS
from tests.kernel.kit.waiting import await_until

OFF_HOOK = bytes.fromhex("020100")
"""Jabra Evolve Link: output report 2 with the Off-Hook lamp alone."""
HID_ONLY = ("hid",)


async def opened(node: Path) -> HidrawTransport:
    return await open_node(described(node))


async def light(node: Path) -> None:
    transport = await opened(node)
    try:
        await transport.write(OFF_HOOK, "output")
    finally:
        await transport.aclose()


def test_the_composite_has_all_nodes_with_its_ids(usb_headset: VirtualUsbHeadset) -> None:
    usb_headset.plug()
    card = usb_headset.await_card()
    nodes = [usb_headset.await_hidraw(), usb_headset.await_terminal(), Path(f"/dev/snd/controlC{card[4:]}")]
    usb = [f"{usb_headset.kit.vendor_id:04x}", f"{usb_headset.kit.product_id:04x}", "LAB0001"]
    for node in nodes[1:]:
        properties = udev_properties(node)
        found = [properties[name] for name in ("ID_VENDOR_ID", "ID_MODEL_ID", "ID_SERIAL_SHORT")]
        assert found == usb, node
    parent = Path(f"/sys/class/hidraw/{nodes[0].name}/device/../..").resolve()
    assert (parent / "serial").read_text().strip() == "LAB0001"
    kit = usb_headset.kit

    async def open_and_close() -> None:
        transport = await opened(nodes[0])
        await transport.aclose()

    asyncio.run(open_and_close())
    said = described(nodes[0])
    assert (said.vendor_id, said.product_id, said.descriptor) == (
        kit.vendor_id, kit.product_id, kit.descriptor
    )  # fmt: skip


@pytest.mark.parametrize("kit", HEADSETS.values(), ids=HEADSETS)
@pytest.mark.parametrize("interrupt_out", [False, True])
def test_reports_go_both_ways(kit: HeadsetKit, *, interrupt_out: bool) -> None:
    """The whole shipped model on both routes an output report can take; unnumbered reports too."""
    lamps = bytes(5) if kit.name.startswith("C-Media") else None

    async def talk(headset: VirtualUsbHeadset, node: Path) -> bytes:
        transport = await opened(node)
        if lamps is not None:
            await transport.write(lamps, "output")
        reading = asyncio.ensure_future(transport.read())
        await asyncio.to_thread(headset.ask, "report_state")
        got = await reading
        await transport.aclose()
        return got

    with VirtualUsbHeadset(kit, parts=HID_ONLY, interrupt_out=interrupt_out) as headset:
        headset.plug()
        got = asyncio.run(talk(headset, headset.await_hidraw()))
        assert got == headset.await_event("sent").report
        assert [event.data["outcome"] for event in headset.reports] == ([] if lamps is None else ["none"])


@pytest.mark.parametrize("interrupt_out", [False, True])
def test_a_short_write_is_a_protocol_error(*, interrupt_out: bool) -> None:
    with VirtualUsbHeadset(parts=HID_ONLY, interrupt_out=interrupt_out) as headset:
        headset.plug()
        node = headset.await_hidraw()
        asyncio.run(light(node))
        headset.fault(Fault.SHORT)
        with pytest.raises(ProtocolError) as caught:
            asyncio.run(light(node))
        assert caught.value.reason is ProtocolReason.WRONG_LENGTH
        headset.fault(Fault.STALL)
        with pytest.raises(ProtocolError) as caught:
            asyncio.run(light(node))
        assert caught.value.reason is ProtocolReason.NOT_SUPPORTED
        assert [event.data["outcome"] for event in headset.reports] == ["none", "short", "stall"]


def test_unplugging_ends_a_read_with_gone(usb_headset: VirtualUsbHeadset) -> None:
    async def read(node: Path) -> None:
        transport = await opened(node)
        reading = asyncio.ensure_future(transport.read())
        await asyncio.to_thread(usb_headset.unplug)
        try:
            await asyncio.wait_for(reading, 20)
        finally:
            await transport.aclose()

    usb_headset.plug()
    with pytest.raises(TransportError) as caught:
        asyncio.run(read(usb_headset.await_hidraw()))
    assert caught.value.reason is TransportReason.GONE
    usb_headset.await_gone()


def test_several_headsets_on_ports_of_choice() -> None:
    with (
        VirtualUsbHeadset(serial="LAB0001", parts=HID_ONLY) as first,
        VirtualUsbHeadset(serial="LAB0002", parts=HID_ONLY) as second,
    ):
        assert first.plug(port=PORTS - 1) == PORTS - 1
        port = second.plug()
        assert port != PORTS - 1
        assert first.await_hidraw() != second.await_hidraw()
        first.unplug()
        first.await_gone()
        assert first.plug(port=3) == 3
        assert first.await_hidraw() != second.await_hidraw() == hidraw_of("LAB0002")


def test_the_card_records_the_tone_and_plays(usb_headset: VirtualUsbHeadset, tmp_path: Path) -> None:
    usb_headset.plug()
    number = usb_headset.await_card().removeprefix("card")
    usb_headset.set_microphone(tone=True)
    recording, device = tmp_path / "tone.raw", f"hw:{number}"
    form = ("-q", "-D", device, "-f", "S16_LE", "-d", "1", "--buffer-time=2000000")
    subprocess.run(["arecord", *form, "-t", "raw", "-r", "16000", "-c", "1", recording], check=True)
    samples = memoryview(recording.read_bytes()).cast("h")
    assert len(samples) == 16000
    rising = sum(1 for before, after in itertools.pairwise(samples) if before < 0 <= after)
    assert 990 <= rising <= 1010
    noise = tmp_path / "noise.raw"
    noise.write_bytes(b"\x01\x20" * 2 * 48000)
    subprocess.run(["aplay", *form, "-t", "raw", "-r", "48000", "-c", "2", noise], check=True)
    assert usb_headset.sound["speaker_loud_packets"] >= 900


def recording_from(headset: VirtualUsbHeadset, buffer_s: float) -> subprocess.Popen[bytes]:
    """The kernel waits for sound a little longer than `buffer_s`, then gives up with EIO."""
    device = f"hw:{headset.await_card().removeprefix('card')}"
    buffer = f"--buffer-time={buffer_s * 1e6:.0f}"
    command = ["arecord", "-q", "-D", device, "-f", "S16_LE", "-r", "16000", "-t", "raw", buffer]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def test_a_stalled_card_gives_no_sound(usb_headset: VirtualUsbHeadset) -> None:
    usb_headset.plug()
    usb_headset.stall_audio(stalled=True)
    with recording_from(usb_headset, buffer_s=0.5) as recording:
        _, complaint = recording.communicate(timeout=20)
    assert b"Input/output error" in complaint
    assert usb_headset.sound["microphone_packets"] == 0


def test_a_card_pulled_out_ends_the_recording(usb_headset: VirtualUsbHeadset) -> None:
    usb_headset.plug()
    with recording_from(usb_headset, buffer_s=10) as recording:
        await_until(lambda: usb_headset.sound["microphone_packets"] > 100, what="sound")
        usb_headset.unplug()
        assert recording.wait(20) == 1
    usb_headset.await_gone()


def test_a_phone_answers_on_the_serial_port() -> None:
    with VirtualUsbHeadset(parts=("serial",), phone=True) as headset:
        headset.plug()
        with Serial(str(headset.await_terminal()), timeout=20) as port:
            headset.await_event("terminal", open=True)
            port.write(b"AT+CLIP=1\r")
            assert port.read_until(b"OK\r\n") == b"AT+CLIP=1\r\r\nOK\r\n"
            headset.ring_in("13800138000")
            assert b'+CLIP: "13800138000",129' in port.read_until(b",129")
        headset.await_event("terminal", open=False)


def test_a_headset_without_a_phone_says_what_it_is_told() -> None:
    with VirtualUsbHeadset(parts=("serial",)) as headset:
        headset.plug()
        with Serial(str(headset.await_terminal()), timeout=20) as port:
            headset.await_event("terminal", open=True)
            headset.say(b"hello\r\n")
            assert port.read_until(b"\n") == b"hello\r\n"
            port.write(b"ATZ\r")
            assert headset.await_event("serial").report == b"ATZ\r"
        with pytest.raises(RefusedError, match="no phone"):
            headset.ring_in("1")

"""Raw hidraw without a device: ioctl numbers, who is behind a node, traffic over a stand-in descriptor."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from firmware_bridge import hidraw
from firmware_bridge.hidraw import HidrawTransport, open_node
from firmware_bridge.inventory import list_hid_nodes
from state.errors import ProtocolError, ProtocolReason, TransportError, TransportReason


def test_ioctl_numbers_are_the_kernels():
    """As a C program including linux/hidraw.h prints them on amd64; arm64 packs them the same way."""
    assert hidraw.HIDIOCGRAWINFO == 0x80084803
    assert hidraw.hidiocsfeature(3) == 0xC0034806
    assert hidraw.hidiocgfeature(5) == 0xC0054807


@pytest.fixture(name="pair")
def _pair():
    # Packets keep their borders as hidraw's reports do.
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    with theirs:
        yield HidrawTransport(ours.detach(), "/dev/hidraw9"), theirs


def test_one_read_is_one_report_and_one_write_is_one(pair):
    transport, device = pair

    async def main():
        device.send(b"\x08\x01")
        device.send(b"\x08\x00")
        reports = [await transport.read(), await transport.read()]
        await transport.write(b"\x09\x01", "output")
        await transport.aclose()
        await transport.aclose()
        return reports

    assert asyncio.run(main()) == [b"\x08\x01", b"\x08\x00"]
    assert device.recv(64) == b"\x09\x01"
    assert device.recv(64) == b""


def test_a_short_write_is_an_error(pair, monkeypatch):
    transport, _device = pair
    monkeypatch.setitem(transport._writes, "output", lambda _fd, data: len(data) - 1)

    async def main():
        try:
            await transport.write(b"\x09\x01", "output")
        finally:
            await transport.aclose()

    with pytest.raises(ProtocolError, match="took 1 of 2 bytes") as caught:
        asyncio.run(main())
    assert caught.value.reason is ProtocolReason.WRONG_LENGTH


def test_a_feature_report_to_a_stand_in_is_refused_by_the_system(pair):
    transport, _device = pair

    async def main():
        try:
            await transport.write(b"\x02\x01", "feature")
        finally:
            await transport.aclose()

    with pytest.raises(TransportError, match="/dev/hidraw9"):
        asyncio.run(main())


def test_a_device_is_asked_for_a_feature_report(pair, monkeypatch):
    transport, _device = pair

    def ioctl(_fd, number, answer):
        assert number == hidraw.hidiocgfeature(5)
        assert bytes(answer) == b"\x12\0\0\0\0"
        answer[:4] = b"\x12\x02\x30\xff"
        return 4

    async def main():
        try:
            nothing = await transport.ask(b"\x12\0\0\0\0")
            monkeypatch.setattr(hidraw.fcntl, "ioctl", ioctl)
            return nothing, await transport.ask(b"\x12\0\0\0\0")
        finally:
            await transport.aclose()

    assert asyncio.run(main()) == (b"", b"\x12\x02\x30\xff")


def test_unplugged_and_closed_are_gone(pair):
    transport, device = pair

    async def main():
        device.shutdown(socket.SHUT_RDWR)
        with pytest.raises(TransportError) as unplugged:
            await transport.read()
        await transport.aclose()
        with pytest.raises(TransportError, match="closed"):
            await transport.write(b"\x00", "output")
        return unplugged.value.reason

    assert asyncio.run(main()) is TransportReason.GONE


def open_files():
    """What this process has open; a descriptor closed while we look is none."""
    found = []
    for number in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(number.readlink())
    return found


def test_open_files_sees_an_open_file(tmp_path):
    held = (tmp_path / "held").resolve()
    with held.open("wb"):
        assert held in open_files()
    assert held not in open_files()


class FakeSystem:
    """A /sys and a /dev with one hidraw node each, and the kernel's answer to HIDIOCGRAWINFO."""

    def __init__(self, root, monkeypatch):
        self.system, self.devices = root / "sys", root / "dev"
        self.devices.mkdir()
        self.raw_info = (3).to_bytes(4, "little") + bytes.fromhex("0e0b5324")
        monkeypatch.setattr(hidraw.fcntl, "ioctl", lambda _fd, number, _buffer: self._answer(number))

    def _answer(self, number):
        assert number == hidraw.HIDIOCGRAWINFO
        if isinstance(self.raw_info, OSError):
            raise self.raw_info
        return self.raw_info

    def plug(self, name="hidraw3", serial="00A1", ids="00000B0E:00002453"):
        device = self.system / "devices/usb1/1-1/1-1.2" / f"0003:0B0E:2453.{name}"
        device.mkdir(parents=True, exist_ok=True)
        (device / "uevent").write_text(
            f"HID_ID=0003:{ids}\nHID_NAME=Jabra\nHID_PHYS=usb-1.2/input3\nHID_UNIQ={serial}\n"
        )
        (device / "report_descriptor").write_bytes(bytes.fromhex("050b0905a101c0"))
        entry = self.system / "class/hidraw" / name
        entry.mkdir(parents=True, exist_ok=True)
        if not (entry / "device").exists():
            (entry / "device").symlink_to(device)
        (self.devices / name).touch()

    def node(self):
        (node,) = list_hid_nodes(self.system, self.devices)
        return node


@pytest.fixture(name="plugged")
def _plugged(tmp_path, monkeypatch):
    system = FakeSystem(tmp_path, monkeypatch)
    system.plug()
    return system


def test_what_is_no_hid_device_is_no_node(plugged):
    node = plugged.node()
    plugged.raw_info = OSError(errno.ENOTTY, "Inappropriate ioctl for device")
    with pytest.raises(TransportError, match="Inappropriate ioctl"):
        asyncio.run(open_node(node, plugged.system))
    assert node.path.resolve() not in open_files()


def test_a_node_is_opened_where_it_still_is_the_device_that_was_wanted(plugged):
    async def main():
        transport = await open_node(plugged.node(), plugged.system)
        assert (plugged.devices / "hidraw3").resolve() in open_files()
        await transport.aclose()

    asyncio.run(main())


@pytest.mark.parametrize("change", ["serial", "ids", "kernel", "gone", "node"])
def test_a_node_that_is_another_device_by_now_is_let_go_at_once(plugged, change):
    wanted = plugged.node()
    if change == "serial":
        plugged.plug(serial="00B2")
    elif change == "ids":
        plugged.plug(ids="00001395:00000082")
    elif change == "kernel":
        plugged.raw_info = (3).to_bytes(4, "little") + bytes.fromhex("95138200")
    elif change == "gone":
        (plugged.system / "class/hidraw/hidraw3/device").unlink()
    else:
        (plugged.devices / "hidraw3").unlink()
    with pytest.raises(TransportError, match="hidraw3") as refused:
        asyncio.run(open_node(wanted, plugged.system))
    assert refused.value.reason is TransportReason.GONE
    assert (plugged.devices / "hidraw3").resolve() not in open_files()


def test_whoever_is_cancelled_while_a_node_opens_leaves_no_descriptor(plugged, monkeypatch):
    reached, may_go_on = threading.Event(), threading.Event()

    def slow(_fd):
        reached.set()
        assert may_go_on.wait(10)
        return 3, 0x0B0E, 0x2453

    monkeypatch.setattr(hidraw, "raw_info", slow)
    node = plugged.node()

    async def main():
        opening = asyncio.create_task(open_node(node, plugged.system))
        assert await asyncio.to_thread(reached.wait, 10)
        opening.cancel()
        await asyncio.wait([opening])
        may_go_on.set()
        await asyncio.get_running_loop().shutdown_default_executor()
        await asyncio.sleep(0)
        return opening.cancelled()

    assert asyncio.run(main())
    assert (plugged.devices / "hidraw3").resolve() not in open_files()


def writers():
    return [thread for thread in threading.enumerate() if thread.name.startswith("hidraw-write")]


def test_a_hundred_plug_cycles_leave_no_thread_and_no_descriptor(plugged):
    node = plugged.node()

    async def main():
        for _ in range(100):
            transport = await open_node(node, plugged.system)
            await transport.write(b"\x02\x01", "output")
            await transport.aclose()

    before = len(open_files())
    asyncio.run(main())
    for thread in writers():
        thread.join(10)
    assert writers() == []
    assert len(open_files()) == before
    assert (plugged.devices / "hidraw3").read_bytes() == b"\x02\x01"


def test_a_device_that_hangs_in_a_write_stalls_neither_the_loop_nor_the_close(pair):
    transport, device = pair
    reached, may_go_on = threading.Event(), threading.Event()

    def wedged(_fd, data):
        reached.set()
        assert may_go_on.wait(10)
        return len(data)

    transport._writes["output"] = wedged

    async def main():
        writing = asyncio.create_task(transport.write(b"\x02\x01", "output"))
        assert await asyncio.to_thread(reached.wait, 10)
        device.send(b"\x01\x01")
        heard = await transport.read()
        writing.cancel()
        await asyncio.wait([writing])
        await transport.aclose()
        return heard

    assert asyncio.run(main()) == b"\x01\x01"
    (hanging,) = writers()
    assert hanging.daemon
    may_go_on.set()
    hanging.join(10)
    assert device.recv(64) == b""


def test_writes_keep_their_order_and_an_error_belongs_to_its_own(pair):
    transport, device = pair

    async def main():
        refused = asyncio.create_task(transport.write(b"\x01\x01", "feature"))
        taken = asyncio.create_task(transport.write(b"\x01\x02", "output"))
        await asyncio.wait([refused, taken])
        await transport.aclose()
        return refused.exception(), taken.exception()

    error, nothing = asyncio.run(main())
    assert isinstance(error, TransportError)
    assert nothing is None
    assert device.recv(64) == b"\x01\x02"

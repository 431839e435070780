"""Busy lights over a made-up /sys and /dev: the real library's bytes, and every node that stays untouched."""

from __future__ import annotations

import builtins
import errno
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from devices.models import REGISTRY
from devices.models.busy_lights import BUSY_LIGHTS
from devices.models.record import ModelRecord
from firmware_bridge import busy_light, hidraw
from firmware_bridge.busy_light import MISSING, RGB, BusyLight, find_busy_light, is_busy_light
from firmware_bridge.hidraw import HIDIOCGRAWINFO
from firmware_bridge.inventory import HidNode, list_hid_nodes
from state.busy import Colour
from state.errors import ConfigError, TransportError, TransportReason
from tests.firmware_bridge.hid_tree import HidTree, heard
from tests.support import ROOT

KUANDO, PLANTRONICS, BLINK1 = (0x27BB, 0x3BCD), (0x047F, 0xD005), (0x27B8, 0x01ED)
LUXAFOR, BLINKSTICK = (0x04D8, 0xF372), (0x20A0, 0x41E5)
HEADSET = (0x047F, 0xC056)

LIGHT = bytes.fromhex("06 00 ff 09 01 a1 01 15 00 26 ff 00 75 08 95 40 09 01 91 02 c0")
"""One output report of 64 bytes on a vendor page."""
SILENT = bytes.fromhex("06 00 ff 09 01 a1 01 15 00 26 ff 00 75 08 95 40 09 01 81 02 c0")
"""The same as an input report: nothing can be told to it."""
PHONE = bytes.fromhex("05 0b 09 05 a1 01 15 00 25 01 75 01 95 01 09 20 81 02 05 08 09 17 91 02 c0")
LAMP_OF_PHONE = bytes.fromhex("05 0b 09 05 a1 01 05 08 15 00 25 01 75 01 95 01 09 17 91 02 c0")
"""The telephony page only around the fields."""

Find = Callable[[], BusyLight | None]


class Desk(HidTree):
    """Folders for /sys and /dev with lights in them, and what their ioctls were asked."""

    def light(
        self, name: str, ids: tuple[int, int], descriptor: bytes = LIGHT, said: str = "Light", **more: str
    ) -> None:
        self.plug(name, ids, **more)
        device = self.system / "class/hidraw" / name / "device"
        (device / "report_descriptor").write_bytes(descriptor)
        uevent = (device / "uevent").read_text(encoding="utf-8")
        (device / "uevent").write_text(uevent.replace("HID_NAME=Test", f"HID_NAME={said}"), encoding="utf-8")

    def nodes(self) -> tuple[HidNode, ...]:
        return list_hid_nodes(self.system, self.root / "dev")


@pytest.fixture(name="desk")
def _desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(name="features")
def _features(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The kernel's side of a node: who it is, and every feature report it was sent."""
    sent: list[bytes] = []

    def ioctl(fd: int, request: int, data: bytes) -> Any:
        node = Path(os.readlink(f"/proc/self/fd/{fd}")).name
        if request == HIDIOCGRAWINFO:
            known = next(each for each in desk.nodes() if each.path.name == node)
            return struct.pack("IHH", known.bus, known.vendor_id, known.product_id)
        sent.append(bytes(data))
        return len(data)

    monkeypatch.setattr(hidraw.fcntl, "ioctl", ioctl)
    return sent


@pytest.fixture(name="find")
def _find(desk: Desk, features: list[bytes]) -> Find:
    del features
    return partial(find_busy_light, desk.nodes, desk.system)


def opened(find: Find) -> BusyLight:
    light = find()
    assert light is not None
    return light


def kind(light: BusyLight) -> str:
    """Which class of the library drives it."""
    assert isinstance(light, busy_light._LibraryLight)
    return type(light._light).__name__


# what may be opened ----------------------------------------------------------------------------------


def test_no_light_is_a_headset_and_no_vendor_is_trusted_as_a_whole() -> None:
    for (vendor, product), name in BUSY_LIGHTS.items():
        record = REGISTRY.find(vendor, product)
        assert record is None or record.call_control is False, name
    headsets = {record.vendor_id: record for record in REGISTRY.records if record.call_control is not False}
    shared = {ids for ids in BUSY_LIGHTS if ids[0] in headsets}
    assert shared == {PLANTRONICS, (0x1395, 0x0074)}


@pytest.mark.parametrize("record", REGISTRY.records, ids=lambda record: record.name)
def test_no_headset_is_touched_even_with_a_light_s_descriptor(record: ModelRecord, desk: Desk) -> None:
    ids = (record.vendor_id, record.product_id)
    desk.light("hidraw0", ids)
    (node,) = desk.nodes()
    assert is_busy_light(node) is (ids in BUSY_LIGHTS)


@pytest.mark.parametrize("descriptor", [PHONE, LAMP_OF_PHONE, SILENT, b"", b"\x05"])
def test_the_right_ids_are_not_enough(desk: Desk, find: Find, descriptor: bytes) -> None:
    desk.light("hidraw0", KUANDO, descriptor)
    assert find() is None


def test_a_light_that_does_not_hang_on_usb_is_not_one(desk: Desk) -> None:
    desk.light("hidraw0", KUANDO)
    uevent = desk.system / "class/hidraw/hidraw0/device/uevent"
    uevent.write_text(uevent.read_text(encoding="utf-8").replace("0003:", "0005:"), encoding="utf-8")
    assert [is_busy_light(node) for node in desk.nodes()] == [False]


def test_beside_headsets_only_the_light_s_node_is_opened(
    desk: Desk, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.light("hidraw0", HEADSET, PHONE)
    desk.light("hidraw1", HEADSET)
    desk.light("hidraw2", PLANTRONICS)
    asked: list[str] = []
    system_open = os.open

    def note(path: Any, *more: Any) -> int:
        asked.append(Path(path).name)
        return system_open(path, *more)

    monkeypatch.setattr(busy_light.os, "open", note)
    light = opened(find)
    assert asked == ["hidraw2"]
    assert light.name == f"Plantronics Status Indicator ({desk.node('hidraw2')})"
    light.close()


def test_a_node_that_is_somebody_else_s_by_now_is_left(
    desk: Desk, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.light("hidraw0", PLANTRONICS)
    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(hidraw.fcntl, "ioctl", lambda *_: struct.pack("IHH", 3, *HEADSET))
    with pytest.raises(TransportError, match="another device than 047f:d005") as caught:
        find()
    assert caught.value.reason is TransportReason.GONE
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_node_without_rights_says_so(desk: Desk, find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.light("hidraw0", KUANDO)

    def refuse(path: Any, *_: Any) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(busy_light.os, "open", refuse)
    with pytest.raises(TransportError, match="hidraw0: Permission denied") as caught:
        find()
    assert caught.value.reason is TransportReason.DENIED


# what is written -------------------------------------------------------------------------------------


def test_a_colour_is_whole_reports_written_by_the_caller_s_thread(desk: Desk, find: Find) -> None:
    desk.light("hidraw0", KUANDO)
    listening = desk.listen("hidraw0")
    light = opened(find)
    before = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for colour in (Colour.RED, Colour.RED, Colour.GREEN):
        light.show(colour)
        both = heard(listening)
        colour_report, keepalive = both[:64], both[64:]
        assert [len(colour_report), len(keepalive)] == [64, 64]
        # Red, green and blue of the first step in percent; then "keep this for 15 s".
        assert tuple(colour_report[2:5]) == tuple(round(part * 100 / 255) for part in RGB[colour])
        assert keepalive[0] == 0x8F
        for report in (colour_report, keepalive):
            assert int.from_bytes(report[62:64], "big") == sum(report[:62])
    light.show(Colour.OFF)
    assert tuple(heard(listening)[2:5]) == (0, 0, 0)
    assert (threading.active_count(), len(os.listdir("/proc/self/fd"))) == before
    light.close()
    assert len(os.listdir("/proc/self/fd")) == before[1] - 1
    os.close(listening)


def test_a_light_told_by_feature_reports(desk: Desk, find: Find, features: list[bytes]) -> None:
    desk.light("hidraw0", BLINK1)
    light = opened(find)
    light.show(Colour.BLUE)
    light.close()
    (report,) = features
    assert report[:5] == bytes([1, ord("c"), 0, 0, 255])


def test_variants_are_told_apart_by_name_serial_and_release(desk: Desk, find: Find) -> None:
    desk.light("hidraw0", LUXAFOR, said="MICROCHIP LUXAFOR FLAG", place="1-1")
    light = opened(find)
    assert kind(light) == "Flag"
    light.close()
    desk.light("hidraw0", BLINKSTICK, serial="BS012345-3.0", place="1-1")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(ConfigError, match="does not know 20a0:41e5"):
        find()
    assert len(os.listdir("/proc/self/fd")) == before
    # As the kernel has it: the version is a file of the USB device, two above the HID device.
    device = desk.system / "class/hidraw/hidraw0/device"
    real = desk.system / "devices/1-1/1-1:1.0/0003:20A0:41E5.0001"
    real.parent.mkdir(parents=True)
    device.rename(real)
    device.symlink_to(real)
    (desk.system / "devices/1-1/bcdDevice").write_text("0202\n", encoding="ascii")
    light = opened(find)
    assert kind(light) == "BlinkStickNano"
    light.close()


@pytest.mark.parametrize("ids", BUSY_LIGHTS, ids=lambda ids: f"{ids[0]:04x}:{ids[1]:04x}")
def test_the_library_knows_every_light_and_takes_every_colour(
    ids: tuple[int, int], desk: Desk, find: Find, features: list[bytes]
) -> None:
    said = {LUXAFOR: "LUXAFOR ORB"}.get(ids, "Light")
    desk.light("hidraw0", ids, said=said, serial="BS012345-1.0")
    listening = desk.listen("hidraw0")
    light = opened(find)
    reports = []
    for colour in Colour:
        light.show(colour)
        reports.append(heard(listening) or features[-1])
    light.close()
    os.close(listening)
    assert all(reports)
    assert len(set(reports)) > 3


def test_a_light_pulled_out_is_gone(desk: Desk, find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.light("hidraw0", KUANDO)
    light = opened(find)

    def refuse(_fd: int, _data: bytes) -> int:
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr(busy_light.os, "write", refuse)
    with pytest.raises(TransportError, match=r"Kuando Busylight Omega .*took no report") as caught:
        light.show(Colour.RED)
    assert caught.value.reason is TransportReason.GONE
    light.close()


# the library -----------------------------------------------------------------------------------------


def test_without_the_library_the_message_says_what_to_install(
    desk: Desk, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name in {"hidraw", "busylight_core"}:
            raise ImportError(name)
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError) as caught:
        find()
    assert str(caught.value) == MISSING
    assert desk.nodes() == ()


def test_neither_libusb_nor_a_thread_comes_with_it() -> None:
    """In a process of its own: what is loaded once stays."""
    code = (
        "import os, pathlib; from firmware_bridge.busy_light import _library; _library();"
        "print('libusb' in pathlib.Path('/proc/self/maps').read_text(), len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["False", "1"]
    assert done.stderr == ""

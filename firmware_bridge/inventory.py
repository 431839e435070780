"""Which HID devices are plugged in, from sysfs alone: no node is opened, no right is needed.

May not judge a device or open one. Blocks on sysfs (about a millisecond a device): call it off the loop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SYSTEM = Path("/sys")
DEVICES = Path("/dev")

USB_BUS = 0x0003
"""BUS_USB, linux/input.h."""

_PORT = re.compile(r"\d+-\d+(?:\.\d+)*")
"""A USB device in sysfs: bus, then the chain of ports ("1-1.2")."""
_PHYS_INPUT = re.compile(r"/input(\d+)\Z")
"""usbhid ends HID_PHYS with the number of the interface."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class HidNode:
    """One hidraw node and the device behind it, as the kernel describes them.

    `place` is where it is plugged in ("1-1.2"), `interface` its USB interface; a device may have no `serial`.
    """

    path: Path
    bus: int
    vendor_id: int
    product_id: int
    name: str
    serial: str
    place: str
    interface: int
    descriptor: bytes

    @property
    def identity(self) -> str:
        """vid:pid:serial:place, the same after every re-plug into the same port."""
        return f"{self.vendor_id:04x}:{self.product_id:04x}:{self.serial}:{self.place}"


def list_hid_nodes(system: Path = SYSTEM, devices: Path = DEVICES) -> tuple[HidNode, ...]:
    """Every hidraw node, in the kernel's order; a device that goes while it is read is left out."""
    return tuple(_nodes(system, devices))


def _nodes(system: Path, devices: Path) -> Iterator[HidNode]:
    found = (system / "class/hidraw").glob("hidraw*")
    for entry in sorted(found, key=lambda path: (len(path.name), path.name)):
        try:
            node = read_node(entry, devices)
        except OSError:
            continue
        if node is not None:
            yield node


def read_node(entry: Path, devices: Path = DEVICES) -> HidNode | None:
    """The node of a sysfs entry (/sys/class/hidraw/hidraw0); None where the kernel says nothing of its ids.

    OSError where there is no such node any more.
    """
    device = (entry / "device").resolve(strict=True)
    said = _uevent(device / "uevent")
    ids = said.get("HID_ID", "").split(":")
    if len(ids) != 3:
        return None
    phys = said.get("HID_PHYS", "")
    interface = _PHYS_INPUT.search(phys)
    return HidNode(
        path=devices / entry.name,
        bus=int(ids[0], 16),
        vendor_id=int(ids[1], 16),
        product_id=int(ids[2], 16),
        name=said.get("HID_NAME", ""),
        serial=plain(said.get("HID_UNIQ", "")),
        place=_port(device) or plain(_PHYS_INPUT.sub("", phys)),
        interface=int(interface[1]) if interface else 0,
        descriptor=(device / "report_descriptor").read_bytes(),
    )


def _port(device: Path) -> str:
    """The port chain of the USB device above, empty where there is none (uhid, Bluetooth)."""
    return next((part for part in reversed(device.parts) if _PORT.fullmatch(part)), "")


def plain(text: str) -> str:
    """Text a device chose, made fit for a name: no colon, blank or control character."""
    return _UNSAFE.sub("_", text.strip())[:_CHARACTERS]


def _uevent(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return {name: value for name, separator, value in (line.partition("=") for line in lines) if separator}

"""Which nodes the kernel made for a device, found by its serial number.

May not open a node. A node may be there before udev has set its owner: `known_to_udev` says when it has.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from firmware_bridge.inventory import SYSTEM, HidNode, read_node


def hidraw_of(serial: str) -> Path | None:
    """The hidraw node of the device with this serial number (HID_UNIQ), on USB and on uhid alike."""
    for uevent in Path("/sys/class/hidraw").glob("*/device/uevent"):
        if f"HID_UNIQ={serial}" in _read(uevent).splitlines():
            return Path("/dev") / uevent.parent.parent.name
    return None


def described(node: Path) -> HidNode:
    """What sysfs says of a hidraw node."""
    found = read_node(SYSTEM / "class/hidraw" / node.name)
    assert found is not None, f"{node}: the kernel says nothing of its ids"
    return found


def card_of(serial: str) -> str | None:
    """The name of the sound card (cardN) of the USB device with this serial number."""
    return _by_usb_serial("sound/card*", serial)


def terminal_of(serial: str) -> Path | None:
    """The serial port (ttyACMN) of the USB device with this serial number."""
    name = _by_usb_serial("tty/ttyACM*", serial)
    return Path("/dev") / name if name else None


def known_to_udev(node: Path) -> bool:
    """Whether udev has finished with a node: its rules have been applied then."""
    try:
        number = node.stat().st_rdev
    except FileNotFoundError:
        return False
    return Path(f"/run/udev/data/c{os.major(number)}:{os.minor(number)}").exists()


def udev_properties(node: Path) -> dict[str, str]:
    """What udev knows of a node."""
    shown = subprocess.run(
        ["udevadm", "info", "--query=property", f"--name={node}"], capture_output=True, text=True, check=True
    )
    pairs = (line.partition("=") for line in shown.stdout.splitlines())
    return {name: value for name, _, value in pairs}


def _by_usb_serial(pattern: str, serial: str) -> str | None:
    for place in Path("/sys/class").glob(pattern):
        if _read(place / "device/../serial").strip() == serial:
            return place.name
    return None


def _read(path: Path) -> str:
    """A file of sysfs; empty for one that has just gone."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

"""USB interfaces that say they are HID, and what the kernel made of each: driver, HID device, hidraw node.

May not open a device or bind a driver. Source: /sys/bus/usb (Documentation/ABI/testing/sysfs-bus-usb).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SYSTEM = Path("/sys")

HID_CLASS = "03"
"""bInterfaceClass of a HID interface (USB HID 1.11, 4.1)."""

IGNORED_BELOW: dict[tuple[int, int], int] = {(0x0B0E, 0x0412): 0x0111, (0x0B0E, 0x0420): 0x0214}
"""Jabra Speak 410 and 510 with an older release number than this get no driver at all: Linux
drivers/hid/hid-quirks.c, hid_ignore()."""

_HID_DEVICE = re.compile(r"[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}\.[0-9A-Fa-f]+")


@dataclass(frozen=True, slots=True)
class HidInterface:
    """One HID interface; `driver` serves the USB side, `hid_driver` the HID device; empty where none."""

    name: str
    vendor_id: int
    product_id: int
    release: int
    product: str
    driver: str
    hid_driver: str
    nodes: tuple[str, ...]

    @property
    def ignored_below(self) -> int | None:
        """The release from which on the kernel would take this device; None where it does not mind."""
        limit = IGNORED_BELOW.get((self.vendor_id, self.product_id))
        return limit if limit is not None and self.release < limit else None


def list_hid_interfaces(system: Path = SYSTEM) -> tuple[HidInterface, ...]:
    """Every HID interface on USB, in sysfs's order; one that goes while it is read is left out."""
    return tuple(_interfaces(system))


def _interfaces(system: Path) -> Iterator[HidInterface]:
    for place in sorted((system / "bus/usb/devices").glob("*:*")):
        try:
            found = _read(place.resolve(strict=True))
        except (OSError, ValueError):
            continue
        if found is not None:
            yield found


def _read(place: Path) -> HidInterface | None:
    if _text(place / "bInterfaceClass") != HID_CLASS:
        return None
    device = place.parent
    hid = next((each for each in sorted(place.iterdir()) if _HID_DEVICE.fullmatch(each.name)), None)
    return HidInterface(
        name=place.name,
        vendor_id=int(_text(device / "idVendor"), 16),
        product_id=int(_text(device / "idProduct"), 16),
        release=int(_text(device / "bcdDevice"), 16),
        product=_text(device / "product") if (device / "product").exists() else "",
        driver=_driver(place),
        hid_driver="" if hid is None else _driver(hid),
        nodes=() if hid is None else tuple(sorted(each.name for each in hid.glob("hidraw/hidraw*"))),
    )


def _driver(place: Path) -> str:
    link = place / "driver"
    return link.resolve().name if link.is_symlink() else ""


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip()

"""A made-up /sys and /dev with hidraw devices; a node is a named pipe, which keeps what is written to it.

May not be kinder than the kernel where it matters: what is not in sysfs is not there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class HidTree:
    """Folders that stand for /sys and /dev."""

    root: Path

    @property
    def system(self) -> Path:
        return self.root / "sys"

    def node(self, name: str) -> Path:
        return self.root / "dev" / name

    def plug(self, name: str, ids: tuple[int, int], serial: str = "", place: str = "1-2") -> str:
        """A device behind `name`, whoever was there before; returns its identity."""
        device = self.system / "class/hidraw" / name / "device"
        device.mkdir(parents=True, exist_ok=True)
        vendor, product = ids
        ids_said = f"HID_ID=0003:{vendor:08X}:{product:08X}\n"
        said = f"{ids_said}HID_PHYS={place}/input3\nHID_UNIQ={serial}\nHID_NAME=Test\n"
        (device / "uevent").write_text(said, encoding="utf-8")
        (device / "report_descriptor").write_bytes(b"\x05\x0b")
        if not self.node(name).exists():
            self.node(name).parent.mkdir(exist_ok=True)
            os.mkfifo(self.node(name))
        return f"{vendor:04x}:{product:04x}:{serial}:{place}"

    def listen(self, name: str) -> int:
        """An open end of a node's pipe: what is written to the node can be read from it."""
        return os.open(self.node(name), os.O_RDWR | os.O_NONBLOCK)


def heard(fd: int) -> bytes:
    """Everything written to a node so far."""
    try:
        return os.read(fd, 4096)
    except BlockingIOError:
        return b""

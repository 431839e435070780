"""A HID device over raw /dev/hidraw: reads watched by the loop, writes in the device's own thread.

May not interpret reports. Reads never block (O_NONBLOCK); a write or a feature report is a USB control
transfer that the kernel waits for, up to 5 s on a wedged device, so it never runs on the loop.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from firmware_bridge.descriptors import read_some
from firmware_bridge.transport import from_os_error, gone
from state.errors import Blame, ProtocolError, ProtocolReason, TransportError

REPORT_BYTES = 4096
"""HID_MAX_BUFFER_SIZE of older kernels; a report larger than this does not exist on a headset."""
DESCRIPTOR_BYTES = 4096
"""HID_MAX_DESCRIPTOR_SIZE, linux/hid.h."""
NAME_BYTES = 256
SYSTEM = Path("/sys/class/hidraw")

_READ, _WRITE = 2, 1


def ioc(direction: int, number: int, size: int) -> int:
    """An ioctl number of type 'H' as asm-generic/ioctl.h packs it (amd64, arm64, armhf alike)."""
    return direction << 30 | size << 16 | ord("H") << 8 | number


HIDIOCGRDESCSIZE = ioc(_READ, 0x01, 4)
HIDIOCGRDESC = ioc(_READ, 0x02, 4 + DESCRIPTOR_BYTES)
HIDIOCGRAWINFO = ioc(_READ, 0x03, 8)
HIDIOCGRAWNAME = ioc(_READ, 0x04, NAME_BYTES)


def hidiocsfeature(size: int) -> int:
    """HIDIOCSFEATURE(size): linux/hidraw.h."""
    return ioc(_READ | _WRITE, 0x06, size)


@dataclass(frozen=True, slots=True)
class HidrawInfo:
    """What the kernel says of the device behind a node."""

    bus: int
    vendor: int
    product: int
    name: str
    descriptor: bytes


class HidrawTransport:
    """One open hidraw node; `via` chooses between an output and a feature report."""

    def __init__(self, fd: int, path: str) -> None:
        self._fd: int | None = fd
        self._path = path
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="hidraw-write")
        self._writes: dict[str, Callable[[int, bytes], int]] = {"output": os.write, "feature": _send_feature}

    async def read(self) -> bytes:
        """One whole input report."""
        return await read_some(self._descriptor(), REPORT_BYTES, self._path)

    async def write(self, data: bytes, via: str) -> None:
        """Send one whole report; a device that takes only a part of it raises ProtocolError."""
        fd = self._descriptor()
        loop = asyncio.get_running_loop()
        try:
            taken = await loop.run_in_executor(self._writer, self._writes[via], fd, data)
        except OSError as error:
            raise from_os_error(error, self._path) from error
        if taken != len(data):
            message = f"{self._path}: took {taken} of {len(data)} bytes of a report"
            raise ProtocolError(Blame.DEVICE, ProtocolReason.WRONG_LENGTH, message)

    async def aclose(self) -> None:
        """Close the node; a write that hangs in the kernel is left to end by itself."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        self._writer.submit(os.close, fd)
        self._writer.shutdown(wait=False)

    def _descriptor(self) -> int:
        if self._fd is None:
            raise gone(self._path, "closed")
        return self._fd


async def open_hidraw(path: str) -> tuple[HidrawTransport, HidrawInfo]:
    """Open a node and ask who is behind it, off the loop."""
    try:
        fd, info = await asyncio.to_thread(_open, path)
    except OSError as error:
        raise from_os_error(error, path) from error
    return HidrawTransport(fd, path), info


def _open(path: str) -> tuple[int, HidrawInfo]:
    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return fd, _ask(fd, path)
    except (OSError, TransportError):
        os.close(fd)
        raise


def _ask(fd: int, path: str) -> HidrawInfo:
    size = int(struct.unpack("I", fcntl.ioctl(fd, HIDIOCGRDESCSIZE, bytes(4)))[0])
    if not 0 < size <= DESCRIPTOR_BYTES:
        raise gone(path, f"a report descriptor of {size} bytes")
    wanted = bytearray(struct.pack("I", size) + bytes(DESCRIPTOR_BYTES))
    fcntl.ioctl(fd, HIDIOCGRDESC, wanted)
    name = fcntl.ioctl(fd, HIDIOCGRAWNAME, bytes(NAME_BYTES))
    bus, vendor, product = struct.unpack("IHH", fcntl.ioctl(fd, HIDIOCGRAWINFO, bytes(8)))
    return HidrawInfo(
        bus, vendor, product, name.split(b"\0")[0].decode(errors="replace"), bytes(wanted[4 : 4 + size])
    )


def find_hidraw(vendor: int, product: int | None = None, system: Path = SYSTEM) -> tuple[Path, ...]:
    """Nodes of the devices with these ids, in the kernel's order; any product where none is named."""
    found = []
    for uevent in sorted(system.glob("hidraw*/device/uevent"), key=lambda path: (len(str(path)), path)):
        ids = _ids(uevent)
        if ids is not None and ids[0] == vendor and product in {None, ids[1]}:
            found.append(Path("/dev") / uevent.parent.parent.name)
    return tuple(found)


def _ids(uevent: Path) -> tuple[int, int] | None:
    """Vendor and product of HID_ID=bus:vendor:product; None for a device that has just gone."""
    try:
        lines = uevent.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("HID_ID="):
            _bus, vendor, product = line.removeprefix("HID_ID=").split(":")
            return int(vendor, 16), int(product, 16)
    return None


def _send_feature(fd: int, data: bytes) -> int:
    taken: int = fcntl.ioctl(fd, hidiocsfeature(len(data)), bytearray(data))
    return taken

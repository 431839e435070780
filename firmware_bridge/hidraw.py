"""A HID device over raw /dev/hidraw: reads watched by the loop, writes in the device's own thread.

May not interpret reports. Reads never block (O_NONBLOCK); a write or a feature report is a USB control
transfer that the kernel waits for, up to 5 s on a wedged device, so it never runs on the loop.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import struct
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path
from typing import Any

from firmware_bridge.descriptors import Arrivals, read_some
from firmware_bridge.inventory import SYSTEM, HidNode, read_node
from firmware_bridge.transport import from_os_error, gone
from firmware_bridge.writer import BlockingWriter, Call, Taken, failed
from state.errors import Blame, ProtocolError, ProtocolReason, TransportError

REPORT_BYTES = 4096
"""HID_MAX_BUFFER_SIZE of older kernels; a report larger than this does not exist on a headset."""

_READ, _WRITE = 2, 1


def ioc(direction: int, number: int, size: int) -> int:
    """An ioctl number of type 'H' as asm-generic/ioctl.h packs it (amd64, arm64, armhf alike)."""
    return direction << 30 | size << 16 | ord("H") << 8 | number


HIDIOCGRAWINFO = ioc(_READ, 0x03, 8)


def hidiocsfeature(size: int) -> int:
    """HIDIOCSFEATURE(size): linux/hidraw.h."""
    return ioc(_READ | _WRITE, 0x06, size)


def hidiocgfeature(size: int) -> int:
    """HIDIOCGFEATURE(size): linux/hidraw.h."""
    return ioc(_READ | _WRITE, 0x07, size)


class HidrawTransport:
    """One open hidraw node; `via` chooses between an output and a feature report."""

    def __init__(self, fd: int, path: str) -> None:
        self._fd: int | None = fd
        self._path = path
        self._arrivals = Arrivals(fd, REPORT_BYTES, path)
        self._writer = BlockingWriter(fd, f"hidraw-write {path}")
        self._writes: dict[str, Call] = {"output": os.write, "feature": send_feature}

    async def read(self) -> bytes:
        """One whole input report."""
        return await read_some(self._descriptor(), REPORT_BYTES, self._path)

    async def listen(self, heard: Callable[[bytes], None]) -> None:
        """Hand every input report to `heard` as it arrives, until the device is gone."""
        self._descriptor()
        await self._arrivals.listen(heard)

    async def write(self, data: bytes, via: str) -> None:
        """Send one whole report; a device that refuses it, or takes only a part, raises ProtocolError."""
        await self.begin(data, via)

    def begin(self, data: bytes, via: str) -> Awaitable[float]:
        """Begin to send one whole report; awaited, the loop's time when the device had it."""
        if self._fd is None:
            return _Begun(failed(errno.ENODEV, "closed"), data, self._path)
        return _Begun(self._writer.begin(self._writes[via], data), data, self._path)

    async def ask(self, question: bytes) -> bytes:
        """The feature report of this id and length as the device has it; empty where it gives none."""
        answer = bytearray(question)

        def get(fd: int, _data: bytes) -> int:
            taken: int = fcntl.ioctl(fd, hidiocgfeature(len(answer)), answer)
            return taken

        self._descriptor()
        try:
            count, _at = await self._writer.begin(get, question)
        except OSError:
            return b""  # what it does not say is not known; a device that is gone fails the next read
        return bytes(answer[:count])

    async def aclose(self) -> None:
        """Close the node; a write that hangs in the kernel is left to end by itself."""
        if self._fd is not None:
            self._fd = None
            self._arrivals.close()
            self._writer.close()

    def _descriptor(self) -> int:
        if self._fd is None:
            raise gone(self._path, "closed")
        return self._fd


class _Begun:
    """A report on its way."""

    def __init__(self, taken: asyncio.Future[Taken], data: bytes, path: str) -> None:
        self._taken = taken
        self._data = data
        self._path = path

    def __await__(self) -> Generator[Any, None, float]:
        """The loop's time when the device had the report; raises what became of it else."""
        try:
            count, at = yield from self._taken
        except BrokenPipeError as error:
            # A USB STALL: the device is there, and does not take this report.
            message = f"{self._path}: refused report {self._data[0]:#04x}"
            raise ProtocolError(Blame.DEVICE, ProtocolReason.NOT_SUPPORTED, message) from error
        except OSError as error:
            raise from_os_error(error, self._path) from error
        if count != len(self._data):
            message = f"{self._path}: took {count} of {len(self._data)} bytes of a report"
            raise ProtocolError(Blame.DEVICE, ProtocolReason.WRONG_LENGTH, message)
        return at


async def open_node(node: HidNode, system: Path = SYSTEM) -> HidrawTransport:
    """Open the node of exactly this device, off the loop; GONE where another one has its name by now."""
    path = str(node.path)
    opening = asyncio.get_running_loop().run_in_executor(None, _open_known, node, system)
    try:
        fd = await asyncio.shield(opening)
    except OSError as error:
        raise from_os_error(error, path) from error
    except asyncio.CancelledError:
        opening.add_done_callback(_close_unwanted)
        raise
    return HidrawTransport(fd, path)


def _close_unwanted(opening: asyncio.Future[int]) -> None:
    """Whoever wanted the node is gone; the thread that opened it is not."""
    if not opening.cancelled() and opening.exception() is None:
        os.close(opening.result())


def _open_known(node: HidNode, system: Path) -> int:
    """The kernel keeps a node's number while it is open: whoever sysfs names now is whom we opened."""
    fd = os.open(node.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        said = raw_info(fd)
        entry = system / "class/hidraw" / node.path.name
        now = read_node(entry, node.path.parent)
        if now != node or said != (node.bus, node.vendor_id, node.product_id):
            raise gone(str(node.path), f"another device than {node.identity} has this node now")
    except (OSError, TransportError):
        os.close(fd)
        raise
    return fd


def raw_info(fd: int) -> tuple[int, int, int]:
    """Bus, vendor and product: struct hidraw_devinfo."""
    bus, vendor, product = struct.unpack("IHH", fcntl.ioctl(fd, HIDIOCGRAWINFO, bytes(8)))
    return int(bus), int(vendor), int(product)


def send_feature(fd: int, data: bytes) -> int:
    """Send one feature report; returns how many bytes were taken. Blocks."""
    taken: int = fcntl.ioctl(fd, hidiocsfeature(len(data)), bytearray(data))
    return taken

"""USB/IP as the device's side speaks it: messages of a byte stream, and the virtual hub that reads them.

May not know what a request means. Layouts: Linux Documentation/usb/usbip_protocol.rst; big endian.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.kernel.kit.server import RefusedError
from tests.kernel.kit.waiting import await_until

HUB = Path("/sys/devices/platform/vhci_hcd.0")
FULL_SPEED = 2
"""enum usb_device_speed, linux/usb/ch9.h."""
PORTS = 8
"""CONFIG_USBIP_VHCI_HC_PORTS of Debian's kernels: so many ports of the USB 2 hub come first."""
DEVICE_ID = 0x1_0002
"""Bus number and device number it would have on a far machine; nobody looks."""

_SUBMIT, _UNLINK, _SUBMITTED, _UNLINKED = 1, 2, 3, 4
_REQUEST = struct.Struct(">10I8s")
_ANSWER = struct.Struct(">5Ii4I8x")
_PACKET_BYTES = 16
_NO_PACKETS = 0xFFFF_FFFF
_IN = 0x80


@dataclass(frozen=True, slots=True)
class Submit:
    """One request block: `address` with bit 7 set is from device to host."""

    sequence: int
    address: int
    length: int
    start_frame: int
    packets: bytes
    """Isochronous packet descriptors; empty on other endpoints."""
    setup: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Unlink:
    """The host gives up on an earlier request."""

    sequence: int
    victim: int


class Decoder:
    """Cuts a byte stream into messages, however it arrives."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, data: bytes) -> Iterator[Submit | Unlink]:
        """Every message that is whole now."""
        self._pending += data
        at = 0
        while (end := self._end(at)) is not None:
            yield self._message(at, end)
            at = end
        self._pending = self._pending[at:]

    def _end(self, at: int) -> int | None:
        """Where the message that begins here ends, when all of it is there."""
        if len(self._pending) - at < _REQUEST.size:
            return None
        command, _sequence, _device, inward, _endpoint, _flags, length, _frame, count, *_ = (
            _REQUEST.unpack_from(self._pending, at)
        )
        if command not in {_SUBMIT, _UNLINK}:
            raise ValueError(f"no USB/IP request: {command:#x}")
        end = at + _REQUEST.size
        if command == _SUBMIT:
            end += (0 if inward else length) + (0 if count == _NO_PACKETS else count * _PACKET_BYTES)
        return end if end <= len(self._pending) else None

    def _message(self, at: int, end: int) -> Submit | Unlink:
        command, sequence, _device, inward, endpoint, first, length, start_frame, _count, _interval, setup = (
            _REQUEST.unpack_from(self._pending, at)
        )
        if command == _UNLINK:
            return Unlink(sequence, first)
        begin = at + _REQUEST.size
        data_end = begin + (0 if inward else length)
        data, packets = self._pending[begin:data_end], self._pending[data_end:end]
        return Submit(sequence, endpoint | (_IN if inward else 0), length, start_frame, packets, setup, data)


def submitted(
    request: Submit, *, status: int = 0, data: bytes = b"", length: int | None = None, packets: bytes = b""
) -> bytes:
    """The answer to a request: what was read, or how much of what was written was taken."""
    taken = len(data) if length is None else length
    count = len(packets) // _PACKET_BYTES
    head = _ANSWER.pack(_SUBMITTED, request.sequence, 0, 0, 0, status, taken, request.start_frame, count, 0)
    return head + data + packets


def unlinked(request: Unlink, *, found: bool) -> bytes:
    """The answer to an unlink: ECONNRESET where the victim was still waiting."""
    return _ANSWER.pack(_UNLINKED, request.sequence, 0, 0, 0, -errno.ECONNRESET if found else 0, 0, 0, 0, 0)


def packet_lengths(packets: bytes) -> list[int]:
    """How much room each isochronous packet has."""
    return [length for _offset, length, _actual, _status in struct.iter_unpack(">4I", packets)]


def filled(packets: bytes, lengths: list[int]) -> bytes:
    """The same packets, all well, with these lengths."""
    offsets = [offset for offset, _length, _actual, _status in struct.iter_unpack(">4I", packets)]
    pairs = zip(offsets, lengths, packet_lengths(packets), strict=True)
    return b"".join(struct.pack(">4I", offset, room, length, 0) for offset, length, room in pairs)


def attach(wanted: int | None) -> tuple[socket.socket, int]:
    """Plug into this port of the hub, or any free one; our end of the cable, and the port."""
    ours, theirs = socket.socketpair()
    with theirs:
        port = await_until(lambda: _attach(theirs, wanted), what="a free port of the virtual hub") - 1
    ours.setblocking(False)
    return ours, port


def _attach(cable: socket.socket, wanted: int | None) -> int | None:
    """One more than the port: port 0 is a port. A port just left is busy for a moment."""
    for port in range(PORTS) if wanted is None else (wanted,):
        try:
            (HUB / "attach").write_text(
                f"{port} {cable.fileno()} {DEVICE_ID + port} {FULL_SPEED}", encoding="ascii"
            )
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise RefusedError(f"the virtual hub refused port {port}: {error.strerror}") from error
            continue
        return port + 1
    return None

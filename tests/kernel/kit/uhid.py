"""A HID device of any descriptor on /dev/uhid, driven by the server of its own process.

May not decide what the headset says. Layouts: linux/uhid.h. An output report written to hidraw has no answer
on this route, so a refusal of it is only told to the test; feature reports are answered.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable

from tests.kernel.kit.headset_side import Fault, HeadsetSide, kit_from, need
from tests.kernel.kit.server import Command, RefusedError, tell

DESTROY, START, STOP, OPEN, CLOSE, OUTPUT, GET_REPORT, GET_REPLY, CREATE, INPUT, SET_REPORT, SET_REPLY = (
    1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14,
)  # fmt: skip
"""enum uhid_event_type; CREATE and INPUT are the second versions."""
EVENT_BYTES = 4380
"""sizeof(struct uhid_event): the type, and the largest member, a descriptor of 4096 bytes with its header."""
DATA_BYTES = 4096
"""UHID_DATA_MAX, HID_MAX_DESCRIPTOR_SIZE."""
BUS_USB = 3
KINDS = {0: "feature", 1: "output", 2: "input"}
"""enum uhid_report_type."""
NOTES = {START: "started", STOP: "stopped", OPEN: "opened", CLOSE: "closed"}


class UhidHeadset:
    """One headset that is plugged and pulled as the test says."""

    def __init__(self, settings: Command) -> None:
        self._kit = kit_from(settings)
        self._serial, self._phys = str(settings["serial"]), str(settings["phys"])
        self._fd = os.open("/dev/uhid", os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        self._side: HeadsetSide | None = None
        self._requests: dict[int, Callable[[bytes, float], None]] = {
            OUTPUT: self._output, SET_REPORT: self._set_report, GET_REPORT: self._get_report,
        }  # fmt: skip

    def sources(self) -> dict[int, Callable[[float], None]]:
        """The one descriptor."""
        return {self._fd: self._read}

    def perform(self, command: Command, at: float) -> Command:
        """Plug, unplug, or something at the headset."""
        if command["do"] == "plug":
            return self._plug()
        side = need(self._side)
        if command["do"] == "unplug":
            self._side = None
            os.write(self._fd, struct.pack("<I", DESTROY))
            return {}
        if command["do"] == "fault" and command["fault"] == Fault.SHORT:
            raise RefusedError("the kernel's uhid cannot tell a short write; use a USB headset")
        answer = side.perform(command, at)
        if answer is None:
            raise RefusedError(f"a uhid headset cannot {command['do']}")
        return answer

    def advance(self, at: float) -> None:
        """Let time pass in the headset."""
        if self._side is not None:
            self._side.advance(at)

    def next_deadline(self) -> float | None:
        """The headset's."""
        return None if self._side is None else self._side.next_deadline()

    def close(self) -> None:
        """The kernel removes the device with the descriptor."""
        os.close(self._fd)

    def _plug(self) -> Command:
        if self._side is not None:
            raise RefusedError("plugged in already")
        self._side = HeadsetSide(self._kit, self._send, tell)
        kit, descriptor = self._kit, self._kit.descriptor
        event = struct.pack(
            "<I128s64s64sHHIIII", CREATE, kit.name.encode(), self._phys.encode(), self._serial.encode(),
            len(descriptor), BUS_USB, kit.vendor_id, kit.product_id, 0x0100, 0,
        )  # fmt: skip
        os.write(self._fd, event + descriptor)
        return {}

    def _send(self, report: bytes) -> None:
        os.write(self._fd, struct.pack("<IH", INPUT, len(report)) + report)

    def _read(self, at: float) -> None:
        event = os.read(self._fd, EVENT_BYTES)
        (kind,) = struct.unpack_from("<I", event)
        if kind in NOTES:
            tell(NOTES[kind], at=at)
        elif kind in self._requests and self._side is not None:
            self._requests[kind](event, at)

    def _output(self, event: bytes, at: float) -> None:
        size, kind = struct.unpack_from("<HB", event, 4 + DATA_BYTES)
        need(self._side).take(event[4 : 4 + size], KINDS[kind], at)

    def _set_report(self, event: bytes, at: float) -> None:
        request, _report_id, kind, size = struct.unpack_from("<IBBH", event, 4)
        outcome = need(self._side).take(event[12 : 12 + size], KINDS[kind], at)
        if outcome is not Fault.HANG:
            refused = 0 if outcome is Fault.NONE else errno.EIO
            os.write(self._fd, struct.pack("<IIH", SET_REPLY, request, refused))

    def _get_report(self, event: bytes, at: float) -> None:
        request, report_id, kind = struct.unpack_from("<IBB", event, 4)
        data = need(self._side).present(KINDS[kind], report_id)
        tell("asked", via=KINDS[kind], report_id=report_id, at=at)
        refused = 0 if data is not None else errno.EIO
        os.write(
            self._fd, struct.pack("<IIHH", GET_REPLY, request, refused, len(data or b"")) + (data or b"")
        )

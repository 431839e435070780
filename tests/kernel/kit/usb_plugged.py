"""One composite headset from plug to unplug: what its endpoints answer to the host.

May not decide when it is plugged, nor what headset and phone say: those are the shipped simulated ones.
"""

from __future__ import annotations

import contextlib
import errno
from collections import deque

from devices.hid.descriptor import parse_descriptor
from devices.simulated.phone import SimulatedPhone
from state.engine import Step
from tests.kernel.kit.headset_side import Fault, HeadsetSide, kit_from
from tests.kernel.kit.server import Command, tell
from tests.kernel.kit.usb_control import Control, Setup
from tests.kernel.kit.usb_descriptors import (
    HID_IN,
    HID_OUT,
    MICROPHONE,
    SERIAL_IN,
    SERIAL_OUT,
    SPEAKER,
    Composite,
    Identity,
)
from tests.kernel.kit.usb_sound import Sound
from tests.kernel.kit.usbip import Decoder, Submit, Unlink, attach, submitted, unlinked

HID_SET_REPORT, HID_GET_REPORT = (0x21, 0x09), (0xA1, 0x01)
"""bmRequestType and bRequest, HID 1.11 chapter 7.2."""
REPORT_KINDS = {1: "input", 2: "output", 3: "feature"}


class Plugged:
    """One headset from plug to unplug: requests of the host in, answers out."""

    def __init__(self, settings: Command, made: Composite, port: int | None) -> None:
        kit = kit_from(settings)
        self.control = Control(
            Identity(kit.vendor_id, kit.product_id, kit.name, settings["serial"]), made, kit.descriptor
        )
        self.side = HeadsetSide(kit, self._send_report, tell)
        self.sound = Sound(self.control)
        self.phone = SimulatedPhone() if settings["phone"] else None
        self._numbered = parse_descriptor(kit.descriptor).numbered
        self._decoder = Decoder()
        self._answers = bytearray()
        self._out: dict[int, deque[bytes]] = {HID_IN: deque(), SERIAL_IN: deque()}
        self._waiting: dict[int, Submit] = {}
        self.cable, self.port = attach(port)

    def read(self, at: float) -> bool:
        """Requests of the host; false when it has let the device go."""
        try:
            data = self.cable.recv(1 << 18)
        except ConnectionError:
            return False
        for message in self._decoder.feed(data):
            if isinstance(message, Unlink):
                self._unlink(message)
            else:
                self._submit(message, at)
        self._flush()
        return bool(data)

    def advance(self, at: float) -> None:
        """Let time pass in headset, sound and phone."""
        self.side.advance(at)
        for answer in self.sound.advance(at):
            self._answers += answer
        if self.phone is not None:
            self.say_step(self.phone.advance(at))
        self._flush()

    def next_deadline(self) -> float | None:
        """The first of theirs."""
        phone = None if self.phone is None else self.phone.next_deadline()
        times = (self.side.next_deadline(), self.sound.next_deadline(), phone)
        return min((time for time in times if time is not None), default=None)

    def say_step(self, step: Step) -> None:
        """What the phone says comes out of the serial port."""
        for write in step.writes:
            self.say(write.data)

    def say(self, data: bytes) -> None:
        """Bytes out of the serial port, in packets; nobody hears them while it is not open."""
        if data and self.control.terminal_ready:
            tell("said", hex=data.hex())
            self._give(SERIAL_IN, data)

    def _submit(self, request: Submit, at: float) -> None:
        if request.address & 0x7F == 0:
            self._control(request, at)
        elif request.address in {SPEAKER, MICROPHONE}:
            self.sound.submit(request, at)
        elif request.address == HID_OUT:
            report = request.data if self._numbered else b"\0" + request.data
            self._took(request, self.side.take(report, "output", at))
        elif request.address == SERIAL_OUT:
            self._heard(request.data, at)
            self._took(request, Fault.NONE)
        else:
            self._waiting[request.sequence] = request
            self._match(request.address)

    def _control(self, request: Submit, at: float) -> None:
        setup = Setup.of(request.setup)
        hid = setup.index == self.control.composite.hid_interface
        if hid and (setup.kind, setup.request) == HID_SET_REPORT:
            report = request.data if self._numbered else b"\0" + request.data
            self._took(request, self.side.take(report, REPORT_KINDS[setup.value >> 8], at))
            return
        if hid and (setup.kind, setup.request) == HID_GET_REPORT:
            kind, report_id = REPORT_KINDS[setup.value >> 8], setup.value & 0xFF
            tell("asked", via=kind, report_id=report_id, at=at)
            present = self.side.present(kind, report_id)
            answer = present if present is None or self._numbered else present[1:]
        else:
            open_before = self.control.terminal_ready
            answer = self.control.answer(setup, request.data)
            self._notice_terminal(open_before)
        if answer is None:
            self._answers += submitted(request, status=-errno.EPIPE)
        elif setup.kind & 0x80:
            self._answers += submitted(request, data=answer[: setup.length])
        else:
            self._answers += submitted(request, length=request.length)

    def _took(self, request: Submit, outcome: Fault) -> None:
        """Answer a write; one that hangs is kept until the host gives up."""
        if outcome is Fault.HANG:
            self._waiting[request.sequence] = request
        elif outcome is Fault.STALL:
            self._answers += submitted(request, status=-errno.EPIPE)
        else:
            taken = request.length - (1 if outcome is Fault.SHORT else 0)
            self._answers += submitted(request, length=taken)

    def _notice_terminal(self, open_before: bool) -> None:
        if open_before == self.control.terminal_ready:
            return
        tell("terminal", open=self.control.terminal_ready)
        if open_before:
            self._out[SERIAL_IN].clear()
            if self.phone is not None:
                self.phone.host_gone()

    def _heard(self, data: bytes, at: float) -> None:
        tell("serial", hex=data.hex(), at=at)
        if self.phone is not None:
            self.say_step(self.phone.feed(data, at))

    def _unlink(self, request: Unlink) -> None:
        found = self._waiting.pop(request.victim, None) is not None or self.sound.forget(request.victim)
        self._answers += unlinked(request, found=found)

    def _send_report(self, report: bytes) -> None:
        self._give(HID_IN, report)

    def _give(self, address: int, data: bytes) -> None:
        self._out[address].append(data)
        self._match(address)
        self._flush()

    def _match(self, address: int) -> None:
        """Bring together what the device has to say and who asks for it."""
        queue = self._out.get(address)
        asking = [request for request in self._waiting.values() if request.address == address]
        for request in asking:
            if not queue:
                return
            data = queue.popleft()
            if len(data) > request.length:
                queue.appendleft(data[request.length :])
            del self._waiting[request.sequence]
            self._answers += submitted(request, data=data[: request.length])

    def _flush(self) -> None:
        """The kernel reads its end all the time; when it has let go there is nobody to tell."""
        answers = bytes(self._answers)
        self._answers.clear()
        with contextlib.suppress(ConnectionError):
            self.cable.setblocking(True)
            self.cable.sendall(answers)
            self.cable.setblocking(False)

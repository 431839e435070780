"""What the composite headset answers on its control pipe, HID reports left to others.

May not keep time or move data of other endpoints. A request is a row of a table; what is in none is stalled.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.kernel.kit.usb_descriptors import (
    CONFIGURATION,
    DEVICE,
    HID_REPORT,
    MICROPHONE_UNIT,
    RATES,
    SPEAKER_UNIT,
    STRING,
    Composite,
    Identity,
    device,
    string,
)

VOLUME_LOWEST, VOLUME_HIGHEST, VOLUME_STEP = -0x2000, 0, 0x100
"""In 1/256 dB (Audio Device Class 1.0, 5.2.2.4.3.2): 32 dB in steps of 1."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A setup packet."""

    kind: int
    request: int
    value: int
    index: int
    length: int

    @classmethod
    def of(cls, packet: bytes) -> Setup:
        """The eight bytes as the standard has them (USB 2.0, 9.3)."""
        return cls(*struct.unpack("<BBHHH", packet))


@dataclass
class Control:
    """The device's settings, as the host's drivers set them."""

    identity: Identity
    composite: Composite
    report_descriptor: bytes
    rates: dict[int, int] = field(
        default_factory=lambda: {endpoint: rates[0] for endpoint, rates in RATES.items()}
    )
    """Endpoint address: samples a second."""
    alternates: dict[int, int] = field(default_factory=dict)
    """Interface: its setting; a sound stream runs in setting 1."""
    terminal_ready: bool = False
    """DTR: somebody has the serial port open."""
    _units: dict[tuple[int, int], bytes] = field(default_factory=dict)
    _line: bytes = struct.pack("<IBBB", 115200, 0, 0, 8)

    def answer(self, setup: Setup, data: bytes) -> bytes | None:
        """What to send, empty for a mere acknowledgement; None stalls."""
        handler = _HANDLERS.get((setup.kind, setup.request))
        return None if handler is None else handler(self, setup, data)

    def _describe(self, setup: Setup, _data: bytes) -> bytes | None:
        kind, index = setup.value >> 8, setup.value & 0xFF
        known = {
            DEVICE: device(self.identity),
            CONFIGURATION: self.composite.configuration,
            HID_REPORT: self.report_descriptor,
        }
        return string(self.identity, index) if kind == STRING else known.get(kind)

    def _accept(self, _setup: Setup, _data: bytes) -> bytes:
        return b""

    def _status(self, _setup: Setup, _data: bytes) -> bytes:
        return bytes(2)

    def _set_interface(self, setup: Setup, _data: bytes) -> bytes:
        self.alternates[setup.index] = setup.value
        return b""

    def _get_interface(self, setup: Setup, _data: bytes) -> bytes:
        return bytes((self.alternates.get(setup.index, 0),))

    def _set_rate(self, setup: Setup, data: bytes) -> bytes | None:
        rate = int.from_bytes(data[:3], "little")
        if rate not in RATES.get(setup.index & 0xFF, ()):
            return None
        self.rates[setup.index & 0xFF] = rate
        return b""

    def _get_rate(self, setup: Setup, _data: bytes) -> bytes | None:
        rate = self.rates.get(setup.index & 0xFF)
        return None if rate is None else struct.pack("<I", rate)[:3]

    def _set_unit(self, setup: Setup, data: bytes) -> bytes | None:
        if setup.index >> 8 not in {SPEAKER_UNIT, MICROPHONE_UNIT}:
            return None
        self._units[setup.index >> 8, setup.value >> 8] = data
        return b""

    def _get_unit(self, setup: Setup, _data: bytes) -> bytes | None:
        unit, control = setup.index >> 8, setup.value >> 8
        if unit not in {SPEAKER_UNIT, MICROPHONE_UNIT}:
            return None
        return self._units.get((unit, control), bytes(1 if control == 1 else 2))

    def _set_line(self, _setup: Setup, data: bytes) -> bytes:
        self._line = data
        return b""

    def _get_line(self, _setup: Setup, _data: bytes) -> bytes:
        return self._line

    def _set_terminal(self, setup: Setup, _data: bytes) -> bytes:
        self.terminal_ready = bool(setup.value & 1)
        return b""


def _volume(level: int) -> Callable[[Control, Setup, bytes], bytes]:
    return lambda _control, _setup, _data: struct.pack("<h", level)


_HANDLERS: dict[tuple[int, int], Callable[[Control, Setup, bytes], bytes | None]] = {
    # standard: descriptors, SET_CONFIGURATION, CLEAR_FEATURE of an endpoint, statuses, interface settings
    (0x80, 6): Control._describe,
    (0x81, 6): Control._describe,
    (0x00, 9): Control._accept,
    (0x02, 1): Control._accept,
    (0x80, 0): Control._status,
    (0x81, 0): Control._status,
    (0x82, 0): Control._status,
    (0x01, 11): Control._set_interface,
    (0x81, 10): Control._get_interface,
    # sound: SET_CUR, GET_CUR of an endpoint's rate; SET_CUR, GET_CUR, GET_MIN, GET_MAX, GET_RES of a unit
    (0x22, 1): Control._set_rate,
    (0xA2, 0x81): Control._get_rate,
    (0x21, 1): Control._set_unit,
    (0xA1, 0x81): Control._get_unit,
    (0xA1, 0x82): _volume(VOLUME_LOWEST),
    (0xA1, 0x83): _volume(VOLUME_HIGHEST),
    (0xA1, 0x84): _volume(VOLUME_STEP),
    # HID: SET_IDLE, SET_PROTOCOL
    (0x21, 0x0A): Control._accept,
    (0x21, 0x0B): Control._accept,
    # CDC: SET_LINE_CODING, GET_LINE_CODING, SET_CONTROL_LINE_STATE, SEND_BREAK
    (0x21, 0x20): Control._set_line,
    (0xA1, 0x21): Control._get_line,
    (0x21, 0x22): Control._set_terminal,
    (0x21, 0x23): Control._accept,
}
"""bmRequestType and bRequest."""

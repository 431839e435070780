"""Descriptors of the composite USB headset: UAC1 speaker and microphone, HID, CDC-ACM.

May not answer a request. Sources: USB 2.0 chapter 9, Audio Device Class 1.0, HID 1.11, CDC 1.1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

SPEAKER, MICROPHONE, HID_IN, HID_OUT, NOTIFY_IN, SERIAL_IN, SERIAL_OUT = (
    0x01,
    0x82,
    0x83,
    0x03,
    0x84,
    0x85,
    0x05,
)
"""Endpoint addresses."""
RATES = {SPEAKER: (48000, 16000), MICROPHONE: (16000, 48000)}
CHANNELS = {SPEAKER: 2, MICROPHONE: 1}
SAMPLE_BYTES = 2
SPEAKER_UNIT, MICROPHONE_UNIT = 2, 5
"""Feature units: mute and volume."""

DEVICE, CONFIGURATION, STRING, HID_REPORT = 1, 2, 3, 0x22
_INTERFACE, _ENDPOINT, _ASSOCIATION, _CLASS_INTERFACE, _CLASS_ENDPOINT, _HID = 4, 5, 11, 0x24, 0x25, 0x21
_ISO_ADAPTIVE, _ISO_ASYNCHRONOUS, _BULK, _INTERRUPT = 9, 5, 2, 3
_PCM, _USB_STREAM, _HEADSET = 1, 0x0101, 0x0402


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the device says it is."""

    vendor_id: int
    product_id: int
    product: str
    serial: str
    release: int = 0x0300
    """bcdDevice; some drivers refuse early firmware by it."""
    maker: str = "Callseat Lab"


@dataclass(frozen=True, slots=True)
class Composite:
    """One configuration: its bytes, and which interface is HID."""

    configuration: bytes
    hid_interface: int


def device(identity: Identity) -> bytes:
    """The device descriptor: a composite with interface associations."""
    ids = _words(identity.vendor_id, identity.product_id, identity.release)
    return _descriptor(DEVICE, _words(0x0200), 0xEF, 2, 1, 64, ids, 1, 2, 3, 1)


def string(identity: Identity, index: int) -> bytes | None:
    """A string descriptor; None where there is none."""
    if index == 0:
        return _descriptor(STRING, _words(0x0409))
    texts = {1: identity.maker, 2: identity.product, 3: identity.serial}
    return _descriptor(STRING, texts[index].encode("utf-16-le")) if index in texts else None


def composite(parts: Iterable[str], report_descriptor: bytes, *, interrupt_out: bool) -> Composite:
    """The configuration with these parts: any of audio, hid, serial."""
    wanted = set(parts)
    if not wanted or wanted - {"audio", "hid", "serial"}:
        raise ValueError(f"parts are audio, hid and serial, not {sorted(wanted)}")
    body, count = b"", 0
    if "audio" in wanted:
        body, count = _audio(), 3
    hid_interface = count
    if "hid" in wanted:
        body += _hid(count, len(report_descriptor), interrupt_out=interrupt_out)
        count += 1
    if "serial" in wanted:
        body += _serial(count)
        count += 2
    head = _descriptor(CONFIGURATION, _words(9 + len(body)), count, 1, 0, 0x80, 50)
    return Composite(head + body, hid_interface)


def _audio() -> bytes:
    """USB stream to headset, headset microphone to USB stream, each through mute and volume."""
    speaker = _descriptor(_CLASS_INTERFACE, 2, 1, _words(_USB_STREAM), 0, CHANNELS[SPEAKER], _words(3), 0, 0)
    speaker += _descriptor(_CLASS_INTERFACE, 6, SPEAKER_UNIT, 1, 1, 3, 0, 0, 0)
    speaker += _descriptor(_CLASS_INTERFACE, 3, 3, _words(_HEADSET), 0, SPEAKER_UNIT, 0)
    microphone = _descriptor(
        _CLASS_INTERFACE, 2, 4, _words(_HEADSET), 0, CHANNELS[MICROPHONE], _words(0), 0, 0
    )
    microphone += _descriptor(_CLASS_INTERFACE, 6, MICROPHONE_UNIT, 4, 1, 3, 0, 0)
    microphone += _descriptor(_CLASS_INTERFACE, 3, 6, _words(_USB_STREAM), 0, MICROPHONE_UNIT, 0)
    units = speaker + microphone
    head = _descriptor(_ASSOCIATION, 0, 3, 1, 1, 0, 0) + _descriptor(_INTERFACE, 0, 0, 0, 1, 1, 0, 0)
    head += _descriptor(_CLASS_INTERFACE, 1, _words(0x0100, len(units) + 10), 2, 1, 2)
    return head + units + _stream(1, 1, SPEAKER, _ISO_ADAPTIVE) + _stream(2, 6, MICROPHONE, _ISO_ASYNCHRONOUS)


def _stream(interface: int, terminal: int, endpoint: int, transfer: int) -> bytes:
    """A streaming interface: no endpoint at rest, one isochronous one when it runs."""
    rates = b"".join(struct.pack("<I", rate)[:3] for rate in RATES[endpoint])
    packet_bytes = max(RATES[endpoint]) // 1000 * SAMPLE_BYTES * CHANNELS[endpoint]
    return (
        _descriptor(_INTERFACE, interface, 0, 0, 1, 2, 0, 0)
        + _descriptor(_INTERFACE, interface, 1, 1, 1, 2, 0, 0)
        + _descriptor(_CLASS_INTERFACE, 1, terminal, 1, _words(_PCM))
        + _descriptor(
            _CLASS_INTERFACE, 2, 1, CHANNELS[endpoint], SAMPLE_BYTES, 16, len(RATES[endpoint]), rates
        )
        + _descriptor(_ENDPOINT, endpoint, transfer, _words(packet_bytes), 1, 0, 0)
        + _descriptor(_CLASS_ENDPOINT, 1, 1, 0, _words(0))
    )


def _hid(interface: int, report_descriptor_bytes: int, *, interrupt_out: bool) -> bytes:
    endpoints = (HID_IN, HID_OUT) if interrupt_out else (HID_IN,)
    head = _descriptor(_INTERFACE, interface, 0, len(endpoints), 3, 0, 0, 0)
    head += _descriptor(_HID, _words(0x0111), 0, 1, HID_REPORT, _words(report_descriptor_bytes))
    # Interval 4 ms, packets of the full-speed maximum.
    return head + b"".join(
        _descriptor(_ENDPOINT, endpoint, _INTERRUPT, _words(64), 4) for endpoint in endpoints
    )


def _serial(interface: int) -> bytes:
    data = interface + 1
    return (
        _descriptor(_ASSOCIATION, interface, 2, 2, 2, 1, 0)
        + _descriptor(_INTERFACE, interface, 0, 1, 2, 2, 1, 0)
        + _descriptor(_CLASS_INTERFACE, 0, _words(0x0110))
        + _descriptor(_CLASS_INTERFACE, 1, 0, data)
        + _descriptor(_CLASS_INTERFACE, 2, 2)
        + _descriptor(_CLASS_INTERFACE, 6, interface, data)
        + _descriptor(_ENDPOINT, NOTIFY_IN, _INTERRUPT, _words(8), 16)
        + _descriptor(_INTERFACE, data, 0, 2, 10, 0, 0, 0)
        + _descriptor(_ENDPOINT, SERIAL_IN, _BULK, _words(64), 0)
        + _descriptor(_ENDPOINT, SERIAL_OUT, _BULK, _words(64), 0)
    )


def _words(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}H", *values)


def _descriptor(*parts: int | bytes) -> bytes:
    """Length byte first, computed."""
    body = b"".join(part if isinstance(part, bytes) else bytes((part,)) for part in parts)
    return bytes((len(body) + 1,)) + body

"""A busy light over hidraw: the library `busylight-core` makes its reports, this file opens and writes.

May not open a device that is not in BUSY_LIGHTS, whatever its vendor, nor one with a telephony page. Every
call may block: they belong into one thread, off the loop. The library's own ways are not used, because

- its hidapi loads libusb, which takes a device away from the kernel: the headset's driver with it;
- its search lists every HID device and serial port of the seat, and opens what it believes to know;
- its keepalive writes from timer threads of its own, and leaves an event loop unclosed per light.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

from devices.hid.descriptor import parse_descriptor
from devices.hid.fields import ReportKind
from devices.hid.usages import TELEPHONY
from devices.models.busy_lights import BUSY_LIGHTS
from firmware_bridge.hidraw import raw_info, send_feature
from firmware_bridge.inventory import SYSTEM, USB_BUS, HidNode, list_hid_nodes
from firmware_bridge.transport import from_os_error, gone
from state.busy import Colour
from state.errors import ConfigError, ProtocolError

RGB: dict[Colour, tuple[int, int, int]] = {
    Colour.OFF: (0, 0, 0),
    Colour.GREEN: (0, 255, 0),
    Colour.BLUE: (0, 0, 255),
    Colour.RED: (255, 0, 0),
    Colour.YELLOW: (255, 200, 0),
    Colour.ORANGE: (255, 80, 0),
}
"""LEDs are brighter in green than in red: equal parts of both look green (ours, to be seen across a room)."""
MISSING = (
    "[busy_light] backend: `library` needs the Python package busylight-core, which is not installed; "
    "install callseat with its extra: callseat[busylight]"
)


class BusyLight(Protocol):
    """An open light; a method raises TransportError when the light is gone or refuses."""

    @property
    def name(self) -> str:
        """Which light it is, for a person."""
        ...

    def show(self, colour: Colour) -> None:
        """Light up in this colour, and stay so for at least 15 s without being told again."""
        ...

    def close(self) -> None:
        """Let it go as it is."""
        ...


FindLight = Callable[[], BusyLight | None]
"""Opens the seat's light; None where none is plugged in. Blocks."""


def find_busy_light(
    list_nodes: Callable[[], tuple[HidNode, ...]] = list_hid_nodes, system: Path = SYSTEM
) -> BusyLight | None:
    """Open the first light that is plugged in; ConfigError where the library is missing or too old for it."""
    library = _library()
    for node in sorted(list_nodes(), key=lambda each: (each.place, each.interface)):
        if is_busy_light(node):
            return _open(node, library, system)
    return None


def is_busy_light(node: HidNode) -> bool:
    """Whether this node may be opened at all: a known light, and nothing of a telephone in it."""
    if node.bus != USB_BUS or (node.vendor_id, node.product_id) not in BUSY_LIGHTS:
        return False
    try:
        fields = parse_descriptor(node.descriptor).fields
    except ProtocolError:
        return False
    pages = {usages.first >> 16 for field in fields for usages in field.usages}
    pages |= {around.usage >> 16 for field in fields for around in field.path}
    return TELEPHONY not in pages and any(field.kind is not ReportKind.INPUT for field in fields)


def _open(node: HidNode, library: Any, system: Path) -> BusyLight:
    """Open this light; TransportError where it is gone, somebody else's by now, or may not be opened."""
    with ExitStack() as undone:
        handle = _Handle(node)
        undone.callback(handle.close)
        light = _light_of(library, node, handle, _release(node, system))
        undone.pop_all()
    return _LibraryLight(node, light, handle, library)


class _Handle:
    """The open node, in the shape the library expects of hidapi's device: methods of these names."""

    def __init__(self, node: HidNode) -> None:
        self._path = str(node.path)
        with ExitStack() as undone:
            try:
                self._fd = os.open(node.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
                undone.callback(os.close, self._fd)
                said = raw_info(self._fd)
            except OSError as error:
                raise from_os_error(error, self._path) from error
            if said != (node.bus, node.vendor_id, node.product_id):
                raise gone(self._path, f"another device than {node.identity} has this node now")
            undone.pop_all()

    def write(self, data: bytes) -> int:
        return os.write(self._fd, data)

    def send_feature_report(self, data: bytes) -> int:
        return send_feature(self._fd, data)

    def close(self) -> None:
        os.close(self._fd)


class _LibraryLight:
    """A light of the library, driven from the calling thread alone."""

    def __init__(self, node: HidNode, light: Any, handle: _Handle, library: Any) -> None:
        self.name = f"{BUSY_LIGHTS[node.vendor_id, node.product_id]} ({node.path})"
        self._light = light
        self._handle = handle
        self._unavailable = library.LightUnavailableError

    def show(self, colour: Colour) -> None:
        try:
            if colour is Colour.OFF:
                self._light.off()
            else:
                self._light.on(RGB[colour])
        except (self._unavailable, OSError) as error:
            raise gone(self.name, "it took no report: pulled out, or another program has it") from error

    def close(self) -> None:
        self._handle.close()


def _library() -> Any:
    """The library, without libusb."""
    try:
        import hidraw

        # Its `import hid` would load libusb, which starts a thread and opens a netlink socket by itself. Ours
        # stands in: nobody calls either, since every light is given our own handle.
        sys.modules.setdefault("hid", hidraw)
        import busylight_core
    except ImportError:
        raise ConfigError(MISSING) from None
    return busylight_core


def _light_of(library: Any, node: HidNode, handle: _Handle, release: int) -> Any:
    from busylight_core.hardware import ConnectionType

    hardware = library.Hardware(
        device_type=ConnectionType.HID,
        path=str(node.path).encode(),
        vendor_id=node.vendor_id,
        product_id=node.product_id,
        serial_number=node.serial,
        manufacturer_string=node.name,
        product_string=node.name or "unknown",
        release_number=release,
        is_acquired=True,
    )
    hardware.handle = handle
    kind = next((each for each in library.Light.subclasses() if each.claims(hardware)), None)
    if kind is None:
        known = f"{node.vendor_id:04x}:{node.product_id:04x} {node.name}"
        raise ConfigError(f"[busy_light] {node.path}: busylight-core does not know {known}; update it")
    light = kind(hardware, reset=False, exclusive=True)
    # What it wants repeated is done once, here: a light is shown anew before that would be due.
    light.task_strategy = lambda _name, task, _interval: task(light)
    return light


def _release(node: HidNode, system: Path) -> int:
    """The device's own version (bcdDevice), which tells variants with the same ids apart; 0: not said."""
    try:
        device = (system / "class/hidraw" / node.path.name / "device").resolve(strict=True)
        return int((device.parent.parent / "bcdDevice").read_text(encoding="ascii"), 16)
    except (OSError, ValueError):
        return 0

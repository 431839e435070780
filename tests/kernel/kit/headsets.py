"""What a test plugs in: a headset on uhid, and a USB headset with sound card and serial port.

May not hold a device's behaviour: each runs in its own process, its brain is the shipped simulated headset.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from devices.simulated.headset_models import HEADSETS, HeadsetKit
from state.words import Button
from tests.kernel.kit.client import Event, VirtualDevice
from tests.kernel.kit.headset_side import Fault
from tests.kernel.kit.nodes import card_of, hidraw_of, known_to_udev, terminal_of
from tests.kernel.kit.waiting import TIMEOUT_S, await_until

DEFAULT_KIT = HEADSETS["jabra_evolve_link"]


class _Headset(VirtualDevice):
    """What both kinds can do."""

    def __init__(self, device: str, kit: HeadsetKit, serial: str, **settings: object) -> None:
        self.kit = kit
        self.serial = serial
        identity = {
            "name": kit.name, "vendor_id": kit.vendor_id, "product_id": kit.product_id,
            "descriptor": kit.descriptor.hex(), "serial": serial,
        }  # fmt: skip
        super().__init__(device, identity | settings)

    def unplug(self) -> None:
        """Pull it out; its nodes go a little later."""
        self.ask("unplug")

    def close(self) -> None:
        """Pull it out for good, and wait until it is gone: the next one may have the same serial."""
        super().close()
        self.await_gone()

    def press_hook(self) -> Event:
        """Press the call key; the events `sent` before the answer say what went out and when."""
        return self.ask("press_hook")

    def press_mute(self) -> Event:
        """Press the mute key."""
        return self.ask("press_mute")

    def set_boom(self, *, up: bool) -> Event:
        """Move the boom arm."""
        return self.ask("set_boom", up=up)

    def press(self, button: Button, *, long: bool = False) -> Event:
        """Press another key."""
        return self.ask("press", button=button.value, long=long)

    def press_digit(self, digit: str) -> Event:
        """Press a key of the dial pad."""
        return self.ask("press_digit", digit=digit)

    def send(self, report: bytes) -> Event:
        """Send any bytes as an input report."""
        return self.ask("send", hex=report.hex())

    def fault(self, fault: Fault) -> None:
        """What it does with every report the host writes from now on."""
        self.ask("fault", fault=fault.value)

    @property
    def state(self) -> dict[str, Any]:
        """Its `lamps`, whether it believes to be `off_hook` and `muted`, its `display` and `screen`."""
        return self.ask("state").data

    @property
    def reports(self) -> tuple[Event, ...]:
        """Every output and feature report it received, whatever it did with it."""
        return tuple(event for event in self.events if event.said == "report")

    def await_report(self, report: bytes, via: str = "output", timeout_s: float = TIMEOUT_S) -> Event:
        """The first report with these bytes, id first."""
        return self.await_event("report", timeout_s=timeout_s, hex=report.hex(), via=via)

    def await_hidraw(self) -> Path:
        """Its hidraw node, once udev has finished with it."""
        return await_until(lambda: _ready(hidraw_of(self.serial)), what=f"hidraw of {self.serial}")

    def await_gone(self) -> None:
        """Until none of its nodes is left."""
        finders = (hidraw_of, card_of, terminal_of)
        await_until(lambda: not any(find(self.serial) for find in finders), what=f"{self.serial} to be gone")


class VirtualHeadset(_Headset):
    """A headset on uhid: hidraw and evdev, no USB parent; it can refuse feature reports only."""

    def __init__(
        self, kit: HeadsetKit = DEFAULT_KIT, serial: str = "LAB0001", phys: str = "lab/uhid0"
    ) -> None:
        super().__init__("uhid", kit, serial, phys=phys)

    def plug(self) -> None:
        """Plug it in, once nothing is left of the last time; a replugged one has forgotten everything."""
        self.await_gone()
        self.ask("plug")


class VirtualUsbHeadset(_Headset):
    """A USB headset: hidraw and evdev, a sound card, and a serial port with or without a phone behind it.

    `parts` are any of "audio", "hid", "serial". `interrupt_out` gives HID its own endpoint for output
    reports; without it they go through the control pipe, as on most headsets.
    """

    def __init__(
        self,
        kit: HeadsetKit = DEFAULT_KIT,
        serial: str = "LAB0001",
        *,
        parts: Iterable[str] = ("audio", "hid", "serial"),
        interrupt_out: bool = False,
        phone: bool = False,
    ) -> None:
        wanted = {"parts": list(parts), "interrupt_out": interrupt_out, "phone": phone}
        super().__init__("usb", kit, serial, **wanted)

    def plug(self, port: int | None = None) -> int:
        """Plug it into this port of the virtual hub, or any free one, once nothing is left; the port."""
        self.await_gone()
        plugged_into: int = self.ask("plug", port=port).data["port"]
        return plugged_into

    def stall_audio(self, *, stalled: bool) -> None:
        """Stop completing sound packets, or go on: a card that is there and dead."""
        self.ask("stall_audio", stalled=stalled)

    def set_microphone(self, *, tone: bool) -> None:
        """A tone of 1 kHz, or digital silence."""
        self.ask("set_microphone", tone=tone)

    @property
    def sound(self) -> dict[str, int]:
        """microphone_packets, speaker_packets, speaker_bytes, speaker_loud_packets so far."""
        return self.ask("sound").data

    def say(self, data: bytes) -> None:
        """Send bytes out of the serial port, past any phone."""
        self.ask("say", hex=data.hex())

    def ring_in(self, number: str) -> None:
        """Somebody calls the phone on the serial port."""
        self.ask("ring_in", phone_number=number)

    def far_answer(self) -> None:
        """The called party picks up."""
        self.ask("far_answer")

    def far_busy(self) -> None:
        """The called party is busy."""
        self.ask("far_busy")

    def far_hang_up(self) -> None:
        """The far party hangs up."""
        self.ask("far_hang_up")

    def await_card(self) -> str:
        """Its sound card (cardN), once udev has finished with its control node."""

        def found() -> str | None:
            card = card_of(self.serial)
            return (
                card
                if card and known_to_udev(Path(f"/dev/snd/controlC{card.removeprefix('card')}"))
                else None
            )

        return await_until(found, what=f"sound card of {self.serial}")

    def await_terminal(self) -> Path:
        """Its serial port, once udev has finished with it."""
        return await_until(lambda: _ready(terminal_of(self.serial)), what=f"serial port of {self.serial}")


def _ready(node: Path | None) -> Path | None:
    return node if node is not None and known_to_udev(node) else None

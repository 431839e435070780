"""The composite USB headset, driven by the server of its own process.

HID, sound card and serial port, which the stock kernel's own drivers see through its virtual hub. May not run
in the process that measures.
"""

from __future__ import annotations

from collections.abc import Callable

from devices.simulated.phone import SimulatedPhone
from state.engine import Step
from tests.kernel.kit.server import Command, RefusedError, tell
from tests.kernel.kit.usb_descriptors import composite
from tests.kernel.kit.usb_plugged import Plugged

_CALLS: dict[str, Callable[[SimulatedPhone, Command, float], Step]] = {
    "ring_in": lambda phone, command, at: phone.ring_in(command["phone_number"], at),
    "far_answer": lambda phone, _, at: phone.far_answer(at),
    "far_busy": lambda phone, _, at: phone.far_busy(at),
    "far_hang_up": lambda phone, _, at: phone.far_hang_up(at),
}


class UsbHeadset:
    """One headset that is plugged and pulled as the test says."""

    def __init__(self, settings: Command) -> None:
        self._settings = settings
        descriptor = bytes.fromhex(settings["descriptor"])
        self._made = composite(settings["parts"], descriptor, interrupt_out=settings["interrupt_out"])
        self._plugged: Plugged | None = None

    def sources(self) -> dict[int, Callable[[float], None]]:
        """The cable, while there is one."""
        return {} if self._plugged is None else {self._plugged.cable.fileno(): self._read}

    def perform(self, command: Command, at: float) -> Command:
        """Plug, unplug, or something at the headset, its sound or its phone."""
        wanted = command["do"]
        if wanted == "plug":
            if self._plugged is not None:
                raise RefusedError("plugged in already")
            self._plugged = Plugged(self._settings, self._made, command["port"])
            return {"port": self._plugged.port}
        plugged = self._plugged
        if plugged is None:
            raise RefusedError("not plugged in")
        if wanted == "unplug":
            self._pull()
            return {}
        if wanted in _CALLS:
            return _call(plugged, command, at)
        answer = _ACTS[wanted](plugged, command) if wanted in _ACTS else plugged.side.perform(command, at)
        if answer is None:
            raise RefusedError(f"a USB headset cannot {wanted}")
        return answer

    def advance(self, at: float) -> None:
        """Let time pass in the headset."""
        if self._plugged is not None:
            self._plugged.advance(at)

    def next_deadline(self) -> float | None:
        """The headset's."""
        return None if self._plugged is None else self._plugged.next_deadline()

    def close(self) -> None:
        """Leave the kernel."""
        self._pull()

    def _read(self, at: float) -> None:
        if self._plugged is not None and not self._plugged.read(at):
            tell("dropped")
            self._pull()

    def _pull(self) -> None:
        """A closed cable is a surprise removal."""
        if self._plugged is not None:
            self._plugged.cable.close()
            self._plugged = None


def _call(plugged: Plugged, command: Command, at: float) -> Command:
    if plugged.phone is None:
        raise RefusedError("this headset has no phone behind its serial port")
    plugged.say_step(_CALLS[command["do"]](plugged.phone, command, at))
    return {}


def _stall_audio(plugged: Plugged, command: Command) -> Command:
    plugged.sound.stalled = command["stalled"]
    return {}


def _set_microphone(plugged: Plugged, command: Command) -> Command:
    plugged.sound.tone = command["tone"]
    return {}


def _say(plugged: Plugged, command: Command) -> Command:
    plugged.say(bytes.fromhex(command["hex"]))
    return {}


_ACTS: dict[str, Callable[[Plugged, Command], Command]] = {
    "stall_audio": _stall_audio,
    "set_microphone": _set_microphone,
    "say": _say,
    "sound": lambda plugged, _: dict(plugged.sound.counts),
}

"""The HID side that both transports share: the shipped simulated headset, its keys, its firmware's faults.

May not know how reports travel. Reports carry their id byte first, 0 where they are not numbered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from devices.simulated.headset import SimulatedHeadset
from devices.simulated.headset_models import HeadsetKit, simulate_headset
from state.engine import Step
from state.errors import ProtocolError
from state.words import Button
from tests.kernel.kit.server import Command, RefusedError, Tell


class Fault(StrEnum):
    """What the firmware does with every report the host writes, until told otherwise."""

    NONE = "none"
    STALL = "stall"
    """It refuses."""
    SHORT = "short"
    """It takes all but the last byte, and does nothing."""
    HANG = "hang"
    """It never answers."""


_KEYS: dict[str, Callable[[SimulatedHeadset, Command, float], Step]] = {
    "press_hook": lambda brain, _, at: brain.press_hook(at),
    "press_mute": lambda brain, _, at: brain.press_mute(at),
    "set_boom": lambda brain, command, at: brain.set_boom(command["up"], at),
    "press": lambda brain, command, at: brain.press(Button(command["button"]), at, command["long"]),
    "press_digit": lambda brain, command, at: brain.press_digit(command["digit"], at),
    "report_state": lambda brain, _, _at: brain.report_state(),
}
"""What a test may do at the headset."""


def kit_from(settings: dict[str, Any]) -> HeadsetKit:
    """The headset the client described."""
    return HeadsetKit(
        settings["name"], settings["vendor_id"], settings["product_id"], bytes.fromhex(settings["descriptor"])
    )


class HeadsetSide:
    """One headset from plug to unplug; a plugged one begins anew, as real ones do."""

    def __init__(self, kit: HeadsetKit, send: Callable[[bytes], None], tell: Tell) -> None:
        self.fault = Fault.NONE
        self._brain = simulate_headset(kit)
        self._send = send
        self._tell = tell
        self._written: dict[tuple[str, int], bytes] = {}

    def take(self, report: bytes, via: str, at: float) -> Fault:
        """The host wrote a report: what its firmware does with it, and what the host is to be told."""
        outcome = self.fault
        step = Step()
        if outcome is Fault.NONE:
            try:
                step = self._brain.feed(report, at, via)
            except ProtocolError as error:
                self._tell("refusing", why=str(error), at=at)
                outcome = Fault.STALL
        self._tell("report", via=via, hex=report.hex(), outcome=outcome.value, at=at)
        if outcome is Fault.NONE:
            self._written[via, report[0]] = report
            self._deliver(step)
        return outcome

    def present(self, via: str, report_id: int) -> bytes | None:
        """What GET_REPORT gives, id byte first; None for a report it does not have."""
        if via != "input":
            said = self._brain.display.answer(report_id) if via == "feature" else None
            return said or self._written.get((via, report_id))
        for write in self._brain.report_state().writes:
            if report_id == 0:
                return b"\0" + write.data
            if write.data[0] == report_id:
                return write.data
        return None

    def perform(self, command: Command, at: float) -> Command | None:
        """Do what a test asks of a headset; None for something that is not a headset's."""
        wanted = command["do"]
        if wanted in _KEYS:
            self._deliver(_KEYS[wanted](self._brain, command, at))
        elif wanted == "send":
            self._deliver_raw(bytes.fromhex(command["hex"]))
        elif wanted == "fault":
            self.fault = Fault(command["fault"])
        elif wanted == "state":
            return {
                "lamps": asdict(self._brain.lamps),
                "off_hook": self._brain.off_hook,
                "muted": self._brain.muted,
                "display": list(self._brain.display.lines),
                "screen": self._brain.display.screen,
            }
        else:
            return None
        return {}

    def advance(self, at: float) -> None:
        """Let time pass in the headset."""
        self._deliver(self._brain.advance(at))

    def next_deadline(self) -> float | None:
        """When the headset does something by itself."""
        return self._brain.next_deadline()

    def _deliver(self, step: Step) -> None:
        for write in step.writes:
            self._deliver_raw(write.data)

    def _deliver_raw(self, report: bytes) -> None:
        # Told before it is sent: whoever measures must not find an effect before its cause.
        self._tell("sent", hex=report.hex())
        self._send(report)


def need(side: HeadsetSide | None) -> HeadsetSide:
    """The headset, where one is plugged."""
    if side is None:
        raise RefusedError("not plugged in")
    return side

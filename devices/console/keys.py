"""Keys of a console: what going down, up, or staying down asks of the seat.

May not know a session; whoever begins one lets every key go.
"""

from __future__ import annotations

from devices.console.messages import DIGITS, HOOK_KEY, MUTE_KEY
from devices.models.record import DEFAULT
from state.commands import Lamps
from state.events import ButtonPressed, DigitKeyed, Event, HookChanged, MuteRequested
from state.ids import DeviceId
from state.words import Button

LONG_S = DEFAULT.long_press_s
"""As on a headset whose record says nothing else."""


class Keys:
    """Which keys of one console are down, and since when."""

    def __init__(self, device: DeviceId) -> None:
        self._device = device
        self._down: dict[Button, float] = {}

    def moved(self, name: str, down: bool, lamps: Lamps, at: float) -> list[Event]:
        """What a key asks for; `lamps` are those the agent saw. A key that is not known asks for nothing."""
        if name in set(Button):
            return self._button(Button(name), down, at)
        if not down:
            return []
        who = self._device
        if name == HOOK_KEY:
            return [HookChanged(at, who, who, not lamps.off_hook)]
        if name == MUTE_KEY:
            return [MuteRequested(at, who, who, not lamps.mute)]
        return [DigitKeyed(at, who, who, name)] if name in tuple(DIGITS) else []

    def release(self) -> None:
        """A session began: nothing is known to be down."""
        self._down.clear()

    def advance(self, at: float) -> list[Event]:
        """Long presses, told while the key is still down."""
        held = [button for button, since in self._down.items() if at >= since + LONG_S]
        for button in held:
            del self._down[button]
        return [ButtonPressed(at, self._device, self._device, button, long=True) for button in held]

    def next_deadline(self) -> float | None:
        """When the nearest press becomes a long one."""
        return min((since + LONG_S for since in self._down.values()), default=None)

    def _button(self, button: Button, down: bool, at: float) -> list[Event]:
        if down:
            self._down[button] = at
            return []
        if self._down.pop(button, None) is None:
            return []  # a long press that was told already, or one from before the session
        return [ButtonPressed(at, self._device, self._device, button)]

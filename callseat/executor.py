"""The one executor of effects: every effect goes to whoever can perform it.

May not decide: what cannot be performed comes back as `EffectFailed` and the core decides.
"""

from __future__ import annotations

from typing import assert_never

from callseat import clock
from callseat.ports import CommandPort, Post, PromptPort, PublicPort, StorePort
from callseat.supervisor import Endpoint
from state.commands import Dial
from state.effects import (
    CallCommand,
    Effect,
    PlayPrompt,
    PreparePrompt,
    Publish,
    Record,
    Reply,
    SendToDevice,
    StopPrompt,
)
from state.errors import TransportReason
from state.events import EffectFailed
from state.ids import CallId, DeviceId, LineId


class Ports:
    """Open ports by line and by device; a phone may be both."""

    def __init__(self) -> None:
        self.lines: dict[LineId, CommandPort] = {}
        self.devices: dict[DeviceId, CommandPort] = {}

    def opened(self, endpoint: Endpoint, port: CommandPort) -> None:
        """Commands for this endpoint go to `port` from now on."""
        if endpoint.line is not None:
            self.lines[endpoint.line] = port
        if endpoint.device is not None:
            self.devices[endpoint.device] = port

    def closed(self, endpoint: Endpoint) -> None:
        """Commands for this endpoint fail from now on."""
        if endpoint.line is not None:
            self.lines.pop(endpoint.line, None)
        if endpoint.device is not None:
            self.devices.pop(endpoint.device, None)


class Executor:
    """Performs effects in the order they were decided; nothing here waits."""

    def __init__(
        self,
        ports: Ports,
        post: Post,
        *,
        prompts: PromptPort,
        public: PublicPort | None = None,
        store: StorePort | None = None,
    ) -> None:
        self._ports = ports
        self._post = post
        self._prompts = prompts
        self._public = public
        self._store = store

    def perform(self, effects: tuple[Effect, ...]) -> None:
        """Perform all, in order."""
        for effect in effects:
            self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case CallCommand(line, command):
                call = None if isinstance(command, Dial) else getattr(command, "call", None)
                self._send(self._ports.lines.get(line), effect, line, call)
            case SendToDevice(device, _):
                self._send(self._ports.devices.get(device), effect, device, None)
            case PlayPrompt():
                self._prompts.play(effect)
            case PreparePrompt():
                self._prompts.ready(effect)
            case StopPrompt():
                self._prompts.stop(effect)
            case Publish():
                if self._public is not None:
                    self._public.publish(effect)
            case Reply():
                if self._public is not None:
                    self._public.reply(effect)
            case Record(row):
                if self._store is not None:
                    self._store.write(row)
            case _:
                assert_never(effect)

    def _send(
        self, port: CommandPort | None, effect: CallCommand | SendToDevice, target: str, call: CallId | None
    ) -> None:
        if port is not None:
            port.request(effect.command)
            return
        name, detail = type(effect).__name__, type(effect.command).__name__
        at = clock.now()
        self._post(EffectFailed(at, "executor", name, target, TransportReason.GONE, call, detail))

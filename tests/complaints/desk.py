"""A seat of real parts in virtual time: the core, real engines, simulated headsets, report bytes both ways.

Pure: no loop, no clock. The line is told by the test, and obeys after `line_after_s` unless that is None.
May not know which engine it drives: an anchor's takes the same way as ours.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from devices.hid.engine import HeadsetEngine
from devices.models.record import ModelRecord
from devices.simulated.headset import SimulatedHeadset
from firmware_bridge.simulated import LATENCY_S
from state.commands import Answer, Dial, HangUp, Hold, LineCommand, Reject, Retrieve
from state.effects import CallCommand, Effect, SendToDevice
from state.engine import Step, Write
from state.errors import ProtocolError
from state.events import (
    CallCleared,
    CallEstablished,
    CallHeld,
    CallOriginated,
    CallRetrieved,
    DeviceAttached,
    EffectFailed,
    Event,
)
from state.ids import CallId, DeviceId, LineId
from state.settings import SeatSettings
from state.words import By, CallState, Cause, DeviceKind
from tests.devices.hid.descriptors import Device
from tests.state.driver import HS, L1, OFF, Desk

LINE_S = 0.1
"""A line that is not slow obeys after this."""
SETTLED_S = 0.05
"""A press has arrived, and what it led to was written and echoed; shorter than any line obeys."""
MOST_TURNS = 100_000
UP = frozenset({CallState.CONNECTED, CallState.HELD})


@dataclass(slots=True)
class Station:
    """One headset, the engine at the host's end of its cable, and what reached the headset when."""

    headset: SimulatedHeadset
    engine: HeadsetEngine
    written: list[tuple[float, Write]]
    refused: int = 0
    """Writes the device did not take: of a wrong length, or to a report it does not have."""


class RealDesk(Desk):
    """One seat; `kit` is its headset, `engine` what stands between the two."""

    def __init__(
        self,
        kit: Device,
        engine: type[HeadsetEngine] = HeadsetEngine,
        *,
        settings: SeatSettings = OFF,
        lines: tuple[LineId, ...] = (L1,),
        line_after_s: float | None = LINE_S,
        record: ModelRecord | None = None,
        strange: bool = False,
        **manners: object,
    ) -> None:
        """The device has the manners of its model; the host knows `record`, or nothing if it is `strange`."""
        self.stations: dict[DeviceId, Station] = {}
        self.line_after_s = line_after_s
        self._engine = engine
        self._wire: list[tuple[float, int, Callable[[], None]]] = []
        self._turns = 0
        super().__init__(settings, lines, headset=False)
        self.plug(kit, record=record, strange=strange, **manners)
        self.runs(SETTLED_S)

    # the headset -----------------------------------------------------------------------------------

    def plug(
        self,
        kit: Device,
        device: DeviceId = HS,
        *,
        record: ModelRecord | None = None,
        strange: bool = False,
        **manners: object,
    ) -> Station:
        """A headset comes."""
        headset = SimulatedHeadset(kit.descriptor, model=kit.model, **manners)
        known = record or (None if strange else kit.model)
        return self.plug_again(headset, device, known)

    def plug_again(
        self, headset: SimulatedHeadset, device: DeviceId = HS, known: ModelRecord | None = None
    ) -> Station:
        """A headset as it is gets a new engine, as at every opening of its node."""
        station = Station(headset, self._engine(device, headset.descriptor, known), [])
        self.stations[device] = station
        features = station.engine.features
        self.tell(DeviceAttached(self.at, device, device, DeviceKind.HEADSET, "headset", features))
        return station

    def pull(self, device: DeviceId = HS) -> None:
        """The cable is pulled."""
        del self.stations[device]
        self.unplugs(device)

    @property
    def headset(self) -> SimulatedHeadset:
        """The headset, where there is one."""
        return self.stations[HS].headset

    @property
    def station(self) -> Station:
        """The headset and its engine."""
        return self.stations[HS]

    def hand(self, act: Callable[[SimulatedHeadset, float], Step], device: DeviceId = HS) -> None:
        """The agent does something at the headset; its reports are on their way, no more."""
        self._deliver(device, act(self.stations[device].headset, self.at))

    def press_hook(self, device: DeviceId = HS) -> None:
        """The call key, and what follows at once."""
        self.hand(lambda headset, at: headset.press_hook(at), device)
        self.runs(SETTLED_S)

    def press_mute(self, device: DeviceId = HS) -> None:
        """The mute key, and what follows at once."""
        self.hand(lambda headset, at: headset.press_mute(at), device)
        self.runs(SETTLED_S)

    def boom(self, *, up: bool, device: DeviceId = HS) -> None:
        """The boom arm, and what follows at once."""
        self.hand(lambda headset, at: headset.set_boom(up, at), device)
        self.runs(SETTLED_S)

    def another_app_writes(self, report: bytes, device: DeviceId = HS) -> None:
        """A second program that has the node open; our engine only hears what the headset says to that."""
        self._write(device, Write(report))

    # time ------------------------------------------------------------------------------------------

    def runs_to(self, at: float) -> None:
        """Everything that is due until then happens, in its order."""
        for _ in range(MOST_TURNS):
            due, act = min(self._dues(), key=lambda each: each[0], default=(at + 1.0, None))
            if act is None or due > at:
                self.at = max(self.at, at)
                return
            self.at = max(self.at, due)
            act()
        raise RuntimeError(f"this desk does not come to rest before {at}")

    def _dues(self) -> list[tuple[float, Callable[[], None]]]:
        dues: list[tuple[float | None, Callable[[], None]]] = [
            (self.core.next_deadline(), lambda: self._perform(self.core.advance(self.at))),
        ]
        if self._wire:
            dues.append((self._wire[0][0], self._go_on))
        if self.coming:
            dues.append((self.coming[0].at, self._tell_coming))
        for device, station in self.stations.items():
            dues.append((station.headset.next_deadline(), partial(self._advance_headset, device)))
            dues.append((station.engine.next_deadline(), partial(self._advance_engine, device)))
        return [(due, act) for due, act in dues if due is not None]

    def _go_on(self) -> None:
        heapq.heappop(self._wire)[2]()

    def _tell_coming(self) -> None:
        self.tell(replace(self.coming.pop(0).event, at=self.at))

    def _advance_headset(self, device: DeviceId) -> None:
        self._deliver(device, self.stations[device].headset.advance(self.at))

    def _advance_engine(self, device: DeviceId) -> None:
        self._take(device, self.stations[device].engine.advance(self.at))

    def _later_here(self, after_s: float, act: Callable[[], None]) -> None:
        self._turns += 1
        heapq.heappush(self._wire, (self.at + after_s, self._turns, act))

    # between engine and headset ----------------------------------------------------------------------

    def _deliver(self, device: DeviceId, step: Step) -> None:
        """Input reports travel to the host."""
        station = self.stations[device]
        for write in step.writes:
            self._later_here(LATENCY_S, partial(self._arrive, device, station, write.data))

    def _arrive(self, device: DeviceId, station: Station, report: bytes) -> None:
        if self.stations.get(device) is station:
            self._take(device, station.engine.feed(report, self.at))

    def _take(self, device: DeviceId, step: Step) -> None:
        """What an engine produced: writes first, as a port has them queued before the core hears."""
        for write in step.writes:
            self._write(device, write)
        for event in step.events:
            self.tell(event)

    def _write(self, device: DeviceId, write: Write) -> None:
        station = self.stations[device]
        try:
            echo = station.headset.feed(write.data, self.at, write.via)
        except ProtocolError as error:
            station.refused += 1
            failed = EffectFailed(self.at, device, "SendToDevice", device, error.reason, detail=str(error))
            self._later_here(0.0, partial(self.tell, failed))
            return
        station.written.append((self.at, write))
        self._deliver(device, echo)

    # what the core decides -----------------------------------------------------------------------------

    def tell(self, event: Event) -> list[Effect]:
        """One event; what it makes the core do is done at once."""
        self.at = max(self.at, event.at)
        done = self._perform(self.core.advance(self.at))
        return done + self._perform(self.core.handle(event))

    def _perform(self, effects: tuple[Effect, ...]) -> list[Effect]:
        kept = self._keep(effects)
        for effect in kept:
            match effect:
                case SendToDevice(device, command) if device in self.stations:
                    self._take(device, self.stations[device].engine.request(command, self.at))
                case CallCommand(line, command) if self.line_after_s is not None:
                    self._later_here(self.line_after_s, partial(self._obey, line, command))
                case _:
                    pass
        return kept

    # the line ------------------------------------------------------------------------------------------

    def _obey(self, line: LineId, command: LineCommand) -> None:
        match command:
            case Answer(call) if call is not None:
                self._talk(line, call, CallEstablished(self.at, line, line, call))
            case Retrieve(call) if call is not None:
                self._talk(line, call, CallRetrieved(self.at, line, line, call))
            case Hold(call) if call is not None:
                self.tell(CallHeld(self.at, line, line, call))
            case HangUp(call) | Reject(call) if call is not None:
                self.tell(CallCleared(self.at, line, line, call, Cause.NORMAL_CLEARING, By.LOCAL))
            case Dial(number):
                self._numbers += 1
                call = CallId(f"{line}-{self._numbers}")
                self.tell(CallOriginated(self.at, line, line, call, number))
            case _:
                pass

    def _talk(self, line: LineId, call: CallId, event: Event) -> None:
        """One talk on a line: it holds the other call by itself."""
        for view in self.now.calls:
            if view.line == line and view.call != call and view.state is CallState.CONNECTED:
                self.tell(CallHeld(self.at, line, line, view.call))
        self.tell(event)

    def refuses(self, call: CallId, line: LineId = L1) -> None:
        """The line could not do what it was asked."""
        self.tell(EffectFailed(self.at, line, "CallCommand", line, "device_error", call))

    def talks_by_key(self, line: LineId = L1) -> CallId:
        """A call comes, rings a while, and is answered by the call key."""
        call = self.rings(line=line)
        self.runs(2.0)
        self.press_hook()
        self.runs(4.0)
        assert self.state(call) is CallState.CONNECTED, "the key did not answer the call"
        return call

    # what is so ----------------------------------------------------------------------------------------

    def state(self, call: CallId) -> CallState | None:
        """The state of a call, None when it is over."""
        return next((view.state for view in self.now.calls if view.call == call), None)

    def is_up(self, call: CallId) -> bool:
        """Whether the call is connected or on hold."""
        return self.state(call) in UP

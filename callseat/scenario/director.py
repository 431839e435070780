"""Plays a scenario's steps against a running app: the agent's hands and voice, the customer, the cables.

May not judge; what cannot be played is told as a finding.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import assert_never

from audio.track import Track
from callseat import clock
from callseat.app import App
from callseat.loops import VirtualTimeLoop
from callseat.runtime.call_audio import LINE_NOISE_DBFS, ROOM_NOISE_DBFS, noise_track
from callseat.scenario import hands
from callseat.scenario.marks import START
from callseat.scenario.model import (
    Action,
    AppAsks,
    Background,
    ClockJumps,
    FarAnswers,
    FarBusy,
    FarHangsUp,
    Moment,
    MoveBoom,
    MutePhone,
    Press,
    PressHook,
    PressMute,
    Replug,
    RingIn,
    Says,
    Scenario,
    Stall,
    Step,
    Unplug,
)
from callseat.scenario.stage import StageClock, StageWorker
from callseat.scenario.timeline import Entry, Timeline
from callseat.simulated import FAR_SEED, NEAR_SEED, SimulatedSeat
from state import commands
from state.commands import Command
from state.errors import ProtocolError
from state.events import CommandRequested
from state.ids import LineId, RequestId
from state.words import AgentState, Basis, Channel

SERVE_S = 5.0
"""The simulated phone serves 0.2 s after it is opened."""
OVER_S = 1.5
"""Behind the last call, before what is left of a call that went another way is dropped."""


class _CannotPlayError(Exception):
    """A step could not be played; the text is the finding."""


class Director:
    """Plays one scenario; `first` is where its entries begin in the timeline."""

    def __init__(
        self,
        scenario: Scenario,
        app: App,
        timeline: Timeline,
        stage_clock: StageClock,
        worker: StageWorker | None = None,
    ) -> None:
        if app.simulated is None:
            raise ValueError("a scenario needs a simulated seat")
        self.scenario = scenario
        self.first = len(timeline.entries)
        self.origin = 0.0
        self.refusals: dict[RequestId, tuple[str, str]] = {}
        self._app = app
        self._seat: SimulatedSeat = app.simulated
        self._timeline = timeline
        self._clock = stage_clock
        self._worker = worker
        self._requests = 0
        self._done: dict[str, asyncio.Event] = {}

    async def play(self, *, until_cleared: bool = False) -> tuple[str, ...]:
        """Set the stage and play every step; what could not be played is returned, one sentence each.

        `until_cleared`: somebody else may act too, so what is left is dropped when the calls are over.
        """
        await self._lines_serve()
        self.origin = clock.now()
        self.first = self._timeline.add(START, self.origin, self.origin).index
        self._set()
        steps = asyncio.create_task(self._play_steps(), name="steps")
        over = asyncio.create_task(self._calls_over(), name="calls over")
        try:
            await asyncio.wait(
                {steps, over} if until_cleared else {steps}, return_when=asyncio.FIRST_COMPLETED
            )
            if not steps.done():
                steps.cancel()
            (told,) = await asyncio.gather(steps, return_exceptions=True)
        finally:
            over.cancel()
            await asyncio.gather(over, return_exceptions=True)
        if isinstance(told, asyncio.CancelledError):
            return ()
        if isinstance(told, BaseException):
            raise told
        return told

    # the stage ---------------------------------------------------------------------------------

    def _set(self) -> None:
        start = self.scenario.start
        for line, audio in self._seat.audio.items():
            audio.raw_while_muted = start.raw_while_muted
            audio.near = noise_track(audio.near_rate, ROOM_NOISE_DBFS, NEAR_SEED, self.origin)
            audio.far = noise_track(audio.far_rate, LINE_NOISE_DBFS, FAR_SEED, self.origin)
            for sound in self.scenario.sounds:
                self._background(sound, line)
        agent = self._app.core.snapshot().agent
        if start.agent and agent.agent != start.agent:
            self._ask(commands.SignIn(start.agent))
        if start.agent and start.ready and agent.state is not AgentState.READY:
            self._ask(commands.SetReady())

    async def _lines_serve(self) -> None:
        """A caller who comes before a line answers would be found in its list: no call was delivered then."""
        plugged = {line for line, port in self._seat.phones.items() if port.plugged}
        came = 0
        try:
            async with asyncio.timeout(SERVE_S):
                while plugged - {line.line for line in self._app.core.snapshot().lines if line.in_service}:
                    came += 1
                    await self._timeline.reached("line.in_service", came)
        except TimeoutError:
            pass  # a line that never serves is for the scenario to expect

    async def _calls_over(self) -> None:
        """Return when calls were there and are no more, for a while."""
        while True:
            over = [
                asyncio.create_task(self._timeline.reached(mark, since=len(self._timeline.entries)))
                for mark in ("call.cleared", "call.failed")
            ]
            try:
                await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in over:
                    task.cancel()
            await asyncio.sleep(OVER_S)
            if not self._app.core.snapshot().calls:
                return

    # the steps ---------------------------------------------------------------------------------

    async def _play_steps(self) -> tuple[str, ...]:
        told: tuple[str, ...] = ()
        try:
            async with asyncio.TaskGroup() as group:
                before: asyncio.Event | None = None
                for step in self.scenario.steps:
                    done = asyncio.Event()
                    group.create_task(self._play_step(step, before, done), name=f"step {step.name}")
                    before = done
        except* _CannotPlayError as failures:
            told = tuple(str(error) for error in failures.exceptions)
        return told

    async def _play_step(self, step: Step, before: asyncio.Event | None, done: asyncio.Event) -> None:
        await self._moment(step, before)
        try:
            self._act(step, step.action)
        except ProtocolError as error:
            raise _CannotPlayError(f"step {step.name}: {error}") from None
        self._timeline.add(f"step:{step.name}", clock.now(), clock.now())
        done.set()

    async def _moment(self, step: Step, before: asyncio.Event | None) -> None:
        moment = step.moment
        if moment.at is not None:
            until = self.origin + moment.at + moment.delay_s
        elif moment.after:
            until = (await self._reached(step.name, moment)).at + moment.delay_s
        else:
            if before is not None:
                await before.wait()
            until = clock.now() + moment.delay_s
        await asyncio.sleep(max(0.0, until - clock.now()))

    async def _reached(self, name: str, moment: Moment) -> Entry:
        patience_s = self.scenario.end.patience_s
        try:
            async with asyncio.timeout(patience_s):
                return await self._timeline.reached(moment.after, moment.nth, self.first)
        except TimeoutError:
            which = f" number {moment.nth}" if moment.nth > 1 else ""
            message = f"step {name} waited {patience_s:g} s for {moment.after}{which}, which never came"
            raise _CannotPlayError(message) from None

    def _act(self, step: Step, action: Action) -> None:
        match action:
            case RingIn() | FarAnswers() | FarBusy() | FarHangsUp():
                hands.call(self._seat, action)
            case PressHook() | PressMute() | MoveBoom() | Press():
                hands.touch(self._seat, action)
            case MutePhone(line, muted):
                hands.mute_phone(self._seat, line, muted=muted)
            case Unplug(device):
                self._seat.plugs[device].unplug()
            case Replug(device):
                self._seat.plugs[device].plug()
            case AppAsks(method, command, refused):
                self._ask(command, method, refused)
            case Says():
                self._say(action)
            case Background(line=line):
                for each in self._seat.audio if line is None else (line,):
                    self._background(action, each)
            case ClockJumps(by_s, synced):
                self._clock.jump(by_s, synced=synced)
                self._app.post(self._clock.read(clock.now()))
            case Stall(of, for_s):
                self._stall(step, of, for_s)
            case _:
                assert_never(action)

    def _say(self, says: Says) -> None:
        now = clock.now()
        who = "agent" if says.channel is Channel.NEAR else "customer"
        ends_at = now
        for line, audio in self._seat.audio.items():
            if says.line in (None, line):
                track = audio.near if says.channel is Channel.NEAR else audio.far
                ends_at = track.say(says.clip.samples, now, level_dbfs=says.level_dbfs)
        data = {"file": says.clip.path.name}
        self._timeline.add(f"{who}:speaks", now, now, data)
        asyncio.get_running_loop().call_at(ends_at, self._spoke, who, data)

    def _spoke(self, who: str, data: dict[str, str]) -> None:
        self._timeline.add(f"{who}:spoke", clock.now(), clock.now(), data)

    def _background(self, sound: Background, line: LineId) -> None:
        audio = self._seat.audio[line]
        rate = audio.near_rate if sound.channel is Channel.NEAR else audio.far_rate
        samples = None if sound.clip is None else sound.clip.samples
        track = Track(rate, samples, background_dbfs=sound.level_dbfs, origin=clock.now())
        if sound.channel is Channel.NEAR:
            audio.near = track
        else:
            audio.far = track

    def _ask(self, command: Command, method: str = "", refused: str = "") -> None:
        self._requests += 1
        request = RequestId(f"scenario-{self.first}-{self._requests}")
        self.refusals[request] = (method or type(command).__name__, refused)
        self._app.post(CommandRequested(clock.now(), "app", command, Basis.APP, request))

    def _stall(self, step: Step, of: str, for_s: float) -> None:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualTimeLoop) or self._worker is None:
            raise _CannotPlayError(f"step {step.name}: a stall can be played in virtual time only")
        holders: dict[str, Callable[[float], None]] = {"loop": loop.stall, "audio": self._worker.hold}
        holders[of](for_s)

"""The running daemon: everything started in order, one TaskGroup, everything stopped in reverse.

May not decide anything about calls, and may not read a configuration file: it is handed a Config and a core.

Start: services (journal), records -> SeatRestored -> socket -> devices -> audio -> READY. A programming
error in any task ends `run` with an exception group; a device that fails does not.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from callseat import clock
from callseat.app_lines.switch import AppLines
from callseat.config import Config, LineBackend
from callseat.consumer import Consumer
from callseat.executor import Executor, Ports
from callseat.listening import ListeningService
from callseat.loops import ScaledLoop, VirtualTimeLoop
from callseat.ports import CommandPort, CorePort, Observer
from callseat.runtime.backends import endpoints, hearings
from callseat.runtime.headsets import pins_of
from callseat.runtime.keeper import HeadsetKeeper
from callseat.runtime.latency import DeviceCounts, LatencyWatch
from callseat.runtime.parts import Parts
from callseat.runtime.public import SeatDoor, SocketPublic, socket_service
from callseat.runtime.service import Overdue, Service, bounded, running, threaded
from callseat.runtime.workers import InlineWorker, ThreadWorker
from callseat.simulated import SimulatedSeat
from callseat.supervisor import Bystanders, Endpoint, Supervisor
from state.events import CivilTimeKnown, Event
from state.ids import DeviceId

CIVIL_TIME_EVERY_S = 60.0
FIRST_TRY_S = 5.0
"""READY waits this long at most for every device to have been tried once."""
AUDIO_STOP_S = 1.0
PART_S = 1.0
"""Ending the ringing at the end: a report or two each; a wedged device is left as it is."""
SETTLE_S = 1.0
RECORDS_STOP_S = 6.0
"""The store itself gives a slow disk 5 s."""

Script = Callable[["App"], Awaitable[None]]
"""Somebody who plays the agent, the customer and the devices; the daemon stops when it returns."""


class App:
    """One seat; made inside the loop it runs on, `run` is called once."""

    def __init__(
        self,
        config: Config,
        core: CorePort,
        *,
        observers: Sequence[Observer] = (),
        simulated: SimulatedSeat | None = None,
        parts: Parts | None = None,
    ) -> None:
        self.config = config
        self.core = core
        self.simulated = simulated
        self.ports = Ports()
        self.watch = LatencyWatch()
        self.overdue = Overdue()
        self._parts = parts or Parts()
        self._observers = tuple(observers)
        self._civil = self._parts.civil or clock.SystemCivilClock()
        self._wall_minus_at: float | None = None
        self._stopping = asyncio.Event()
        self._ready = asyncio.Event()
        self._crashed = asyncio.Event()
        self._crash: BaseException | None = None
        self._app_lines = self._make_app_lines()
        self._public: SocketPublic | None = None
        if self._parts.serve_socket:
            given = self._parts
            door = SeatDoor(core, self.post, given.queries, given.acts, self._app_lines)
            self._public = SocketPublic(config.socket_path, door, self.wall, given.about, self._health)
        self._counts: dict[str, DeviceCounts] = {}
        self._fixed = self._make_supervisors()
        self._keeper = self._make_keeper()
        worker = self._parts.worker
        self.worker = worker or (InlineWorker() if _virtual() else ThreadWorker())
        heard = hearings(config, simulated) if self._parts.hearings is None else self._parts.hearings
        self.listening = ListeningService(
            heard, self.post, self.worker, speech=self._parts.speech, block_s=config.audio.block_ms / 1000
        )
        self.consumer = self._make_consumer()

    @property
    def supervisors(self) -> tuple[Supervisor, ...]:
        """Of everything configured, and of every adopted headset that is plugged in."""
        return self._fixed if self._keeper is None else (*self._fixed, *self._keeper.supervisors)

    def post(self, event: Event) -> None:
        """Hand an event to the consumer; on the loop's thread only."""
        self.consumer.post(event)

    def decide(self, event: Event) -> None:
        """Hand a press to the consumer, to be decided in this very turn."""
        self.consumer.decide(event)

    def stop(self) -> None:
        """Begin to stop; `run` returns when everything has been put away."""
        self._stopping.set()

    async def wait_ready(self) -> None:
        """Return once every device has been tried and the first picture is drawn."""
        await self._ready.wait()

    def wall(self, at: float) -> float | None:
        """POSIX seconds at monotonic `at`, as last told by the civil clock."""
        return None if self._wall_minus_at is None else at + self._wall_minus_at

    async def run(self, script: Script | None = None) -> None:
        """Run until `stop`, SIGTERM, SIGINT or the end of `script`."""
        with self._guards():
            now = self._tell_civil_time()
            async with running((*self._parts.services, *self._records()), self.overdue):
                await self._restore(now)
                async with running(
                    () if self._public is None else (socket_service(self._public),), self.overdue
                ):
                    await self._serve(script)

    # building --------------------------------------------------------------------------------------

    def _make_supervisors(self) -> tuple[Supervisor, ...]:
        given = self._parts.endpoints
        find = self._parts.hid.registry.find
        wanted = endpoints(self.config, self.simulated, find) if given is None else given
        made = tuple(self._supervise(each) for each in wanted)
        if self.simulated is not None:
            for supervisor in made:
                self.simulated.on_plug(supervisor.endpoint.name, supervisor.wake)
        return made

    def _make_app_lines(self) -> AppLines:
        """Who lets apps be lines; names of other lines and of headsets are not for them."""
        theirs = [line.id for line in self.config.lines if line.backend is LineBackend.APP]
        ours = {line.id for line in self.config.lines} - set(theirs)
        taken = ours | {headset.id for headset in self.config.headsets}
        return AppLines(theirs, taken, post=self.post, tell=self._tell_app, ports=self.ports)

    def _tell_app(self, client: str, params: Mapping[str, object]) -> bool:
        return self._public is not None and self._public.command(client, params)

    def _make_keeper(self) -> HeadsetKeeper | None:
        """Who follows real headsets, where the seat may have any."""
        pins, adopt = pins_of(self.config), self.config.adopt_headsets
        return HeadsetKeeper(pins, adopt, self._parts.hid, self._supervise) if pins or adopt else None

    def _supervise(self, endpoint: Endpoint) -> Supervisor:
        bystanders = Bystanders(self._parts.tap, self._parts.farewell)
        counts = self._counts.setdefault(endpoint.name, DeviceCounts())
        return Supervisor(endpoint, self.post, self.ports, bystanders, counts, self.decide)

    def _make_consumer(self) -> Consumer:
        parts = self._parts
        executor = Executor(
            self.ports, self.post, prompts=self.listening, public=self._public, store=parts.store
        )
        shown = [self.listening.on_snapshot, *parts.on_snapshot]
        # Unasked, a datagram at every turn would fill the manager's queue, and STOPPING be lost.
        watched = parts.watchdog_every_s is not None
        if self._public is not None:
            shown.append(self._public.show)
        return Consumer(
            self.core,
            executor.perform,
            observers=self._observers,
            on_snapshot=shown,
            watch=self.watch,
            feed=parts.notifier.watchdog if watched and parts.notifier else None,
            feed_every_s=parts.watchdog_every_s,
        )

    def _records(self) -> tuple[Service, ...]:
        store = self._parts.store
        return () if store is None else (threaded("records", store.start, store.close, RECORDS_STOP_S),)

    def _health(self) -> dict[str, object]:
        watch = self.watch
        slow = {"turns": dict(watch.slow), "worst_s": watch.worst_s, "worst": watch.worst}
        slow["recent"] = [asdict(turn) for turn in watch.recent]
        inbox = {**asdict(self.consumer.inbox.counters), "restamped": self.consumer.restamped}
        ours = {"at": clock.now(), "slow": slow, "inbox": inbox, "tasks": len(asyncio.all_tasks())}
        counts = self._counts.items()
        ours["losses"] = {name: each.losses for name, each in counts}
        ours["ack_ms"] = {name: each.acks.summary() for name, each in counts if each.acks.count}
        ignored = {name: each.ignored_reports for name, each in counts}
        ignored |= {each.endpoint.name: each.ignored_reports for each in self.supervisors}
        ours["ignored_reports"] = {name: count for name, count in ignored.items() if count}
        wrong = {each.endpoint.name: dict(each.endpoint.counts()) for each in self.supervisors}
        ours["line_counts"] = {name: counted for name, counted in wrong.items() if any(counted.values())}
        ours["app_lines"] = self._app_lines.health()
        if self._keeper is not None:
            ours["headsets"] = self._keeper.health()
        return {**self._parts.health(), **ours}

    async def _restore(self, now: CivilTimeKnown) -> None:
        if self._parts.store is not None:
            restored = await asyncio.to_thread(self._parts.store.load_open)
            self.post(restored.event(clock.now(), now=now))

    # running ---------------------------------------------------------------------------------------

    async def _serve(self, script: Script | None) -> None:
        self._app_lines.start()
        async with asyncio.TaskGroup() as group:
            inner = [group.create_task(self.consumer.run(), name="consumer")]
            inner.append(group.create_task(self.listening.run(), name="listening"))
            inner.append(group.create_task(self._watch_crash(), name="crash watch"))
            outer = [group.create_task(self._keep_civil_time(), name="civil time")]
            for supervisor in self._fixed:
                name = f"supervisor {supervisor.endpoint.name}"
                outer.append(group.create_task(supervisor.run(), name=name))
            if self._keeper is not None:
                outer.append(group.create_task(self._keeper.run(), name="headsets"))
            outer.append(group.create_task(self._prepare_speech(), name="speech"))
            outer.append(group.create_task(self._become_ready(), name="ready"))
            if script is not None:
                outer.append(group.create_task(self._play(script), name="script"))
            await self._stopping.wait()
            await self._wind_down(outer, inner)

    async def _prepare_speech(self) -> None:
        await self.listening.prepare(self._parts.phrases)

    async def _become_ready(self) -> None:
        try:
            async with asyncio.timeout(FIRST_TRY_S):
                if self._keeper is not None:
                    await self._keeper.looked.wait()
                for supervisor in self.supervisors:
                    await supervisor.first_try.wait()
        except TimeoutError:
            pass  # a device that hangs while it is opened does not keep the seat from serving
        await self.consumer.settled()
        if self._parts.notifier is not None:
            self._parts.notifier.ready(f"{len(self.supervisors)} devices and lines")
        self._ready.set()

    async def _play(self, script: Script) -> None:
        await self.wait_ready()
        await script(self)
        self.stop()

    async def _keep_civil_time(self) -> None:
        started = clock.now()
        ticks = 0
        while True:
            ticks += 1
            await asyncio.sleep(max(0.0, started + ticks * CIVIL_TIME_EVERY_S - clock.now()))
            known = self._tell_civil_time()
            if self._parts.store is not None:
                self._parts.store.seen(known.at, known.wall_s, known.synced)

    def _tell_civil_time(self) -> CivilTimeKnown:
        known = self._civil.read(clock.now())
        self._wall_minus_at = known.wall_s - known.at
        self.post(known)
        return known

    # stopping --------------------------------------------------------------------------------------

    async def _wind_down(self, outer: list[asyncio.Task[Any]], inner: list[asyncio.Task[Any]]) -> None:
        """Audio, lamps, devices, then the consumer; what hangs is named in `overdue` and left."""
        if self._parts.notifier is not None:
            self._parts.notifier.stopping()
        await bounded("audio", self.listening.aclose, AUDIO_STOP_S, self.overdue)
        await bounded("lamps", self._part, PART_S, self.overdue)
        for task in outer:
            task.cancel()
        await bounded("devices", lambda: _ended(outer), SETTLE_S, self.overdue)
        await bounded("consumer", self.consumer.settled, SETTLE_S, self.overdue)
        self.worker.close()
        for task in inner:
            task.cancel()

    async def _part(self) -> None:
        """Nothing rings when nobody watches over it; mute, and a call that is up, stay as they are shown.

        To clear off-hook would let many a headset drop the call or open its microphone.
        """
        ports = dict(self.ports.devices)
        for port in ports.values():
            port.part()

        async def leave(device: DeviceId, port: CommandPort) -> None:
            await port.drained()
            if self._parts.farewell is not None:
                self._parts.farewell.drop(device)

        await asyncio.gather(*(leave(device, port) for device, port in ports.items()))

    # guarding --------------------------------------------------------------------------------------

    @contextmanager
    def _guards(self) -> Iterator[None]:
        """Signals stop us, an error in a callback is as fatal as one in a task, slow turns are counted."""
        loop = asyncio.get_running_loop()
        earlier = loop.get_exception_handler()
        loop.set_exception_handler(self._callback_failed)
        if isinstance(loop, ScaledLoop | VirtualTimeLoop):
            self.watch.attach(loop.meter)
        signals = (signal.SIGTERM, signal.SIGINT) if self._parts.handle_signals else ()
        for number in signals:
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)
            loop.set_exception_handler(earlier)

    def _callback_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self._crash = error
            self._crashed.set()
        loop.default_exception_handler(context)

    async def _watch_crash(self) -> None:
        await self._crashed.wait()
        raise RuntimeError("an error in a callback of the loop") from self._crash


def _virtual() -> bool:
    return isinstance(asyncio.get_running_loop(), VirtualTimeLoop)


async def _ended(tasks: list[asyncio.Task[Any]]) -> None:
    await asyncio.wait(tasks)

"""One consumer: arrival order, time on time, effects in order, pictures when they change, faults fatal."""

from __future__ import annotations

import asyncio

import pytest

from callseat import clock
from callseat.consumer import BATCH, Consumer
from callseat.mailbox import Inbox, InboxOverflow
from state.effects import Publish
from state.events import AudioAnalysedUntil, HookChanged, PromptStarted, SpeechStarted
from state.words import Audience, Channel
from tests.callseat.runtime.seat_kit import ScriptedCore, call, picture, run
from tests.virtual import passes


def hook(at):
    return HookChanged(at, "h1", "h1", True)


class Notes:
    """An observer that keeps what it was told."""

    def __init__(self):
        self.lines = []

    def consumed(self, at, event, effects):
        self.lines.append((at, type(event).__name__ if event else None, [e.topic for e in effects]))


async def consume(core, script, **options):
    done = []
    consumer = Consumer(core, done.extend, **options)
    task = asyncio.create_task(consumer.run())
    await script(consumer)
    await consumer.settled()
    task.cancel()
    return consumer, done


def test_events_are_decided_in_order_and_effects_leave_in_order():
    core = ScriptedCore(answers={HookChanged: lambda e: (Publish(f"a{e.at:g}"), Publish(f"b{e.at:g}"))})

    async def script(consumer):
        for at in range(3 * BATCH):
            consumer.post(hook(float(at)))

    consumer, done = run(consume(core, script))
    assert [event.at for event in core.heard] == [float(at) for at in range(3 * BATCH)]
    assert [effect.topic for effect in done][:4] == ["a0", "b0", "a1", "b1"]
    assert consumer.decisions == 3 * BATCH


def test_time_is_advanced_before_each_event_and_due_timers_come_first():
    core = ScriptedCore(timers=[(4.0, (Publish("due"),))], answers={HookChanged: (Publish("hook"),)})
    notes = Notes()

    async def script(consumer):
        await passes(2)
        consumer.post(hook(5.0))

    run(consume(core, script, observers=[notes]))
    assert notes.lines == [(5.0, None, ["due"]), (5.0, "HookChanged", ["hook"])]


def test_a_deadline_fires_on_time_without_events():
    core = ScriptedCore(timers=[(3.3, (Publish("first"),)), (7.25, (Publish("second"),))])
    notes = Notes()

    async def script(_consumer):
        await passes(10)

    run(consume(core, script, observers=[notes]))
    assert notes.lines == [(3.3, None, ["first"]), (7.25, None, ["second"])]


def test_a_deadline_set_by_an_event_is_kept():
    core = ScriptedCore()

    def arm(event):
        core.timers.append((event.at + 1.5, (Publish("late"),)))
        return ()

    core.answers[HookChanged] = arm
    notes = Notes()

    async def script(consumer):
        await passes(1)
        consumer.post(hook(clock.now()))
        await passes(5)

    run(consume(core, script, observers=[notes]))
    assert notes.lines == [(1.0, "HookChanged", []), (2.5, None, ["late"])]


def test_pictures_are_shown_only_when_they_differ_in_more_than_their_time():
    core = ScriptedCore()
    shown = []

    async def script(consumer):
        for at, snapshot in ((1.0, picture()), (2.0, picture(at=2.0)), (3.0, picture(call(), at=3.0))):
            core.shown = snapshot
            consumer.post(hook(at))
            await consumer.settled()

    run(consume(core, script, on_snapshot=[shown.append]))
    assert [len(snapshot.calls) for snapshot in shown] == [0, 1]


def test_time_never_runs_backwards_and_true_times_are_kept():
    core = ScriptedCore()
    started = SpeechStarted(1.0, "audio", "l1", Channel.FAR, 0.5)
    prompt = PromptStarted(1.5, "audio", "p1", Audience.AGENT)

    async def script(consumer):
        for event in (hook(2.0), started, prompt, hook(3.0)):
            consumer.post(event)

    consumer, _ = run(consume(core, script))
    assert core.advanced == sorted(core.advanced)
    assert (core.heard[1].at, core.heard[1].began_at) == (2.0, 0.5)
    assert core.heard[2] == prompt
    assert consumer.restamped == 1


def test_watermarks_of_a_busy_moment_are_one():
    core = ScriptedCore()

    async def script(consumer):
        for n in range(50):
            consumer.post(AudioAnalysedUntil(n * 0.02, "audio", "l1", Channel.NEAR, n * 0.02))

    consumer, _ = run(consume(core, script))
    assert [event.until for event in core.heard] == [49 * 0.02]
    assert consumer.inbox.counters.coalesced == 49


def test_overflow_reaches_whoever_posts():
    async def main():
        consumer = Consumer(ScriptedCore(), lambda effects: None, inbox=Inbox(lossless_bound=2))
        for at in range(3):
            consumer.post(hook(float(at)))

    with pytest.raises(InboxOverflow):
        run(main())


def test_an_error_of_the_core_ends_the_consumer():
    core = ScriptedCore(answers={HookChanged: lambda e: 1 / 0})

    async def main():
        consumer = Consumer(core, lambda effects: None)
        consumer.post(hook(1.0))
        await consumer.run()

    with pytest.raises(ZeroDivisionError):
        run(main())


def test_the_systems_watchdog_is_fed_while_idle_and_not_by_a_stuck_consumer():
    fed = []

    async def script(_consumer):
        await passes(10.5)

    run(consume(ScriptedCore(), script, feed=lambda: fed.append(clock.now()), feed_every_s=2.0))
    assert fed == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]


def test_a_slow_decision_is_named():
    def slow(_event):
        began = clock.stopwatch()
        while clock.stopwatch() - began < 0.006:
            pass
        return ()

    async def script(consumer):
        consumer.post(hook(1.0))

    consumer, _ = run(consume(ScriptedCore(answers={HookChanged: slow}), script))
    assert consumer.watch.slow == {"HookChanged": 1}
    assert consumer.watch.worst == "HookChanged"

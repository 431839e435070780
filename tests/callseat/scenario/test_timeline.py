"""The timeline gives every decision a mark and its true time, and wakes whoever waits."""

from __future__ import annotations

import asyncio

from callseat.loops import VirtualTimeLoop
from callseat.scenario.timeline import Timeline
from state.commands import Answer, Lamps, SendDigits, SetLamps
from state.effects import CallCommand, PlayPrompt, Publish, Record, SendToDevice, StopPrompt
from state.events import (
    AudioAnalysedUntil,
    CommandRequested,
    DigitKeyed,
    LevelMeasured,
    PromptStarted,
    SpeechStarted,
)
from state.rows import AgentRow, Stamp
from state.words import Audience, Channel
from tests.virtual import passes


def marks(timeline: Timeline) -> list[str]:
    return [entry.mark for entry in timeline.entries]


def test_effects_and_events_become_marks() -> None:
    timeline = Timeline()
    play = PlayPrompt("p1", Audience.AGENT, "silent.stage_2.inbound.ear", "x", "en")
    effects = (
        CallCommand("desk", Answer("desk-1")),
        SendToDevice("headset", SetLamps(Lamps(ring=True))),
        play,
        StopPrompt("p1", "why"),
        Record(AgentRow(Stamp(1.0), None, "ready")),
        Publish("audio.level", {"level_dbfs": -60.0}),
        Publish("cue.given", {"cue": "opening"}),
    )
    timeline.consumed(1.0, None, effects)
    timeline.consumed(2.0, PromptStarted(1.98, "audio", "p1", Audience.AGENT), ())
    timeline.consumed(2.0, AudioAnalysedUntil(2.0, "audio", "desk", Channel.NEAR, 2.0), ())
    assert marks(timeline) == [
        "effect:Answer",
        "effect:SetLamps",
        "effect:PlayPrompt",
        "effect:StopPrompt",
        "cue.given",
        "cue:opening",
        "prompt:silent.stage_2",
        "event:PromptStarted",
    ]
    assert timeline.mentions("prompt:silent.stage_2")[0].at == 1.98
    assert timeline.at == 2.0


def test_facts_known_late_have_their_true_time() -> None:
    timeline = Timeline()
    timeline.consumed(
        5.1,
        SpeechStarted(5.1, "audio", "desk", Channel.FAR, 4.9),
        (Publish("speech.stopped", {"channel": "far", "ended_at": 4.8}),),
    )
    assert [(entry.mark, entry.at, entry.seen_at) for entry in timeline.entries] == [
        ("event:SpeechStarted", 4.9, 5.1),
        ("speech.stopped", 4.8, 5.1),
    ]


def test_levels_are_kept_beside() -> None:
    timeline = Timeline()
    timeline.consumed(1.0, LevelMeasured(1.0, "audio", "desk", Channel.FAR, -40.0, -60.0), ())
    assert timeline.levels == {("desk", Channel.FAR): -40.0}
    assert timeline.entries == []


def test_keyed_digits_are_told_to_nobody() -> None:
    timeline = Timeline()
    timeline.consumed(1.0, DigitKeyed(1.0, "h", "h", "7"), (CallCommand("desk", SendDigits("7741")),))
    timeline.consumed(1.0, CommandRequested(1.0, "app", SendDigits("7741")), ())
    assert marks(timeline) == ["event:DigitKeyed", "effect:SendDigits", "event:CommandRequested"]
    assert not any("7" in str(entry.data) for entry in timeline.entries)


def test_waiting_ends_with_the_nth_mark_from_a_place_on() -> None:
    async def main() -> list[float]:
        timeline = Timeline()
        timeline.add("x", 1.0, 1.0)
        since = timeline.add("start", 2.0, 2.0).index
        waiting = [asyncio.create_task(timeline.reached("x", nth, since)) for nth in (1, 2)]
        await passes(1)
        assert not any(task.done() for task in waiting)
        for at in (3.0, 4.0):
            timeline.add("x", at, at)
        told = [(await task).at for task in waiting]
        return [*told, (await timeline.reached("x")).at, (await timeline.reached("x", 3)).at]

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(main()) == [3.0, 4.0, 1.0, 4.0]

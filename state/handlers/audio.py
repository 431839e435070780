"""What is heard: speech edges, watermarks and channel conditions reach the watched call.

May not measure anything; the analysers did.
"""

from __future__ import annotations

from dataclasses import replace

from state.chart import Move
from state.events import (
    AudioAnalysedUntil,
    AudioFaultEnded,
    AudioFaultFound,
    LevelMeasured,
    ListeningStarted,
    ListeningStopped,
    PromptFinished,
    PromptStarted,
    SignalChanged,
    SpeechDismissed,
    SpeechMeasured,
    SpeechStarted,
    SpeechStopped,
    SpeechSuspected,
)
from state.handlers.registry import Handlers
from state.hearing import Heard, SoundFault
from state.seat import Seat
from state.tables import ClosingOn, SilentOn
from state.watch import Watch
from state.words import Audience, Channel

ON = Handlers()


@ON(ListeningStarted)
def _listening_started(seat: Seat, event: ListeningStarted) -> None:
    line = seat.line(event.line)
    line.hearing.start(seat.desk.at)
    seat.arm_stall(line)
    seat.desk.changed = True
    watch = seat.watch_on(event.line)
    if watch is not None:
        seat.judge(watch)
        if not watch.past_silence:
            watch.silent.fire(SilentOn.CONNECTED)


@ON(ListeningStopped)
def _listening_stopped(seat: Seat, event: ListeningStopped) -> None:
    line = seat.line(event.line)
    line.hearing.stop()
    seat.desk.changed = True
    seat.desk.timers.cancel(line.stall_key)
    watch = seat.watch_on(event.line)
    if watch is not None:
        seat.judge(watch)


@ON(SpeechSuspected)
def _suspected(seat: Seat, event: SpeechSuspected) -> None:
    seat.line(event.line).hearing.suspected(event.channel, event.began_at)


@ON(SpeechDismissed)
def _dismissed(seat: Seat, event: SpeechDismissed) -> None:
    seat.line(event.line).hearing.dismissed(event.channel)


@ON(SpeechStarted)
def _started(seat: Seat, event: SpeechStarted) -> None:
    hearing = seat.line(event.line).hearing
    utterance = hearing.started(event.channel, event.began_at)
    watch = seat.watch_on(event.line)
    if watch is None:
        return
    if utterance is not None:
        _said(seat, watch, utterance)
    _first(watch, event)
    if event.channel is Channel.FAR:
        watch.customer_speaks()
    else:
        fact = seat.mute_fact() if seat.muted() else None
        if fact is not None:
            watch.spoke_while_muted(fact.where, fact.since)
        seat.follow_muted_speech(watch)
    watch.closing.fire(ClosingOn.SPOKE)
    seat.desk.publish("speech.started", call=watch.call.id, channel=event.channel, began_at=event.began_at)


def _first(watch: Watch, event: SpeechStarted) -> None:
    """When each side was first heard, counted from the connection."""
    call = watch.call
    seconds = round(call.connected_s(event.began_at), 3)
    if event.channel is Channel.FAR and call.row.first_far_s is None:
        call.row = replace(call.row, first_far_s=seconds)
    if event.channel is Channel.NEAR and call.row.first_near_s is None:
        call.row = replace(call.row, first_near_s=seconds)


@ON(SpeechStopped)
def _stopped(seat: Seat, event: SpeechStopped) -> None:
    length_s = seat.line(event.line).hearing.stopped(event.channel, event.ended_at)
    watch = seat.watch_on(event.line)
    if watch is None:
        return
    watch.call.spoken_s[event.channel] += length_s
    seat.follow_muted_speech(watch)
    watch.closing.fire(ClosingOn.SPOKE)
    seat.desk.publish("speech.stopped", call=watch.call.id, channel=event.channel, ended_at=event.ended_at)


@ON(AudioAnalysedUntil)
def _analysed(seat: Seat, event: AudioAnalysedUntil) -> None:
    line = seat.lines.get(event.line)
    if line is None:
        return
    utterance = line.hearing.analysed(event.channel, event.until)
    fault_s = seat.desk.settings.watermark_fault_s
    if line.hearing.stalled and line.hearing.analysed_until + fault_s > seat.desk.at:
        line.hearing.stalled = False
        seat.arm_stall(line)
        seat.judge_all()
    if utterance is not None:
        watch = seat.watch_on(event.line)
        if watch is not None:
            _said(seat, watch, utterance)


def _said(seat: Seat, watch: Watch, utterance: Heard) -> None:
    """What the agent said counts only if the customer could hear it."""
    audible = watch.audible(utterance)
    if audible is None:
        return
    long_enough = audible.length_s >= seat.desk.settings.silent_call.utterance_s
    row = watch.silent.fire(SilentOn.NEAR_UTTERANCE if long_enough else SilentOn.NEAR_BLIP, audible)
    if isinstance(row, Move):
        seat.desk.changed = True


@ON(LevelMeasured)
def _level(seat: Seat, event: LevelMeasured) -> None:
    seat.desk.publish(
        "audio.level",
        line=event.line,
        channel=event.channel,
        level_dbfs=round(event.level_dbfs, 1),
        floor_dbfs=round(event.floor_dbfs, 1),
    )


@ON(SignalChanged)
def _signal(seat: Seat, event: SignalChanged) -> None:
    ear = seat.line(event.line).hearing.ear(event.channel)
    ear.condition, ear.condition_since, ear.evidence = event.condition, event.began_at, event.evidence
    seat.desk.changed = True
    seat.desk.publish(
        "audio.signal_changed",
        line=event.line,
        channel=event.channel,
        condition=event.condition,
        began_at=round(event.began_at, 3),
        evidence=event.evidence,
    )
    watch = seat.watch_on(event.line)
    if watch is not None:
        seat.judge(watch)


@ON(AudioFaultFound)
def _fault_found(seat: Seat, event: AudioFaultFound) -> None:
    fault = SoundFault(event.fault, event.began_at, event.confidence, event.evidence)
    seat.line(event.line).fault_found(event.channel, fault)
    watch = seat.watch_on(event.line)
    if watch is not None:
        seat.judge(watch)


@ON(AudioFaultEnded)
def _fault_ended(seat: Seat, event: AudioFaultEnded) -> None:
    seat.line(event.line).fault_ended(event.channel, event.fault, event.ended_at)
    watch = seat.watch_on(event.line)
    if watch is not None:
        watch.hints.mended(event.channel, event.fault)
        seat.judge(watch)


@ON(SpeechMeasured)
def _measured(seat: Seat, event: SpeechMeasured) -> None:
    """The last one of a call comes when it is over, and its record written: then it is written again."""
    call = seat.calls.get(event.call)
    over = call is None
    if call is None:
        recent = reversed(seat.recent.values())
        call = next((each for each in recent if each.id == event.call and each.line == event.line), None)
    if call is None:
        return
    call.row = replace(call.row, speech=event.figures)
    if over:
        call.write()
    else:
        seat.desk.changed = True
    seat.desk.publish("speech.measured", call=call.id, line=call.line, figures=event.figures)


@ON(PromptStarted)
def _prompt_started(seat: Seat, event: PromptStarted) -> None:
    seat.desk.publish("prompt.started", prompt=event.prompt, audience=event.audience)


@ON(PromptFinished)
def _prompt_finished(seat: Seat, event: PromptFinished) -> None:
    seat.desk.publish(
        "prompt.finished", prompt=event.prompt, audience=event.audience, completed=event.completed
    )
    watch = seat.watch_on(event.line) if event.line is not None else None
    if watch is not None and event.audience is Audience.LINE:
        watch.silent.fire(SilentOn.PROMPT_DONE if event.completed else SilentOn.PROMPT_FAILED, event)
        seat.desk.changed = True

"""The inbox keeps order and facts; only truths that replace each other are coalesced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callseat.mailbox import Inbox, InboxOverflow
from state.events import (
    AudioAnalysedUntil,
    AudioFaultEnded,
    AudioFaultFound,
    HookChanged,
    LevelMeasured,
    SignalChanged,
    SpeechDismissed,
    SpeechMeasured,
    SpeechStarted,
    SpeechStopped,
    SpeechSuspected,
)
from state.words import AudioFault, Channel, SignalCondition


def hook(at, off_hook=True):
    return HookChanged(at, "h", "h", off_hook)


def until(at, channel=Channel.FAR):
    return AudioAnalysedUntil(at, "audio", "l1", channel, at)


def started(at, channel=Channel.FAR):
    return SpeechStarted(at, "audio", "l1", channel, at - 0.1)


def stopped(at, channel=Channel.FAR):
    return SpeechStopped(at, "audio", "l1", channel, at - 0.3)


def found(at, fault=AudioFault.HUM, channel=Channel.NEAR, line="l1", confidence=0.9):
    return AudioFaultFound(at, "audio", line, channel, fault, at, confidence, "measured")


def ended(at, fault=AudioFault.HUM, channel=Channel.NEAR, line="l1"):
    return AudioFaultEnded(at, "audio", line, channel, fault, at)


def drain(inbox):
    events = []
    while (event := inbox.take()) is not None:
        events.append(event)
    return events


def test_arrival_order_across_kinds():
    inbox = Inbox()
    events = [hook(1), started(2), until(2), hook(3), stopped(4), until(5, Channel.NEAR)]
    for event in events:
        inbox.put(event)
    assert drain(inbox) == events
    assert len(inbox) == 0
    assert inbox.take() is None


def test_a_newer_watermark_replaces_the_older_and_never_overtakes_an_edge():
    inbox = Inbox()
    for event in (until(1), hook(1.5), started(2), until(2), until(3)):
        inbox.put(event)
    assert drain(inbox) == [hook(1.5), started(2), until(3)]
    assert inbox.counters.coalesced == 2


def test_channels_lines_and_kinds_do_not_replace_each_other():
    inbox = Inbox()
    level = LevelMeasured(1, "audio", "l1", Channel.FAR, -30, -60)
    signal = SignalChanged(1, "audio", "l1", Channel.FAR, SignalCondition.DIGITAL_ZERO, 0.5, "zeros")
    other = AudioAnalysedUntil(1, "audio", "l2", Channel.FAR, 1)
    events = [until(1), until(1, Channel.NEAR), other, level, signal]
    for event in events:
        inbox.put(event)
    assert drain(inbox) == events


def test_the_newest_measures_of_a_call_replace_its_older_ones_and_no_other_calls():
    inbox = Inbox()
    first, other, newest = (
        SpeechMeasured(at, "audio", "l1", call, ()) for at, call in ((1, "l1-1"), (2, "l1-2"), (3, "l1-1"))
    )
    for event in (first, other, hook(2.5), newest):
        inbox.put(event)
    assert drain(inbox) == [other, hook(2.5), newest]
    assert inbox.counters.coalesced == 1
    inbox.put(first)
    assert drain(inbox) == [first]


def test_edges_fold_to_speech_that_is_over():
    inbox = Inbox(edge_bound=4)
    for at in range(0, 8, 2):
        inbox.put(started(at))
        inbox.put(stopped(at + 1))
    kept = drain(inbox)
    assert isinstance(kept[0], SpeechStarted)
    assert kept[-1] == stopped(7)
    assert inbox.counters.folded_edges > 0
    assert len(kept) <= 5


def test_edges_fold_to_speech_that_goes_on():
    inbox = Inbox(edge_bound=2)
    for event in (started(0), stopped(1), started(2), stopped(3), started(4)):
        inbox.put(event)
    assert drain(inbox)[-1] == started(4)


def test_a_dismissed_suspicion_does_not_hide_earlier_speech():
    inbox = Inbox(edge_bound=4)
    events = [
        SpeechSuspected(0, "audio", "l1", Channel.FAR, 0),
        started(1),
        stopped(2),
        SpeechSuspected(3, "audio", "l1", Channel.FAR, 3),
        SpeechDismissed(4, "audio", "l1", Channel.FAR),
        SpeechSuspected(5, "audio", "l1", Channel.FAR, 5),
    ]
    for event in events:
        inbox.put(event)
    kept = drain(inbox)
    assert started(1) in kept
    assert stopped(2) in kept
    assert kept[-1] == events[-1]


def test_lossless_overflow_is_fatal_and_audio_does_not_count():
    inbox = Inbox(lossless_bound=3)
    for at in range(3):
        inbox.put(hook(at))
        inbox.put(until(at))
    with pytest.raises(InboxOverflow, match="3 events wait"):
        inbox.put(hook(9))
    assert drain(inbox)[-1] == until(2)
    inbox.put(hook(10))
    assert drain(inbox) == [hook(10)]


def test_found_and_ended_replace_each_other_and_the_newest_is_what_is_so():
    inbox = Inbox()
    for event in (found(1), hook(2), ended(3)):
        inbox.put(event)
    assert drain(inbox) == [hook(2), ended(3)]
    for event in (ended(4), found(5), found(6, confidence=0.4)):
        inbox.put(event)
    assert drain(inbox) == [found(6, confidence=0.4)]
    assert inbox.counters.coalesced == 3


def test_faults_of_other_kinds_channels_and_lines_are_others():
    events = [
        found(1),
        found(1, AudioFault.GAPS),
        found(1, channel=Channel.FAR),
        found(1, line="l2"),
        ended(1, AudioFault.CLIPPING),
    ]
    inbox = Inbox(lossless_bound=1)
    for event in events:
        inbox.put(event)
    assert drain(inbox) == events


FAULT_EVENTS = st.tuples(
    st.sampled_from([found, ended]),
    st.sampled_from([AudioFault.HUM, AudioFault.GAPS]),
    st.sampled_from(Channel),
)


@given(st.lists(FAULT_EVENTS, max_size=30), st.integers(0, 30))
def test_whatever_is_coalesced_the_belief_about_every_fault_is_true(made, taken_early):
    inbox, events, kept = Inbox(), [], []
    for at, (make, fault, channel) in enumerate(made):
        events.append(make(float(at), fault, channel))
        inbox.put(events[-1])
        if at == taken_early:
            kept += drain(inbox)
    kept += drain(inbox)
    assert _faults(kept) == _faults(events)


def _faults(events):
    """What whoever follows the events believes to be wrong."""
    believed = {}
    for event in events:
        if isinstance(event, AudioFaultFound):
            believed[event.channel, event.fault] = event
        else:
            believed.pop((event.channel, event.fault), None)
    return believed


edges = st.sampled_from([SpeechSuspected, SpeechDismissed, SpeechStarted, SpeechStopped])


@given(st.lists(edges, min_size=1, max_size=40), st.integers(2, 6))
def test_whatever_is_folded_the_last_belief_is_true(kinds, bound):
    """What is left ends in the same belief as everything would, and speech is never forgotten."""
    makers = {
        SpeechSuspected: lambda at: SpeechSuspected(at, "audio", "l1", Channel.FAR, at),
        SpeechDismissed: lambda at: SpeechDismissed(at, "audio", "l1", Channel.FAR),
        SpeechStarted: started,
        SpeechStopped: stopped,
    }
    inbox = Inbox(edge_bound=bound)
    events = [makers[kind](float(at)) for at, kind in enumerate(kinds)]
    for event in events:
        inbox.put(event)
    kept = drain(inbox)
    assert kept[-1] == events[-1]
    assert [event.at for event in kept] == sorted(event.at for event in kept)
    assert (SpeechStarted in map(type, kept)) == (SpeechStarted in kinds)
    assert _speaking(kept) == _speaking(events)


def _speaking(events):
    speaking = False
    for event in events:
        if isinstance(event, SpeechStarted | SpeechStopped):
            speaking = isinstance(event, SpeechStarted)
    return speaking

"""Faults of the sound: kept per line and channel, shown, forgotten with the call, and read as causes."""

from __future__ import annotations

import pytest

from state.events import AudioFaultFound
from state.hearing import Hearing, SoundFault
from state.signs import FAULT_READINGS, Reading
from state.words import AudioFault, Channel, MuteState, SignalCondition, SilenceCause, SilentState
from tests.docs.pages import page, rows
from tests.state.driver import L1, L2, Desk, near_to

NEAR, FAR = Channel.NEAR, Channel.FAR
CLIPPING, HUM, SPEAKING = AudioFault.CLIPPING, AudioFault.HUM, AudioFault.SPEAKING_WHILE_MUTED


def waiting() -> tuple[Desk, str]:
    """A call at 4 s: the agent has said the opening until 2.5 s, and the first wait runs to 7.5 s."""
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(4.0)
    assert desk.view(call).silent == SilentState.WAIT_1
    return desk, call


# what is known -----------------------------------------------------------------------------------


def test_a_fault_is_in_the_picture_of_its_line_with_everything_that_is_known() -> None:
    desk = Desk()
    desk.talks()
    desk.runs_to(3.0)
    desk.finds(NEAR, CLIPPING, 0.83, began_at=1.5)
    (line,) = desk.now.lines
    (fault,) = line.faults
    assert (fault.channel, fault.fault, fault.since) == (NEAR, CLIPPING, 1.5)
    assert (fault.confidence, fault.evidence) == (0.83, "clipping measured")


def test_what_each_side_carries_is_in_the_picture_while_it_is_listened_to() -> None:
    desk = Desk()
    (line,) = desk.now.lines
    assert (line.near, line.far) == (None, None)
    desk.talks()
    (line,) = desk.now.lines
    assert line.near is not None
    assert (line.near.condition, line.near.evidence) == (SignalCondition.OK, "")
    since = line.near.since
    desk.runs_to(3.0)
    desk.carries(FAR, SignalCondition.BUSY)
    (line,) = desk.now.lines
    assert line.far is not None
    assert (line.far.condition, line.far.since, line.far.evidence) == ("busy", 3.0, "busy seen")
    assert line.near is not None
    assert (line.near.condition, line.near.since) == ("ok", since)
    told = {"line": L1, "channel": FAR, "condition": "busy", "began_at": 3.0, "evidence": "busy seen"}
    assert desk.told("audio.signal_changed") == [(3.0, told)]
    desk.stops_listening()
    (line,) = desk.now.lines
    assert (line.near, line.far) == (None, None)


def test_channels_and_faults_do_not_replace_each_other_and_near_comes_first() -> None:
    desk = Desk()
    desk.talks()
    desk.finds(FAR, HUM)
    desk.finds(NEAR, HUM)
    desk.finds(NEAR, CLIPPING)
    assert list(desk.faults()) == [("near", "hum"), ("near", "clipping"), ("far", "hum")]


def test_lines_keep_their_faults_apart() -> None:
    desk = Desk(lines=(L1, L2))
    desk.talks(L1)
    desk.listens(L2)
    desk.finds(NEAR, HUM, line=L2)
    assert desk.faults(L1) == {}
    assert desk.faults(L2) == {("near", "hum"): 0.9}


def test_the_newest_word_on_a_fault_is_the_truth() -> None:
    desk = Desk()
    desk.talks()
    desk.finds(NEAR, HUM, 0.4)
    desk.finds(NEAR, HUM, 0.8)
    assert desk.faults() == {("near", "hum"): 0.8}


def test_found_and_ended_are_told_with_their_true_times() -> None:
    desk = Desk()
    desk.talks()
    desk.runs_to(3.0)
    desk.finds(NEAR, HUM, 0.7, began_at=1.0)
    desk.runs_to(5.0)
    desk.mends(NEAR, HUM)
    told = {"line": L1, "channel": NEAR, "fault": HUM}
    measured = {"began_at": 1.0, "confidence": 0.7, "evidence": "hum measured"}
    assert desk.told("audio.fault_found") == [(3.0, {**told, **measured})]
    assert desk.told("audio.fault_ended") == [(5.0, {**told, "ended_at": 5.0})]
    assert desk.faults() == {}


def test_the_same_word_twice_is_no_news() -> None:
    desk = Desk()
    desk.talks()
    desk.finds(NEAR, HUM, began_at=0.0)
    picture = desk.now
    desk.finds(NEAR, HUM, began_at=0.0)
    assert desk.now is picture
    assert len(desk.told("audio.fault_found")) == 1


def test_the_end_of_a_fault_nobody_found_is_no_news() -> None:
    desk = Desk()
    desk.talks()
    desk.mends(NEAR, HUM)
    assert desk.told("audio.fault_ended") == []


@pytest.mark.parametrize("how", ["cleared", "held", "line lost in the analysis"])
def test_nothing_is_believed_of_a_line_nobody_listens_to(how: str) -> None:
    desk = Desk()
    call = desk.talks()
    desk.finds(NEAR, HUM)
    desk.finds(FAR, AudioFault.GAPS)
    if how == "cleared":
        desk.clears(call)
    elif how == "held":
        desk.holds(call)
        desk.stops_listening()
    else:
        desk.stops_listening()
    assert desk.faults() == {}
    desk.finds(NEAR, CLIPPING)
    assert desk.faults() == {}, "told late, of a call that is over"


def test_a_new_call_begins_without_faults() -> None:
    desk = Desk()
    call = desk.talks()
    desk.finds(NEAR, HUM)
    desk.clears(call)
    desk.talks()
    assert desk.faults() == {}


def test_a_dead_microphone_is_not_believed_dead_once_nobody_listens() -> None:
    desk, call = waiting()
    desk.carries(NEAR, SignalCondition.DIGITAL_ZERO)
    assert desk.view(call).silence_cause == "agent_mic_dead"
    desk.stops_listening()
    assert desk.view(call).silence_cause is None


def test_a_hearing_that_does_not_listen_learns_nothing() -> None:
    hearing = Hearing(0.8)
    assert not hearing.found(NEAR, SoundFault(HUM, 1.0, 0.9, "x"))
    assert hearing.near.faults == {}
    hearing.start(0.0)
    assert hearing.found(NEAR, SoundFault(HUM, 1.0, 0.9, "x"))
    assert hearing.mended(NEAR, HUM)
    assert not hearing.mended(NEAR, HUM)


# read as causes ------------------------------------------------------------------------------------

CAUSES = [
    (channel, fault, reading)
    for (channel, fault), reading in FAULT_READINGS.items()
    if reading.cause is not SilenceCause.CUSTOMER_SILENT
]


@pytest.mark.parametrize(("channel", "fault", "reading"), CAUSES)
def test_a_sure_fault_is_its_cause_with_evidence_and_freezes_the_clock(
    channel: Channel, fault: AudioFault, reading: Reading
) -> None:
    desk, call = waiting()
    desk.finds(channel, fault, reading.min_confidence)
    view = desk.view(call)
    assert view.silence_cause == reading.cause
    assert f"{100 * reading.min_confidence:.0f} % sure" in view.silence_evidence or fault in {
        AudioFault.DIGITAL_ZERO,
        AudioFault.FROZEN,
    }
    assert desk.cues(call) == [(f"cause.{reading.cause}", 4.0)]
    desk.runs_to(30.0)
    assert desk.cue_times("silent.stage_2") == []
    desk.mends(channel, fault)
    desk.runs_to(40.0)
    assert near_to(desk.cue_times("silent.stage_2")[:1], 33.5)
    desk.clears(call)
    assert desk.row(call).cause_s[reading.cause] == pytest.approx(26.0)


@pytest.mark.parametrize(("channel", "fault", "reading"), CAUSES)
def test_a_doubtful_fault_never_freezes_the_clock(
    channel: Channel, fault: AudioFault, reading: Reading
) -> None:
    desk, call = waiting()
    desk.finds(channel, fault, reading.min_confidence - 0.01)
    assert desk.view(call).silence_cause == "customer_silent"
    desk.runs_to(8.0)
    assert near_to(desk.cue_times("silent.stage_2"), 7.5)


ANYTHING = [(channel, fault) for channel in Channel for fault in AudioFault]


@pytest.mark.parametrize(
    ("channel", "fault"), [each for each in ANYTHING if each not in {(c, f) for c, f, _ in CAUSES}]
)
def test_a_fault_that_is_no_cause_leaves_the_clock_alone_however_sure(
    channel: Channel, fault: AudioFault
) -> None:
    desk, call = waiting()
    desk.finds(channel, fault, 1.0)
    assert desk.view(call).silence_cause == "customer_silent"
    desk.runs_to(8.0)
    assert near_to(desk.cue_times("silent.stage_2"), 7.5)


def test_a_fault_that_grows_surer_becomes_a_cause_and_one_that_grows_doubtful_ceases() -> None:
    desk, call = waiting()
    desk.finds(NEAR, AudioFault.WRONG_DEVICE, 0.6, began_at=1.0)
    assert desk.view(call).silence_cause == "customer_silent"
    desk.runs_to(5.0)
    desk.finds(NEAR, AudioFault.WRONG_DEVICE, 0.8, began_at=1.0)
    assert desk.view(call).silence_cause == "agent_mic_dead"
    desk.runs_to(6.0)
    desk.finds(NEAR, AudioFault.WRONG_DEVICE, 0.3, began_at=1.0)
    assert desk.view(call).silence_cause == "customer_silent"


def test_a_fault_known_late_is_charged_from_its_true_beginning() -> None:
    """The customer was never silent for those seconds: nobody could have been heard."""
    desk = Desk()
    call = desk.talks()
    desk.runs_to(20.0)
    desk.finds(FAR, AudioFault.ONE_WAY, 0.95, began_at=3.0)
    desk.runs_to(25.0)
    desk.clears(call)
    row = desk.row(call)
    assert row.cause_s == pytest.approx({"customer_silent": 3.0, "line_audio_dead": 22.0})
    assert row.silent_outcome == "line_fault"


def test_what_was_charged_once_is_not_charged_again() -> None:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(4.0)
    desk.mutes()
    desk.runs_to(8.0)
    desk.mutes(muted=False)
    desk.runs_to(10.0)
    desk.finds(FAR, AudioFault.ONE_WAY, 0.95, began_at=3.0)
    desk.runs_to(12.0)
    desk.clears(call)
    charged = {"customer_silent": 4.0, "agent_muted": 4.0, "line_audio_dead": 4.0}
    assert desk.row(call).cause_s == pytest.approx(charged)


def test_an_echo_is_no_customer_and_is_named_in_the_evidence() -> None:
    desk, call = waiting()
    desk.finds(FAR, AudioFault.ECHO, 0.9, began_at=1.0)
    view = desk.view(call)
    assert view.silence_cause == "customer_silent"
    assert (
        "line carries the agent's own voice back for 3.0 s (echo measured, 90 % sure)"
        in view.silence_evidence
    )
    assert len(desk.told("silence.cause")) == 2
    desk.mends(FAR, AudioFault.ECHO)
    assert "own voice" not in desk.view(call).silence_evidence


# a mute that is over -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "dead_from"),
    [
        (AudioFault.DIGITAL_ZERO, 10.5),
        (AudioFault.FROZEN, 10.5),
        (AudioFault.WRONG_DEVICE, 25.0),
        (AudioFault.ONE_WAY, 25.0),
    ],
)
def test_what_a_mute_explains_is_a_dead_microphone_only_when_it_goes_on(
    fault: AudioFault, dead_from: float
) -> None:
    """A voice that mute kept away is not missed the moment the mute is over."""
    desk, call = waiting()
    desk.mutes()
    desk.runs_to(9.0)
    desk.finds(NEAR, fault, 0.95, began_at=5.0)
    assert desk.view(call).silence_cause == "agent_muted"
    desk.runs_to(10.0)
    desk.mutes(muted=False)
    assert desk.view(call).silence_cause == "customer_silent"
    desk.runs_to(dead_from + 1.0)
    assert near_to(desk.cue_times("cause.agent_mic_dead"), dead_from)


def test_one_dead_sign_that_no_mute_explains_is_enough() -> None:
    desk, call = waiting()
    desk.mutes()
    desk.runs_to(9.0)
    desk.finds(NEAR, AudioFault.ONE_WAY, 0.95, began_at=5.0)
    desk.runs_to(10.0)
    desk.mutes(muted=False)
    desk.runs_to(12.0)
    assert desk.view(call).silence_cause == "customer_silent"
    desk.finds(NEAR, AudioFault.WRONG_DEVICE, 0.95, began_at=11.0)
    view = desk.view(call)
    assert view.silence_cause == "agent_mic_dead"
    assert view.silence_evidence.startswith(
        "microphone seems to be another device than the agent's for 1.0 s"
    )


# speaking while muted ------------------------------------------------------------------------------


def muted_call() -> tuple[Desk, str]:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(2.0)
    desk.mutes()
    return desk, call


def test_speaking_while_muted_is_a_fault_for_as_long_as_both_last() -> None:
    desk, _ = muted_call()
    desk.agent_speaks(4.0, 6.0)
    desk.runs_to(3.9)
    assert desk.faults() == {}
    desk.runs_to(5.0)
    (line,) = desk.now.lines
    (fault,) = line.faults
    assert (fault.channel, fault.fault, fault.since, fault.confidence) == (NEAR, SPEAKING, 4.0, 1.0)
    assert fault.evidence == "a voice at the microphone while the headset reports muted"
    desk.runs_to(7.0)
    assert desk.faults() == {}
    ((_, ended),) = desk.told("audio.fault_ended")
    assert ended["ended_at"] == 6.0


def test_it_ends_when_the_agent_is_live_again() -> None:
    desk, _ = muted_call()
    desk.agent_speaks(4.0, 9.0)
    desk.runs_to(5.0)
    assert ("near", SPEAKING) in desk.faults()
    desk.mutes(muted=False)
    assert desk.faults() == {}
    desk.runs_to(8.0)
    assert desk.faults() == {}


def test_it_begins_with_the_mute_where_the_agent_speaks_already() -> None:
    desk = Desk()
    desk.talks()
    desk.agent_speaks(1.0, 9.0)
    desk.runs_to(4.0)
    desk.mutes()
    (line,) = desk.now.lines
    assert [fault.since for fault in line.faults] == [4.0]
    assert desk.cue_times("cause.speaking_while_muted") == [], "the words in the agent's mouth are no mistake"


def test_the_place_that_mutes_is_named() -> None:
    desk = Desk()
    call = desk.talks()
    desk.reports_mute(muted=True, locked=True)
    desk.agent_speaks(1.0, 3.0)
    desk.runs_to(2.0)
    assert "while the headset reports muted" in desk.now.lines[0].faults[0].evidence
    assert desk.now.mute.value == MuteState.MUTED
    desk.clears(call)
    assert desk.faults() == {}


def test_the_customer_speaking_is_not_the_agent() -> None:
    desk, _ = muted_call()
    desk.customer_speaks(4.0, 6.0)
    desk.runs_to(5.0)
    assert desk.faults() == {}


def test_an_event_of_a_line_never_heard_of_is_kept_out() -> None:
    desk = Desk()
    desk.tell(AudioFaultFound(desk.at, "audio", L2, NEAR, HUM, 0.0, 0.9, "x"))
    assert desk.faults(L2) == {}


def test_the_page_has_the_table() -> None:
    """docs/procedures.md: what is read as which cause, and from which confidence on."""
    known = {(channel.value, fault.value) for channel, fault in FAULT_READINGS}
    told = [row for row in rows(page("docs/procedures.md"), "Why nobody hears the customer") if len(row) == 4]
    table = {(row[0], row[1].strip("`")): row for row in told if (row[0], row[1].strip("`")) in known}
    assert table.keys() == known
    for (channel, fault), reading in FAULT_READINGS.items():
        _, _, confidence, cause = table[channel.value, fault.value]
        assert (float(confidence), cause.strip("`")) == (reading.min_confidence, reading.cause)

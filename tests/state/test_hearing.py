"""Speech of both sides joined into utterances, and when a deadline may be believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.hearing import Heard, Hearing
from state.words import Channel

NEAR, FAR = Channel.NEAR, Channel.FAR


def listening(at: float = 0.0, gap_s: float = 0.8) -> Hearing:
    """A hearing that listens from `at` on."""
    hearing = Hearing(gap_s)
    hearing.start(at)
    return hearing


def analysed(hearing: Hearing, until: float) -> Heard | None:
    """Both watermarks at `until`."""
    hearing.analysed(FAR, until)
    return hearing.analysed(NEAR, until)


def spoke(hearing: Hearing, channel: Channel, begin: float, end: float) -> Heard | None:
    """A whole piece of speech."""
    finished = hearing.started(channel, begin)
    hearing.stopped(channel, end)
    return finished


def test_an_utterance_is_told_when_no_pause_can_continue_it() -> None:
    hearing = listening()
    spoke(hearing, NEAR, 1.0, 2.0)
    assert analysed(hearing, 2.79) is None
    assert analysed(hearing, 2.8) == Heard(1.0, 2.0)
    assert analysed(hearing, 5.0) is None


def test_a_pause_up_to_the_gap_joins() -> None:
    hearing = listening()
    spoke(hearing, NEAR, 1.0, 2.0)
    assert spoke(hearing, NEAR, 2.8, 3.5) is None
    assert analysed(hearing, 4.3) == Heard(1.0, 3.5)


def test_a_longer_pause_begins_a_new_one_and_hands_over_the_old() -> None:
    hearing = listening()
    spoke(hearing, NEAR, 1.0, 2.0)
    assert spoke(hearing, NEAR, 2.9, 3.5) == Heard(1.0, 2.0)
    assert analysed(hearing, 4.3) == Heard(2.9, 3.5)


@pytest.mark.parametrize("sure", [True, False])
def test_speech_about_to_continue_an_utterance_keeps_it_open(*, sure: bool) -> None:
    hearing = listening()
    spoke(hearing, NEAR, 1.0, 2.0)
    if sure:
        hearing.started(NEAR, 2.7)
    else:
        hearing.suspected(NEAR, 2.7)
    assert analysed(hearing, 3.5) is None
    if sure:
        hearing.stopped(NEAR, 3.4)
    else:
        hearing.dismissed(NEAR)
    assert analysed(hearing, 4.3) == Heard(1.0, 3.4 if sure else 2.0)


def test_a_suspicion_too_late_to_continue_does_not_keep_it_open() -> None:
    hearing = listening()
    spoke(hearing, NEAR, 1.0, 2.0)
    hearing.suspected(NEAR, 2.9)
    assert analysed(hearing, 3.0) == Heard(1.0, 2.0)


def test_the_customers_speech_makes_no_utterance() -> None:
    hearing = listening()
    assert spoke(hearing, FAR, 1.0, 2.0) is None
    assert spoke(hearing, FAR, 5.0, 6.0) is None
    assert analysed(hearing, 9.0) is None


def test_speech_is_as_long_as_it_lasted() -> None:
    hearing = listening()
    assert hearing.started(FAR, 1.0) is None
    assert hearing.stopped(FAR, 2.5) == 1.5
    assert Heard(1.0, 2.5).length_s == 1.5


def test_an_end_without_a_beginning_lasts_nothing() -> None:
    hearing = listening()
    assert hearing.stopped(NEAR, 2.0) == 0.0
    assert analysed(hearing, 3.0) == Heard(2.0, 2.0)


# deadlines -------------------------------------------------------------------------------------


def test_a_deadline_is_believed_once_both_channels_are_analysed() -> None:
    hearing = listening()
    hearing.analysed(NEAR, 5.0)
    assert not hearing.ready(5.0)
    hearing.analysed(FAR, 4.9)
    assert not hearing.ready(5.0)
    hearing.analysed(FAR, 5.0)
    assert hearing.ready(5.0)
    assert hearing.analysed_until == 5.0


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("sure", [True, False])
@pytest.mark.parametrize(("began", "holds"), [(4.0, True), (5.0, True), (5.1, False)])
def test_speech_begun_by_the_deadline_holds_it(
    channel: Channel, *, sure: bool, began: float, holds: bool
) -> None:
    hearing = listening()
    if sure:
        hearing.started(channel, began)
    else:
        hearing.suspected(channel, began)
    analysed(hearing, 6.0)
    assert hearing.ready(5.0) is not holds


def test_a_dismissed_suspicion_holds_nothing() -> None:
    hearing = listening()
    hearing.suspected(FAR, 4.0)
    hearing.dismissed(FAR)
    analysed(hearing, 6.0)
    assert hearing.ready(5.0)


def test_an_utterance_not_yet_told_holds_the_deadline() -> None:
    hearing = listening()
    spoke(hearing, NEAR, 4.0, 4.9)
    analysed(hearing, 5.2)
    assert not hearing.ready(5.0)
    analysed(hearing, 5.7)
    assert hearing.ready(5.0)


def test_an_utterance_after_the_deadline_does_not() -> None:
    hearing = listening()
    spoke(hearing, NEAR, 5.1, 5.6)
    analysed(hearing, 5.7)
    assert hearing.ready(5.0)


# quiet -----------------------------------------------------------------------------------------


def test_quiet_counts_from_the_last_end_of_either_side() -> None:
    hearing = listening()
    assert hearing.quiet_since() is None
    spoke(hearing, NEAR, 1.0, 2.0)
    assert hearing.quiet_since() == 2.0
    hearing.started(FAR, 3.0)
    assert hearing.quiet_since() is None
    hearing.stopped(FAR, 4.0)
    assert hearing.quiet_since() == 4.0


def test_a_new_call_begins_with_fresh_ears() -> None:
    hearing = listening()
    spoke(hearing, NEAR, 1.0, 2.0)
    hearing.started(FAR, 2.0)
    hearing.stalled = True
    hearing.stop()
    assert not hearing.listening
    hearing.start(10.0)
    assert hearing.listening
    assert not hearing.stalled
    assert hearing.analysed_until == 10.0
    assert hearing.quiet_since() is None
    assert analysed(hearing, 20.0) is None
    assert hearing.ready(20.0)


# any speech --------------------------------------------------------------------------------------

PAUSES = st.floats(0.31, 0.79) | st.floats(0.81, 3.0)
PIECES = st.lists(st.tuples(PAUSES, st.floats(0.05, 4.0)), min_size=1, max_size=12)


@given(PIECES)
def test_utterances_are_the_pieces_joined_over_short_pauses(pieces: list[tuple[float, float]]) -> None:
    hearing, heard, expected, at = listening(), [], [], 0.0
    for pause_s, length_s in pieces:
        begin, end = at + pause_s, at + pause_s + length_s
        if expected and begin - expected[-1].end <= 0.8:
            expected[-1] = Heard(expected[-1].begin, end)
        else:
            expected.append(Heard(begin, end))
        heard += [analysed(hearing, begin), spoke(hearing, NEAR, begin, end), analysed(hearing, end)]
        at = end
    heard.append(analysed(hearing, at + 1.0))
    assert [utterance for utterance in heard if utterance is not None] == expected


@given(PIECES, st.floats(0.0, 30.0))
def test_a_believed_deadline_never_lies_within_speech(
    pieces: list[tuple[float, float]], deadline: float
) -> None:
    hearing, at = listening(), 0.0
    for pause_s, length_s in pieces:
        begin, end = at + pause_s, at + pause_s + length_s
        analysed(hearing, begin)
        hearing.started(FAR, begin)
        analysed(hearing, end)
        if begin <= deadline <= end:
            assert not hearing.ready(deadline)
        hearing.stopped(FAR, end)
        at = end

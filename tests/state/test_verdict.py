"""The verdict alone: which cause the facts make, in which order, and the sentence that says why."""

from __future__ import annotations

import pytest

from state.hearing import Hearing
from state.silence import REMEDY, Facts, MuteFact, judge
from state.words import Channel, Evidence, SignalCondition, SilenceCause

NEAR, FAR = Channel.NEAR, Channel.FAR
ZERO, FROZEN, QUIET, TONE = (
    SignalCondition.DIGITAL_ZERO,
    SignalCondition.FROZEN,
    SignalCondition.TOO_QUIET,
    SignalCondition.TONE,
)


def facts(**changes: object) -> Facts:
    """A call in which everything works."""
    hearing = Hearing(0.8)
    hearing.start(0.0)
    given = {"at": 10.0, "connected_at": 0.0, "mute": None, "unplugged_at": None, "hearing": hearing}
    return Facts(**{**given, **changes})


MUTED = MuteFact(muted=True, where="headset", since=3.0, locked=False)


def test_the_customer_is_named_last() -> None:
    verdict = judge(facts())
    assert verdict is not None
    assert verdict.cause is SilenceCause.CUSTOMER_SILENT


def test_nobody_is_named_where_nobody_listens() -> None:
    assert judge(facts(hearing=Hearing(0.8))) is None


@pytest.mark.parametrize(
    ("near", "far", "cause"),
    [
        (ZERO, ZERO, SilenceCause.AGENT_MIC_DEAD),
        (FROZEN, SignalCondition.OK, SilenceCause.AGENT_MIC_DEAD),
        (SignalCondition.OK, ZERO, SilenceCause.LINE_AUDIO_DEAD),
        (QUIET, ZERO, SilenceCause.LINE_AUDIO_DEAD),
        (QUIET, TONE, SilenceCause.AGENT_MIC_TOO_QUIET),
        (SignalCondition.OK, TONE, SilenceCause.MUSIC_OR_TONE),
        (SignalCondition.OK, SignalCondition.RINGBACK, SilenceCause.MUSIC_OR_TONE),
        (SignalCondition.OK, SignalCondition.BUSY, SilenceCause.MUSIC_OR_TONE),
        (SignalCondition.OK, SignalCondition.MUSIC, SilenceCause.MUSIC_OR_TONE),
        (SignalCondition.MUSIC, SignalCondition.OK, SilenceCause.CUSTOMER_SILENT),
        (SignalCondition.OK, QUIET, SilenceCause.CUSTOMER_SILENT),
    ],
)
def test_the_desk_comes_before_the_line(
    near: SignalCondition, far: SignalCondition, cause: SilenceCause
) -> None:
    given = facts()
    given.hearing.near.condition, given.hearing.far.condition = near, far
    verdict = judge(given)
    assert verdict is not None
    assert verdict.cause is cause


def test_what_a_device_says_comes_before_what_is_inferred() -> None:
    given = facts(mute=MUTED)
    given.hearing.near.condition = ZERO
    verdict = judge(given)
    assert verdict is not None
    assert (verdict.cause, verdict.where) == (SilenceCause.AGENT_MUTED, "headset")
    unplugged = judge(facts(mute=MUTED, unplugged_at=5.0))
    assert unplugged is not None
    assert unplugged.cause is SilenceCause.HEADSET_UNPLUGGED


@pytest.mark.parametrize(("mute_since", "connected_at", "since"), [(3.0, 0.0, 3.0), (3.0, 5.0, 5.0)])
def test_a_mute_silences_a_call_from_its_connection_at_the_earliest(
    mute_since: float, connected_at: float, since: float
) -> None:
    mute = MuteFact(muted=True, where="line", since=mute_since, locked=False)
    verdict = judge(facts(mute=mute, connected_at=connected_at))
    assert verdict is not None
    assert verdict.since == since


def test_every_cause_but_the_customer_and_unknown_has_its_remedy() -> None:
    assert set(REMEDY) == set(SilenceCause) - {SilenceCause.CUSTOMER_SILENT, SilenceCause.UNKNOWN}


def test_a_microphone_that_is_live_by_its_own_word_and_dead_says_both() -> None:
    given = facts(mute=MuteFact(muted=False, where="headset", since=0.0, locked=False))
    given.hearing.near.condition = ZERO
    verdict = judge(given)
    assert verdict is not None
    assert verdict.evidence == "microphone delivers only zeros for 10.0 s; headset reports un-muted"


@pytest.mark.parametrize(
    ("channel", "condition", "known_by", "evidence"),
    [
        (
            NEAR,
            ZERO,
            Evidence.DIGITAL_ZERO,
            "microphone delivers only zeros for 4.2 s; no device reports mute",
        ),
        (NEAR, FROZEN, Evidence.FROZEN, "microphone is stuck at one value for 4.2 s; no device reports mute"),
        (NEAR, QUIET, Evidence.TOO_QUIET, "microphone is too quiet to be followed for 4.2 s (measured)"),
        (FAR, ZERO, Evidence.DIGITAL_ZERO, "line delivers only zeros for 4.2 s; the microphone side works"),
        (FAR, FROZEN, Evidence.FROZEN, "line is stuck at one value for 4.2 s; the microphone side works"),
        (FAR, TONE, Evidence.TONE, "line carries a steady tone for 4.2 s (measured)"),
        (
            FAR,
            SignalCondition.RINGBACK,
            Evidence.RINGBACK,
            "line carries ring-back tone for 4.2 s (measured)",
        ),
        (FAR, SignalCondition.BUSY, Evidence.BUSY, "line carries busy tone for 4.2 s (measured)"),
        (FAR, SignalCondition.MUSIC, Evidence.MUSIC, "line carries music for 4.2 s (measured)"),
    ],
)
def test_the_evidence_is_a_sentence_with_how_long(
    channel: Channel, condition: SignalCondition, known_by: Evidence, evidence: str
) -> None:
    given = facts()
    ear = given.hearing.ear(channel)
    ear.condition, ear.condition_since, ear.evidence = condition, 5.8, "measured"
    verdict = judge(given)
    assert verdict is not None
    assert (verdict.known_by, verdict.evidence, verdict.since) == (known_by, evidence, 5.8)

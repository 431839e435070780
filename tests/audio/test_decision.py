from __future__ import annotations

import pytest

from audio.analysis.decision import Edge, EdgeKind, SpeechDecision
from audio.analysis.vad import Rules, Verdict

LETTERS = {
    ".": Verdict(-65.0, -65.0, loud=False, passes=False, voiced=False),
    "l": Verdict(-40.0, -65.0, loud=True, passes=False, voiced=False),
    "p": Verdict(-40.0, -65.0, loud=True, passes=True, voiced=False),
    "q": Verdict(-70.0, -85.0, loud=True, passes=True, voiced=True),
    "V": Verdict(-30.0, -65.0, loud=True, passes=True, voiced=True),
}
S, D, B, E = EdgeKind.SUSPECTED, EdgeKind.DISMISSED, EdgeKind.STARTED, EdgeKind.STOPPED


def decided(frames: str, decision: SpeechDecision | None = None, start: float = 0.0) -> list[Edge]:
    decision = decision or SpeechDecision(Rules(begin_sum=3.0))
    edges: list[Edge] = []
    for number, letter in enumerate(frames):
        edges += decision.push(LETTERS[letter], start + 0.02 * number)
    return edges


def told(frames: str) -> list[tuple[EdgeKind, int, int]]:
    """(kind, frame count at which it is known, frame count at which it was true)."""
    return [(edge.kind, round(edge.at / 0.02), round(edge.since / 0.02)) for edge in decided(frames)]


@pytest.mark.parametrize(
    ("likely", "frames"),
    [([0.99] * 2, None), ([0.7] * 3, 3), ([0.6] * 3, None), ([0.51] * 4, 4), ([0.99, 0.99, 0.51], 3)],
)
def test_three_sure_frames_begin_speech_or_four_that_are_less_so(
    likely: list[float], frames: int | None
) -> None:
    decision, begun = SpeechDecision(), None
    for number, each in enumerate(likely):
        verdict = LETTERS["V"]._replace(likely=each)
        if any(edge.kind is B for edge in decision.push(verdict, 0.02 * number)):
            begun = number + 1
    assert begun == frames


@pytest.mark.parametrize(
    ("frames", "edges"),
    [
        ("." * 50, []),
        ("l" * 50, []),
        ("p" * 50, []),
        ("..VVV", [(S, 3, 2), (B, 5, 2)]),
        ("..V.V.V", [(S, 3, 2), (B, 7, 2)]),
        ("V........V" + "." * 11, [(S, 1, 0), (D, 11, 11)]),
        ("V" + "." * 30, [(S, 1, 0), (D, 11, 11)]),
        ("VV" + "." * 30, [(S, 1, 0), (D, 11, 11)]),
        ("V" + "." * 8 + "VV", [(S, 1, 0), (D, 11, 11)]),
        ("V" + "." * 12 + "V" + "." * 12, [(S, 1, 0), (D, 11, 11), (S, 14, 13), (D, 24, 24)]),
        ("..llpVVV", [(S, 6, 2), (B, 8, 2)]),
        ("l" * 30 + "VVV", [(S, 31, 20), (B, 33, 20)]),
        ("..l.pVVV", [(S, 6, 4), (B, 8, 4)]),
        ("VVV" + "." * 15, [(S, 1, 0), (B, 3, 0), (E, 18, 3)]),
        ("VVV" + "." * 9 + "p" + "." * 15, [(S, 1, 0), (B, 3, 0), (E, 28, 13)]),
        ("VVV" + "." * 10 + "p" + "." * 15, [(S, 1, 0), (B, 3, 0), (E, 18, 3)]),
        ("VVV" + "." * 14 + "V" + "." * 15, [(S, 1, 0), (B, 3, 0), (E, 33, 18)]),
        ("VVV" + "p" * 60, [(S, 1, 0), (B, 3, 0), (E, 28, 13)]),
        ("VVV" + "q" * 15, [(S, 1, 0), (B, 3, 0), (E, 18, 3)]),
        ("VVV" + ("p" * 9 + "V") * 3 + "." * 15, [(S, 1, 0), (B, 3, 0), (E, 48, 33)]),
        ("VVVpppll" + "." * 20, [(S, 1, 0), (B, 3, 0), (E, 21, 8)]),
        ("VVV" + "l" * 40, [(S, 1, 0), (B, 3, 0), (E, 18, 13)]),
        ("VVV." + "l" * 40, [(S, 1, 0), (B, 3, 0), (E, 18, 3)]),
    ],
)
def test_edges(frames: str, edges: list[tuple[EdgeKind, int, int]]) -> None:
    assert told(frames) == edges


def test_a_second_word_does_not_begin_within_the_first() -> None:
    edges = told("VVV" + "l" * 16 + "VVV")
    ended = next(since for kind, _, since in edges if kind is E)
    assert edges[-1][0] is B
    assert edges[-1][2] >= ended


@pytest.mark.parametrize("frames", ["V." * 40, "Vp." * 30, ".V...V" * 20, "VVV" * 9 + "." * 20])
def test_each_suspicion_ends_and_each_start_stops_once(frames: str) -> None:
    speaking = suspected = False
    for edge in decided(frames + "." * 40):
        match edge.kind:
            case EdgeKind.SUSPECTED:
                assert not speaking
                assert not suspected
                suspected = True
            case EdgeKind.DISMISSED:
                assert suspected
                suspected = False
            case EdgeKind.STARTED:
                assert suspected
                assert not speaking
                suspected, speaking = False, True
            case EdgeKind.STOPPED:
                assert speaking
                speaking = False
        assert edge.since <= edge.at
    assert not speaking
    assert not suspected


def test_a_suspicion_lasts_a_fifth_of_a_second_at_most() -> None:
    edges = decided("V.....V......V....V...." * 10)
    open_at = None
    for edge in edges:
        if edge.kind is S:
            open_at = edge.at
        elif open_at is not None:
            assert edge.at - open_at <= 0.2 + 1e-9
            open_at = None


def test_lost_audio_does_not_shorten_a_hang_over() -> None:
    decision = SpeechDecision(Rules(begin_sum=3.0))
    decided("VVV.....", decision)
    edges = decided("." * 10, decision, start=60.0)
    (stopped,) = edges
    assert stopped.since == pytest.approx(0.06)
    assert stopped.at == pytest.approx(60.0 + 10 * 0.02)


def test_reset_forgets_without_a_word() -> None:
    decision = SpeechDecision(Rules(begin_sum=3.0))
    decided("VVV", decision)
    decision.reset()
    assert not decision.speaking
    assert decided("." * 40, decision) == []

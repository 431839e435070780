"""The seat in lines for a terminal: causes with their age, faults of the sound, guesses called guesses."""

from __future__ import annotations

from typing import Any

from callseat.api.document import document
from callseat.cli.status import described, fault_words
from state.ids import LineId
from state.snapshot import FaultView, LineView
from state.words import AudioFault, Basis, Channel
from tests.callseat.api.seat import call_view, cue_view, seat_snapshot

FAULT = FaultView(Channel.FAR, AudioFault.LOUD_BACKGROUND, 3.0, 0.84, "floor at -41 dBFS, warn from -45")


def lines(*calls: Any, now: float = 9.5, **changes: Any) -> list[str]:
    return list(described(document(seat_snapshot(9.0, *calls, **changes)), now))


def test_a_fault_stands_under_its_line_with_age_evidence_and_confidence() -> None:
    line = LineView(LineId("sim"), True, "", (), True, (FAULT,))
    told = lines(lines=(line, LineView(LineId("other"), True, "", (), False)))
    place = next(number for number, text in enumerate(told) if "sim: in service" in text)
    words = "sound, far: loud background for 6 s - floor at -41 dBFS, warn from -45 (84 % sure)"
    assert told[place + 1].strip() == words
    assert "other" in told[place + 2]


def test_no_fault_needs_no_line() -> None:
    assert not [text for text in lines() if "sound," in text]


def test_a_cause_of_silence_tells_how_long_it_holds() -> None:
    call = call_view(silence_cause="agent_mic_dead", silence_evidence="only zeros", silence_since=4.0)
    assert "silence: agent_mic_dead for 5 s - only zeros" in "\n".join(lines(call))


def test_a_guess_is_called_one() -> None:
    sensed, proposed = cue_view(), cue_view(basis=Basis.PROPOSED)
    assert "(silent.stage_2, 0 s ago)" in "\n".join(lines(cue=sensed))
    assert "(silent.stage_2, 0 s ago, a guess)" in "\n".join(lines(cue=proposed))


def test_a_fault_in_words() -> None:
    plain = {"channel": "near", "fault": "hum", "since": 1.0, "confidence": 1.0, "evidence": "50 Hz"}
    assert fault_words(plain, 62.0) == "sound, near: hum for 1 min 1 s - 50 Hz (100 % sure)"

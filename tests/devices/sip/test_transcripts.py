"""Recorded sessions with real baresips: golden events by hand, the same at any chunking.

`tests/data/sip/*.jsonl` were recorded (baresip 1.0.0 of Debian 12, 1.1.0 of Debian 13);
`tests/data/sip/golden` is what a person says happened: time, call, event, and what belongs to it.
"""

from __future__ import annotations

import json
from functools import cache

import pytest

from devices.sip.transcript import FORMAT, Spoken, parse, replay
from state.errors import ConfigError
from state.events import CallEvent, Event, LineMuteReported
from tests.support import ROOT

FOLDER = ROOT / "tests" / "data" / "sip"
NAMES = sorted(path.stem for path in FOLDER.glob("*.jsonl"))
SEEDS = 50
_TOLD = ("state", "direction", "cause", "by", "number", "name", "count")


@cache
def load(name: str) -> tuple[Spoken, ...]:
    return parse((FOLDER / f"{name}.jsonl").read_text("utf-8"), name)


def golden(name: str) -> list[str]:
    lines = (FOLDER / "golden" / f"{name}.events").read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def told(event: Event) -> str:
    if isinstance(event, LineMuteReported):
        return f"{event.at:.3f} - {'muted' if event.muted else 'live'}"
    assert isinstance(event, CallEvent)
    kind = type(event).__name__.removeprefix("Call").removesuffix("Received").lower()
    facts = [str(getattr(event, name)) for name in _TOLD if getattr(event, name, "")]
    if kind == "delivered" and "outbound" in facts:
        facts = facts[:2]
    return " ".join([f"{event.at:.3f}", event.call.removeprefix("line-"), kind, *facts])


def test_every_session_has_golden_events() -> None:
    assert [path.stem for path in sorted((FOLDER / "golden").iterdir())] == NAMES
    assert len(NAMES) >= 11


@pytest.mark.parametrize("name", NAMES)
def test_golden_events(name: str) -> None:
    assert [told(event) for event in replay(load(name))] == golden(name)


@pytest.mark.parametrize("name", NAMES)
def test_chunks_change_nothing(name: str) -> None:
    whole = replay(load(name))
    for chunk in ("one", *(f"random:{seed}" for seed in range(SEEDS))):
        assert replay(load(name), chunk) == whole, chunk


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "first line must be an object"),
        ("{}", "first line must be an object"),
        ("nope", "not JSON"),
        (f'{{"format": "{FORMAT}"}}\n[]', "t:2: not an object"),
        (f'{{"format": "{FORMAT}"}}\n{{"t": 1, "d": "!", "m": {{}}}}', "which is < or >"),
        (f'{{"format": "{FORMAT}"}}\n{{"t": "1", "d": "<", "m": {{}}}}', '"t" in seconds'),
        (f'{{"format": "{FORMAT}"}}\n{{"t": 1, "d": "<", "m": 7}}', 'expected a message "m"'),
    ],
)
def test_a_session_that_is_none_names_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse(text, "t")


def test_an_unknown_chunking_is_named() -> None:
    with pytest.raises(ConfigError, match="'two' is not all, one or random:SEED"):
        replay(load(NAMES[0]), "two")


def test_no_digit_a_caller_keyed_is_in_an_event() -> None:
    spoken = parse(
        "\n".join(
            (
                json.dumps({"format": FORMAT}),
                *(
                    json.dumps(
                        {"t": at, "d": "<", "m": {"event": True, "id": "k", "direction": "incoming"} | more}
                    )
                    for at, more in enumerate(
                        (
                            {"type": "CALL_INCOMING", "peeruri": "sip:bob@x"},
                            {"type": "CALL_DTMF_START", "param": "7"},
                        )
                    )
                ),
            )
        )
    )
    assert told(replay(spoken)[-1]) == "1.000 1 digits 1"

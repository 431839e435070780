"""Conversations through the engine: golden events by hand, the same at any chunking.

`tests/data/at/*.txt` were recorded; `tests/data/at/made` are written from manuals and other projects' tests;
`tests/data/at/golden` is what a person says happened: time, call, event, state, then cause, side, facts.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from callseat.cli.phone import call_rows
from devices.at.profiles import GSM, HAYES, HFP, PROFILES, Profile
from devices.at.transcript import Transcript, parse, replay, unescape
from state.errors import ConfigError
from tests.support import ROOT, need_shared_data, shared_data

FOLDER = ROOT / "tests" / "data" / "at"
GOLDEN = FOLDER / "golden"
BY_PEER: dict[str, Profile] = {
    "phonesim": GSM,
    "ofono": GSM,
    "iaxmodem": HAYES,
    "bumble": HFP,
    "tcpser": HAYES,
}
RECORDED = sorted(path.stem for path in FOLDER.glob("*.txt"))
MADE = sorted(path.stem for path in (FOLDER / "made").glob("*.txt"))
OFONO = ["ofono_phonesim_abandoned", "ofono_phonesim_answer_dtmf_hangup", "ofono_phonesim_dial"]
ALL = [*RECORDED, *MADE, *OFONO]
SEEDS = 50


@cache
def load(name: str) -> tuple[Transcript, Profile]:
    if name in OFONO:
        path = need_shared_data("at_transcripts", f"{name}.txt")
    else:
        path = FOLDER / ("made" if name in MADE else "") / f"{name}.txt"
    read = parse(path.read_text("utf-8"), name)
    return read, PROFILES[read.headers["profile"]] if name in MADE else BY_PEER[name.partition("_")[0]]


def golden(name: str) -> list[str]:
    lines = (GOLDEN / f"{name}.events").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def told(name: str, chunk: str = "all", recording: Transcript | None = None) -> list[str]:
    """The rows of `callseat phone replay` as a golden file has them."""
    read, profile = load(name)
    rows = []
    for row in call_rows(replay(recording or read, profile, chunk)):
        call = row["call"].removeprefix("line-")
        words = [f"{row['at']:.3f}", call, row["event"], row["state"], row["cause"] or "", row.get("by", "")]
        facts = [
            f"{key}={str(row[key]).replace(' ', '_')}" for key in ("number", "name", "count") if row.get(key)
        ]
        rows.append(" ".join(word for word in [*words, *facts] if word))
    return rows


def test_every_conversation_has_golden_events() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(ALL)
    assert len(ALL) == len(set(ALL))
    data = shared_data()
    if data is not None:
        assert {path.stem for path in (data / "at_transcripts").glob("*.txt")} == {*RECORDED, *OFONO}


@pytest.mark.parametrize("name", ALL)
def test_golden_events(name: str) -> None:
    assert told(name) == golden(name)


@pytest.mark.parametrize("name", ALL)
def test_same_events_at_any_chunking(name: str) -> None:
    """Times included: a byte keeps the time it came at, however many are read at once."""
    whole = told(name)
    assert told(name, "one") == whole
    for seed in range(SEEDS):
        assert told(name, f"random:{seed}") == whole, seed


@pytest.mark.parametrize("name", ALL)
def test_garbage_behind_the_last_line_invents_no_call(name: str) -> None:
    recording, _ = load(name)
    last = recording.spoken[-1]
    noise = replace(last, side="<", data=b'\r\n\x00\xffgar\x80bage",+C:\r\n"')
    longer = replace(recording, spoken=(*recording.spoken, noise))
    assert told(name, recording=longer) == told(name)


@pytest.mark.parametrize("name", ALL)
def test_every_call_begins_once_and_ends_once(name: str) -> None:
    rows = [row.split() for row in told(name)]
    for call in {row[1] for row in rows}:
        events = [row[2] for row in rows if row[1] == call]
        assert events[0] in {"call.originated", "call.delivered"}
        assert events[-1] in {"call.cleared", "call.failed"}
        assert events.count("call.established") == (events[-1] == "call.cleared")
        assert sum(event in {"call.cleared", "call.failed"} for event in events) == 1


def test_every_recording_names_its_peer_and_every_other_its_facts() -> None:
    for name in ALL:
        headers = load(name)[0].headers
        assert headers["title"]
        assert headers["facts" if name in MADE else "peer"]


def test_recordings_here_are_the_published_ones() -> None:
    folder = need_shared_data("at_transcripts")
    for path in FOLDER.glob("*.txt"):
        assert path.read_bytes() == (folder / path.name).read_bytes()


# the format ------------------------------------------------------------------------------------


def test_parse_headers_sides_and_escapes() -> None:
    head = "# at-transcript 1\n# title: a\n> 0.5 AT\\r\n# later: x\n! 1 far end\n"
    recording = parse(head + "< 1.25 \\r\\n\\x41\\\\\\t\\r\\n\n")
    assert recording.headers == {"title": "a"}
    assert [(one.side, one.at, one.data, one.note) for one in recording.spoken] == [
        (">", 0.5, b"AT\r", ""),
        ("!", 1.0, b"", "far end"),
        ("<", 1.25, b"\r\nA\\\t\r\n", ""),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "t:1: the first line must be '# at-transcript 1'"),
        ("> 0 AT\n", "t:1: the first line must be"),
        ("# at-transcript 1\nhello\n", "t:2: 'hello' is not '> SECONDS TEXT'"),
        ("# at-transcript 1\n\n> x AT\n", "t:3: '> x AT' is not"),
        ("# at-transcript 1\n> 1.0 a\n> 0.5 b\n", "t:3: time goes back from 1.000 to 0.500"),
        ("# at-transcript 1\n< 0 \\q\n", "t:2: unknown escape \\q"),
        ("# at-transcript 1\n< 0 \\x4\n", "t:2: unknown escape \\x"),
        ("# at-transcript 1\n< 0 a\\\n", "t:2: unknown escape \\"),
    ],
)
def test_errors_name_the_place(text: str, place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "t")
    assert str(caught.value).startswith(place)


def test_unescape_keeps_everything_else() -> None:
    assert unescape('+CLIP: "张",\\xff') == '+CLIP: "张",'.encode() + b"\xff"


@pytest.mark.parametrize("chunk", ["some", "random", "random:", "random:x", ""])
def test_unknown_chunking_is_an_error(chunk: str) -> None:
    recording = parse("# at-transcript 1\n< 0 x\n")
    with pytest.raises(ConfigError, match="is not all, one or random:SEED"):
        replay(recording, GSM, chunk)


def test_data_folder_is_only_conversations_and_their_events() -> None:
    kinds = {path.parent.name: path.suffix for path in Path(FOLDER).rglob("*.*")}
    assert kinds == {"at": ".txt", "made": ".txt", "golden": ".events"}

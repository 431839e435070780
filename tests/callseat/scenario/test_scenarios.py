"""Every scenario file of the project comes out as it expects, the same in every run."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from callseat.scenario.run import FAILED, PASSED, UNUSABLE, run_scenario, simulate
from tests.support import ROOT

SCENARIOS = ROOT / "tests" / "scenarios"
FILES = sorted(SCENARIOS.glob("**/*.toml"))
RECORDINGS = ROOT / "tests" / "recordings"

SMALL = f"""
title = "a caller gives up"

[sound]
far = "{RECORDINGS}/silent_line.wav"

[[step]]
do = "ring_in"
at = 0.5
number = "13800138000"

[[step]]
do = "far_hangs_up"
after = "call.delivered"
delay_s = 1.0
"""


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(SCENARIOS)) for path in FILES])
def test_a_scenario_comes_out_as_expected(path: Path) -> None:
    outcome = run_scenario(path)
    assert outcome.findings == ()
    assert outcome.counters["overdue"] == 0
    assert outcome.counters["decisions"] > 5


def test_two_runs_give_the_same_timeline_and_records() -> None:
    one, two = (run_scenario(SCENARIOS / "auto_mode.toml") for _ in range(2))
    assert len(one.timeline) > 50
    assert (one.timeline, one.records, one.counters) == (two.timeline, two.records, two.counters)


def spoken(record: dict[str, Any]) -> dict[str, float]:
    return {figure["name"]: figure["value"] for figure in record["speech"]}


def test_how_a_call_was_spoken_is_told_and_on_record() -> None:
    outcome = run_scenario(SCENARIOS / "auto_mode.toml")
    (record,) = outcome.records
    figures = spoken(record)
    assert figures["near.talk_s"] == pytest.approx(record["near_spoken_s"], abs=0.02)
    assert figures["greeting_s"] == pytest.approx(record["first_near_s"], abs=0.1)
    assert 3.0 < figures["near.syllables_per_s"] < 6.0
    told = [each["t"] for each in outcome.timeline if each["mark"] == "speech.measured"]
    began, ended = record["established"]["at"], record["cleared"]["at"]
    assert told == [pytest.approx(at, abs=0.3) for at in (began + 10.0, began + 20.0, began + 30.0, ended)]


def test_on_hold_each_of_two_calls_keeps_its_own_measures() -> None:
    outcome = run_scenario(SCENARIOS / "call_waiting.toml")
    first, second = outcome.records
    assert spoken(first)["far.talk_s"] == pytest.approx(first["far_spoken_s"], abs=0.02)
    assert spoken(second)["far.talk_s"] == 0.0
    told = [each["data"]["call"] for each in outcome.timeline if each["mark"] == "speech.measured"]
    assert told == [first["call"], second["call"], first["call"]]


def test_what_everybody_heard_is_kept_where_asked(tmp_path: Path) -> None:
    run_scenario(SCENARIOS / "wei.toml", wav_dir=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "desk-01-ear.wav",
        "desk-01-far.wav",
        "desk-01-line.wav",
        "desk-01-near.wav",
    ]


def scenario(tmp_path: Path, more: str) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL + more, encoding="utf-8")
    return path


FINDINGS = [
    ('[[expect]]\nmark = "call.established"', "expect 1: call.established never came"),
    ('[end]\nnever = ["call.failed"]', "call.failed came at "),
    ("[end]\npromises = 2", "0 promises open at the end, not 2"),
    ("[end]\nlamps = { ring = true }", "lamp ring is out at the end"),
    ('[start]\nunplugged = ["headset"]\n[end]\nlamps = { ring = true }', "no headset is there at the end"),
    ('[[record]]\nnumber = "1"', "record 1: number is '13800138000', not '1'"),
    ('[[record]]\n[[record]]\nnumber = "1"', "1 calls on record, not 2"),
    (
        '[end]\npatience_s = 3\n[[step]]\ndo = "press_hook"\nafter = "call.established"',
        "step 3 waited 3 s for call.established, which never came",
    ),
    (
        '[[step]]\ndo = "press"\nat = 0.1\nbutton = "delete"',
        "step 3: this headset has no delete",
    ),
    (
        '[[step]]\ndo = "app"\nat = 0.1\nmethod = "call.hangup"',
        "call.hangup was refused with no_such_call (no call this could mean), not accepted",
    ),
    (
        '[[step]]\ndo = "app"\nmethod = "agent.sign_in"\nparams = { agent = "7" }\nrefused = "timeout"',
        "agent.sign_in was refused with invalid_state",
    ),
    (
        '[[expect]]\nmark = "call.delivered"\nholds = { number = { has = "139" } }',
        "expect 1: call.delivered {'number': {'has': '139'}} never came",
    ),
    (
        '[[expect]]\nmark = "call.failed"\nafter = "call.delivered"\nin_s = 2.0',
        "expect 1: call.failed came 1.034 s after call.delivered, not 2 s ± 0.02 s",
    ),
    (
        '[[expect]]\nmark = "call.failed"\nafter = "call.delivered"\nwithin_s = 1.0',
        "came 1.034 s after call.delivered, later than 1 s",
    ),
    (
        '[[expect]]\nmark = "call.failed"\nafter = "call.held"\nwithin_s = 1.0',
        "nothing to measure from, call.held did not come before it",
    ),
    (
        '[[expect]]\nmark = "call.failed"\n[[expect]]\nmark = "call.delivered"',
        "expect 2: call.delivered came too early, before what is expected above",
    ),
]


@pytest.mark.parametrize(("more", "finding"), FINDINGS)
def test_what_is_not_so_is_found(tmp_path: Path, more: str, finding: str) -> None:
    (found,) = run_scenario(scenario(tmp_path, more)).findings
    assert finding in found


def test_a_text_is_expected_by_a_part_of_it(tmp_path: Path) -> None:
    holds = 'number = { has = "380" }, direction = { has = "inbound" }'
    more = f'[[expect]]\nmark = "call.delivered"\nholds = {{ {holds} }}'
    assert run_scenario(scenario(tmp_path, more)).findings == ()


def test_simulate_tells_each_file_and_the_worst_status(tmp_path: Path) -> None:
    good = scenario(tmp_path, "")
    bad = tmp_path / "bad.toml"
    bad.write_text(SMALL + "[end]\npromises = 2", encoding="utf-8")
    out = io.StringIO()
    assert simulate([good], out=out) == PASSED
    assert simulate([good, bad], out=out) == FAILED
    assert simulate([good, tmp_path / "none.toml", bad], out=out) == UNUSABLE
    lines = out.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == [
        "passed",
        "passed",
        "FAILED",
        "0",
        "passed",
        "error",
        "FAILED",
        "0",
    ]
    assert lines[5] == f"error   {tmp_path}/none.toml: no such file"


def test_simulate_as_json_is_one_object_a_line(tmp_path: Path) -> None:
    out = io.StringIO()
    simulate([scenario(tmp_path, ""), tmp_path / "none.toml"], as_json=True, out=out)
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert first["passed"]
    assert first["title"] == "a caller gives up"
    assert [row["number"] for row in first["records"]] == ["13800138000"]
    assert first["timeline"][0] == {"t": 0.0, "decided": 0.0, "mark": "start", "data": {}}
    assert {"call.delivered", "call.failed"} <= {entry["mark"] for entry in first["timeline"]}
    assert not second["passed"]
    assert "no such file" in second["error"]

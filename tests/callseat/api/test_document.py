"""The snapshot's JSON form and its merge patches: what is applied is what was meant."""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callseat.api.document import difference, document, merged
from state.ids import LineId
from state.snapshot import FaultView, LineView
from state.words import AudioFault, CallState, Channel
from tests.callseat.api.seat import call_view, cue_view, seat_snapshot

RFC_7386 = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "result"), RFC_7386)
def test_the_examples_of_rfc_7386(target: Any, patch: Any, result: Any) -> None:
    before = copy.deepcopy(target)
    assert merged(target, patch) == result
    assert target == before


names = st.sampled_from("abcd")
values = st.recursive(
    st.integers(0, 3) | st.text(max_size=2) | st.lists(st.integers(5, 6), max_size=2),
    lambda inner: st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)
documents = st.dictionaries(names, values, max_size=4)


@given(documents, documents)
def test_the_difference_applied_gives_the_new_document(old: dict[str, Any], new: dict[str, Any]) -> None:
    patch = difference(old, new)
    over_the_wire = json.loads(json.dumps(patch))
    assert merged(old, over_the_wire) == new
    assert (patch == {}) == (old == new)


def test_calls_lines_and_devices_are_keyed_by_name() -> None:
    form = document(seat_snapshot(1.0, call_view("sim-1"), call_view("sim-2", CallState.HELD)))
    assert {name: call["state"] for name, call in form["calls"].items()} == {
        "sim-1": "connected",
        "sim-2": "held",
    }
    assert form["lines"]["sim"]["capabilities"] == ("answer", "hold")
    assert form["devices"]["headset"]["lamps"]["ring"] is False


def test_what_has_no_value_is_left_out_at_every_depth() -> None:
    text = msgspec.json.encode(document(seat_snapshot(1.0, call_view()))).decode()
    assert "null" not in text
    assert "established_at" not in text
    assert "cue" not in json.loads(text)


def test_a_change_of_one_call_touches_that_call_only() -> None:
    old = document(seat_snapshot(1.0, call_view("sim-1"), call_view("sim-2")))
    new = document(
        seat_snapshot(2.0, call_view("sim-1"), call_view("sim-2", established_at=1.5), cue=cue_view())
    )
    assert difference(old, new) == {
        "at": 2.0,
        "calls": {"sim-2": {"established_at": 1.5}},
        "cue": {key: value for key, value in msgspec.to_builtins(cue_view()).items() if value is not None},
    }
    assert difference(new, old) == {"at": 1.0, "calls": {"sim-2": {"established_at": None}}, "cue": None}


def test_a_call_that_ended_is_removed() -> None:
    old, new = document(seat_snapshot(1.0, call_view())), document(seat_snapshot(2.0))
    assert difference(old, new)["calls"] == {"sim-1": None}
    assert merged(old, difference(old, new)) == new


def test_a_fault_of_the_sound_is_a_patch_of_its_line_alone() -> None:
    fault = FaultView(Channel.NEAR, AudioFault.HUM, 3.0, 0.8, "50 Hz and 3 harmonics")
    quiet = LineView(LineId("sim"), True, "", ("answer", "hold"), True)
    hums = LineView(LineId("sim"), True, "", ("answer", "hold"), True, (fault,))
    other = LineView(LineId("other"), True, "", (), False)
    before = document(seat_snapshot(1.0, lines=(quiet, other)))
    after = document(seat_snapshot(1.0, lines=(hums, other)))
    assert difference(before, after) == {
        "lines": {
            "sim": {
                "faults": (
                    {
                        "channel": "near",
                        "fault": "hum",
                        "since": 3.0,
                        "confidence": 0.8,
                        "evidence": "50 Hz and 3 harmonics",
                    },
                )
            }
        }
    }
    assert merged(after, difference(after, before)) == before

"""The numbered feed: a picture and the lines after it are the whole story, once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callseat.api.document import document, merged
from callseat.api.feed import Feed
from state.snapshot import Snapshot
from state.words import CallState
from tests.callseat.api.seat import call_view, cue_view, seat_snapshot


def told(line: bytes | None) -> dict[str, Any]:
    assert line is not None
    message: dict[str, Any] = json.loads(line)
    return message


def wire(form: dict[str, Any]) -> Any:
    return json.loads(json.dumps(form))


def test_a_delta_carries_seq_times_and_patch() -> None:
    feed = Feed(seat_snapshot(1.0))
    message = told(feed.changed(seat_snapshot(2.0, display=("hello",)), 1767060000.5))
    assert message == {
        "jsonrpc": "2.0",
        "method": "state.changed",
        "params": {
            "seq": 1,
            "ts": {"monotonic": 2.0, "wall": 1767060000.5},
            "patch": {"at": 2.0, "display": ["hello"]},
        },
    }


def test_passing_time_is_no_change() -> None:
    feed = Feed(seat_snapshot(1.0))
    assert feed.changed(seat_snapshot(2.0)) is None
    assert feed.picture() == {"snapshot": document(seat_snapshot(1.0)), "seq": 0}


def test_a_happening_has_the_next_seq_and_cannot_fake_its_own() -> None:
    feed = Feed(seat_snapshot())
    feed.changed(seat_snapshot(2.0, promises=1))
    message = told(feed.happened("call.cleared", {"by": "remote", "seq": 99, "ts": 0}, 3.0))
    assert message["method"] == "call.cleared"
    assert message["params"] == {"by": "remote", "seq": 2, "ts": {"monotonic": 3.0, "wall": None}}


def test_data_that_json_cannot_carry_is_an_error_and_takes_no_number() -> None:
    feed = Feed(seat_snapshot())
    with pytest.raises(TypeError):
        feed.happened("call.held", {"call": object()}, 1.0)
    assert told(feed.happened("call.held", {}, 1.0))["params"]["seq"] == 1


snapshots = st.builds(
    lambda calls, promises, cued, display: seat_snapshot(
        float(promises),
        *(call_view(name, state) for name, state in calls.items()),
        promises=promises,
        cue=cue_view() if cued else None,
        display=tuple(display),
    ),
    st.dictionaries(st.sampled_from(["a-1", "a-2", "b-1"]), st.sampled_from(CallState), max_size=3),
    st.integers(0, 3),
    st.booleans(),
    st.lists(st.text(max_size=3), max_size=2),
)


@given(st.lists(snapshots | st.none(), max_size=10), st.integers(0, 10))
def test_whoever_joins_at_any_time_ends_with_the_same_document(
    story: list[Snapshot | None], joins: int
) -> None:
    feed = Feed(seat_snapshot())
    last = seat_snapshot()
    mine: dict[str, Any] | None = None
    seq = 0
    for step, item in enumerate(story):
        if step == joins:
            picture = feed.picture()
            mine, seq = picture["snapshot"], picture["seq"]
        line = feed.happened("call.held", {}, 1.0) if item is None else feed.changed(item)
        last = item or last
        if line is None or mine is None:
            continue
        params = told(line)["params"]
        assert params["seq"] == seq + 1
        seq += 1
        mine = merged(mine, params.get("patch", {}))
    if mine is not None:
        assert wire({**mine, "at": 0}) == wire({**document(last), "at": 0})

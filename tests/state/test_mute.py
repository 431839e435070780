"""Mute is a fact with a source: set, reported, locked, unknown; shown as it is, scoped to the call."""

from __future__ import annotations

import pytest

from state.commands import SetMute
from state.events import LineMuteReported, LineOutOfService
from state.ids import DeviceId
from state.words import MuteState
from tests.state.driver import FEATURES, L1, L2, Desk


def value(desk: Desk) -> tuple[str, str, bool, str]:
    """What is known of the microphone."""
    mute = desk.now.mute
    return mute.value, mute.source, mute.locked, mute.confidence


LEVEL = FEATURES | {"mute_level", "lamp_mute"}


def test_a_headset_that_keeps_its_own_mute_is_unknown_until_it_speaks_and_unknown_is_not_live() -> None:
    desk = Desk()
    desk.unplugs()
    desk.plugs_in(features=LEVEL)
    assert value(desk) == ("unknown", "", False, "none")
    call = desk.talks()
    desk.tell(LineMuteReported(desk.at, L1, L1, muted=False))
    assert value(desk)[0] == "unknown"
    assert desk.view(call).silence_cause == "customer_silent"
    desk.reports_mute(muted=False)
    assert value(desk) == ("live", "headset", False, "reported")


def test_a_headset_whose_mute_is_the_hosts_is_live_because_it_was_set_so() -> None:
    assert value(Desk()) == ("live", "headset", False, "set")


def test_a_key_mutes_and_the_lamps_follow() -> None:
    desk = Desk()
    desk.talks()
    desk.mutes()
    assert value(desk) == ("muted", "headset", False, "set")
    assert (desk.lamps().mute, desk.lamps().microphone) == (True, False)
    desk.mutes(muted=False)
    assert value(desk) == ("live", "headset", False, "set")
    assert (desk.lamps().mute, desk.lamps().microphone) == (False, True)


def test_a_device_that_states_its_mute_is_believed() -> None:
    desk = Desk()
    desk.reports_mute(muted=True)
    assert value(desk) == ("muted", "headset", False, "reported")
    desk.reports_mute(muted=False)
    assert value(desk) == ("live", "headset", False, "reported")
    assert [data["muted"] for _, data in desk.told("device.mute")] == [True, False]


@pytest.mark.parametrize("muted", [True, False])
def test_setting_what_is_already_so_changes_nothing(*, muted: bool) -> None:
    desk = Desk()
    desk.talks()
    desk.mutes(muted=muted)
    before = desk.lamps()
    desk.mutes(muted=muted)
    assert desk.lamps() == before
    assert value(desk)[0] == ("muted" if muted else "live")


def test_a_locked_microphone_refuses_to_be_live() -> None:
    desk = Desk()
    desk.reports_mute(muted=True, locked=True)
    assert value(desk) == ("muted", "headset", True, "reported")
    reply = desk.asks(SetMute(muted=False))
    assert reply is not None
    assert reply.kind == "locked"
    assert reply.message
    assert value(desk)[:3] == ("muted", "headset", True)
    assert desk.lamps().mute


def test_a_locked_microphone_may_be_asked_to_mute() -> None:
    desk = Desk()
    desk.reports_mute(muted=True, locked=True)
    reply = desk.asks(SetMute(muted=True))
    assert reply is not None
    assert reply.kind == ""


def test_only_its_own_word_unlocks() -> None:
    desk = Desk()
    desk.reports_mute(muted=True, locked=True)
    call = desk.talks()
    desk.clears(call)
    assert value(desk)[2] is True
    desk.reports_mute(muted=True)
    assert value(desk)[2] is True
    desk.reports_mute(muted=False)
    assert value(desk)[:3] == ("live", "headset", False)


def test_mute_is_scoped_to_the_call() -> None:
    desk = Desk()
    call = desk.talks()
    desk.mutes()
    desk.clears(call)
    assert value(desk)[0] == "live"
    assert not desk.lamps().mute
    again = desk.talks()
    assert desk.view(again).silence_cause == "customer_silent"
    assert "cause.agent_muted" not in desk.cue_names(again)


def test_mute_lasts_as_long_as_any_call() -> None:
    desk = Desk(lines=(L1, L2))
    one, two = desk.talks(L1), desk.talks(L2)
    desk.mutes()
    desk.clears(one, L1)
    assert value(desk)[0] == "muted"
    desk.clears(two, L2)
    assert value(desk)[0] == "live"


def test_an_unplugged_headsets_mute_is_unknown() -> None:
    desk = Desk()
    desk.mutes()
    desk.unplugs()
    assert value(desk) == ("unknown", "", False, "none")


@pytest.mark.parametrize("features", [FEATURES, LEVEL])
def test_a_headset_that_comes_back_in_a_muted_call_is_muted_again(features: frozenset[str]) -> None:
    desk = Desk()
    desk.talks()
    desk.mutes()
    desk.unplugs()
    desk.plugs_in(features=features)
    assert value(desk) == ("muted", "headset", False, "set")
    assert desk.lamps().mute


def test_another_headset_takes_over_the_mute_of_the_call() -> None:
    desk = Desk()
    desk.talks()
    desk.mutes()
    desk.unplugs()
    desk.plugs_in(DeviceId("spare"))
    assert value(desk)[:2] == ("muted", "headset")
    assert desk.lamps(DeviceId("spare")).mute


def test_a_mute_that_ended_before_the_headset_came_back_stays_ended() -> None:
    desk = Desk()
    desk.talks()
    desk.mutes()
    desk.mutes(muted=False)
    desk.unplugs()
    desk.plugs_in()
    assert value(desk)[0] == "live"


def test_a_line_that_was_muted_is_set_live_when_its_next_call_connects() -> None:
    desk = Desk()
    call = desk.talks()
    desk.mutes()
    assert desk.commands()[-1] == SetMute(muted=True)
    desk.clears(call)
    assert SetMute(muted=False) not in desk.commands()
    again = desk.talks()
    assert desk.commands().count(SetMute(muted=False)) == 1
    desk.clears(again)
    desk.talks()
    assert desk.commands().count(SetMute(muted=False)) == 1


def test_a_call_that_connects_while_muted_is_muted_on_the_line_too() -> None:
    desk = Desk()
    desk.mutes()
    assert SetMute(muted=True) not in desk.commands()
    desk.talks()
    assert SetMute(muted=True) in desk.commands()


def test_one_muted_place_is_enough() -> None:
    desk = Desk()
    desk.talks()
    desk.reports_mute(muted=False)
    desk.tell(LineMuteReported(desk.at, L1, L1, muted=True))
    assert value(desk) == ("muted", "line", False, "reported")
    assert desk.lamps().mute


def test_the_muted_headset_is_named_before_the_muted_line() -> None:
    desk = Desk()
    desk.talks()
    desk.tell(LineMuteReported(desk.at, L1, L1, muted=True))
    desk.reports_mute(muted=True)
    assert value(desk)[1] == "headset"


def test_a_lost_line_knows_nothing_of_its_mute() -> None:
    desk = Desk(headset=False)
    desk.tell(LineMuteReported(desk.at, L1, L1, muted=True))
    assert value(desk)[:2] == ("muted", "line")
    desk.tell(LineOutOfService(desk.at, L1, L1, "gone"))
    assert value(desk)[0] == "unknown"


def test_an_app_sets_headset_and_line() -> None:
    desk = Desk()
    desk.talks()
    reply = desk.asks(SetMute(muted=True))
    assert reply is not None
    assert reply.kind == ""
    assert desk.commands()[-1] == SetMute(muted=True)
    assert value(desk)[:2] == ("muted", "headset")
    desk.asks(SetMute(muted=False))
    assert desk.commands()[-1] == SetMute(muted=False)
    assert value(desk)[0] == "live"


def test_only_lines_with_a_connected_call_are_muted() -> None:
    desk = Desk(lines=(L1, L2))
    desk.talks(L2)
    desk.asks(SetMute(muted=True))
    assert SetMute(muted=True) not in desk.commands(L1)
    assert SetMute(muted=True) in desk.commands(L2)


def test_where_nothing_can_be_muted_it_is_said() -> None:
    desk = Desk(headset=False)
    reply = desk.asks(SetMute(muted=True))
    assert reply is not None
    assert reply.kind == "not_supported"
    assert value(desk)[0] == "unknown"


def test_a_headset_without_a_mute_is_left_alone() -> None:
    desk = Desk(headset=False)
    desk.plugs_in(features=frozenset({"hook"}))
    reply = desk.asks(SetMute(muted=True))
    assert reply is not None
    assert reply.kind == "not_supported"


def test_the_place_that_was_asked_is_the_one_named() -> None:
    desk = Desk()
    desk.plugs_in("hs2")
    call = desk.talks()
    desk.mutes(device="hs2")
    assert "headset" in desk.view(call).silence_evidence
    assert desk.told("device.mute")[-1][1]["device"] == "hs2"


# the record ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["key", "report"])
def test_the_time_muted_is_recorded(how: str) -> None:
    desk = Desk()
    call = desk.talks()

    def mute(*, muted: bool) -> None:
        if how == "key":
            desk.mutes(muted=muted)
        else:
            desk.reports_mute(muted=muted)

    desk.runs_to(2.0)
    mute(muted=True)
    desk.runs_to(5.0)
    mute(muted=False)
    desk.runs_to(8.0)
    mute(muted=True)
    desk.runs_to(8.5)
    mute(muted=False)
    desk.clears(call)
    assert desk.row(call).muted_s == pytest.approx(3.5)


def test_a_call_that_ends_muted_counts_its_mute() -> None:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(2.0)
    desk.mutes()
    desk.runs_to(12.0)
    desk.clears(call)
    assert desk.row(call).muted_s == pytest.approx(10.0)


def test_time_muted_before_the_call_is_not_the_calls() -> None:
    desk = Desk()
    desk.mutes()
    desk.runs_to(20.0)
    call = desk.talks()
    desk.runs_to(25.0)
    desk.mutes(muted=False)
    desk.clears(call)
    assert desk.row(call).muted_s == pytest.approx(5.0)


def test_time_on_hold_is_not_time_muted() -> None:
    desk = Desk()
    call = desk.talks()
    desk.mutes()
    desk.runs_to(4.0)
    desk.holds(call)
    desk.runs_to(14.0)
    desk.retrieves(call)
    desk.runs_to(16.0)
    desk.clears(call)
    row = desk.row(call)
    assert row.muted_s == pytest.approx(6.0)
    assert row.hold_s == pytest.approx(10.0)


# what could be heard -----------------------------------------------------------------------------


def test_an_utterance_that_ended_before_the_mute_was_heard() -> None:
    """The agent greets, then mutes to cough: the greeting was said."""
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(2.9)
    desk.mutes()
    desk.runs_to(5.0)
    assert desk.row(call).silent_stage == 0
    assert [data["stage"] for _, data in desk.told("silent_call.utterance")] == [1]


def test_only_the_part_of_an_utterance_after_the_mute_was_heard() -> None:
    desk = Desk()
    call = desk.talks()
    desk.mutes()
    desk.agent_speaks(0.5, 4.0)
    desk.runs_to(2.0)
    desk.mutes(muted=False)
    desk.runs_to(6.0)
    assert desk.view(call).silent == "wait_1"


def test_a_last_word_after_the_mute_is_no_utterance() -> None:
    desk = Desk()
    call = desk.talks()
    desk.mutes()
    desk.agent_speaks(0.5, 4.0)
    desk.runs_to(3.6)
    desk.mutes(muted=False)
    desk.runs_to(5.0)
    assert desk.view(call).silent == "opening"


@pytest.mark.parametrize("state", MuteState)
def test_every_state_is_told_by_its_name_or_as_muted(state: MuteState) -> None:
    desk = Desk()
    desk.unplugs()
    desk.plugs_in(features=LEVEL)
    match state:
        case MuteState.MUTED:
            desk.reports_mute(muted=True)
        case MuteState.LIVE:
            desk.reports_mute(muted=False)
        case MuteState.LOCKED:
            desk.reports_mute(muted=True, locked=True)
    assert value(desk)[0] == ("muted" if state is MuteState.LOCKED else state.value)


def test_a_locked_headset_that_asks_to_be_live_is_unlocked() -> None:
    desk = Desk()
    desk.talks()
    desk.reports_mute(muted=True, locked=True)
    refused = desk.asks(SetMute(muted=False))
    assert refused is not None
    assert refused.kind == "locked"
    desk.mutes(muted=False)
    assert value(desk) == ("live", "headset", False, "reported")
    assert not desk.lamps().mute

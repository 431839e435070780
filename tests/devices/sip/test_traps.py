"""What goes wrong with baresip's control channel, each as its own test, on both of Debian's versions."""

from __future__ import annotations

import random

import pytest

from devices.sip.engine import SipEngine
from state.commands import (
    Answer,
    CompleteTransfer,
    Dial,
    HangUp,
    Hold,
    LineCommand,
    Reject,
    Retrieve,
    SendDigits,
    SetMute,
    Swap,
    Transfer,
)
from state.events import CallEvent
from state.ids import CallId
from state.words import CallState
from tests.devices.sip.model import FakeBaresip
from tests.devices.sip.rig import LINE, Rig, told

BOB, CAROL = "sip:13800138000@pbx.example", "sip:carol@pbx.example"
ONE, TWO = "sip-1", "sip-2"
DONE = "CommandCompleted"


@pytest.fixture(name="baresip", params=["1.0.0", "1.1.0"])
def _baresip(request: pytest.FixtureRequest) -> FakeBaresip:
    return FakeBaresip(str(request.param))


@pytest.fixture(name="rig")
def _rig(baresip: FakeBaresip) -> Rig:
    return Rig(baresip)


# mute --------------------------------------------------------------------------------------------


def test_mute_toggles_and_is_set_all_the_same(rig: Rig) -> None:
    rig.talking(BOB)
    for muted in (True, True, False, False, True):
        assert rig.ask(SetMute(muted)) == [("LineMuteReported", str(muted)), (DONE, "None")]
        assert rig.baresip.legs[0].muted is muted


def test_a_call_found_muted_is_put_right_by_what_the_toggle_says(rig: Rig) -> None:
    rig.baresip.connect(rig.baresip.ring(BOB))
    rig.baresip.legs[0].muted = True
    rig.baresip.said.clear()
    rig.start()
    assert rig.ask(SetMute(True)) == [("LineMuteReported", "True"), (DONE, "None")]
    assert rig.baresip.legs[0].muted
    assert [each["command"] for each in rig.baresip.heard].count("mute") == 2


def test_mute_is_per_call_and_kept_for_the_one_that_comes(rig: Rig) -> None:
    rig.talking(BOB)
    rig.ask(SetMute(True))
    rig.far(lambda: rig.baresip.ring(CAROL))
    rig.ask(Answer())
    assert [leg.muted for leg in rig.baresip.legs] == [True, True]
    rig.ask(SetMute(False))
    assert [leg.muted for leg in rig.baresip.legs] == [False, False]


def test_mute_ends_with_the_last_call(rig: Rig) -> None:
    rig.talking(BOB)
    rig.ask(SetMute(True))
    rig.ask(HangUp())
    rig.far(lambda: rig.baresip.ring(CAROL))
    rig.ask(Answer())
    assert not rig.baresip.legs[0].muted


def test_a_mute_that_hit_another_call_is_noticed(rig: Rig) -> None:
    rig.talking(BOB)
    rig.baresip.before["mute"] = lambda: rig.baresip.ring(CAROL)
    rig.ask(SetMute(True))
    assert next(leg for leg in rig.baresip.legs if leg.peer == BOB).muted


def test_a_mute_that_says_nothing_is_not_believed(rig: Rig) -> None:
    rig.talking(BOB)
    rig.baresip.broken["mute"] = "\nwhatever\n"
    (failed,) = rig.ask(SetMute(True))
    assert failed[:2] == ("EffectFailed", "device_error")


def test_a_version_that_takes_an_argument_needs_one_command() -> None:
    rig = Rig(FakeBaresip("3.19.0"))
    rig.baresip.connect(rig.baresip.ring(BOB))
    rig.baresip.legs[0].muted = True
    rig.baresip.said.clear()
    rig.start()
    assert rig.ask(SetMute(True))[-1] == (DONE, "None")
    assert [each.get("params") for each in rig.baresip.heard if each["command"] == "mute"] == ["true"]


# hold --------------------------------------------------------------------------------------------


def test_hold_and_resume_have_no_event_and_are_told_from_the_list(rig: Rig) -> None:
    rig.talking(BOB)
    assert rig.ask(Hold()) == [("CallHeld", ONE), (DONE, ONE)]
    assert rig.ask(Retrieve()) == [("CallRetrieved", ONE), (DONE, ONE)]


def test_a_hold_by_somebody_else_is_found_out(rig: Rig) -> None:
    rig.talking(BOB)
    rig.baresip.legs[0].on_hold = True
    rig.run(10.0)
    assert told(rig.events)[-1] == ("CallHeld", ONE)


def test_a_remote_hold_is_not_ours(rig: Rig) -> None:
    rig.talking(BOB)
    leg = rig.baresip.legs[0]
    assert rig.far(lambda: rig.baresip.event("CALL_REMOTE_SDP", leg, "offer")) == []
    assert rig.far(lambda: rig.baresip.event("CALL_HOLD", leg)) == []


def test_a_second_call_becomes_current_and_hold_means_the_first(rig: Rig) -> None:
    rig.talking(BOB)
    assert rig.far(lambda: rig.baresip.ring(CAROL))[0][:3] == ("CallDelivered", TWO, "waiting")
    assert rig.ask(Hold(CallId(ONE))) == [("CallHeld", ONE), (DONE, ONE)]
    assert [(leg.peer, leg.on_hold) for leg in rig.baresip.legs if leg.on_hold] == [(BOB, True)]


def test_both_marked_on_hold_after_a_spoilt_answer_is_mended(rig: Rig) -> None:
    rig.talking(BOB)
    rig.far(lambda: rig.baresip.ring(CAROL))
    rig.baresip.legs[-1].on_hold = True  # somebody's `hold` reached it while it rang
    events = rig.ask(Answer())
    assert (DONE, TWO) in events
    assert [leg.on_hold for leg in sorted(rig.baresip.legs, key=lambda leg: leg.line)] == [True, False]


def test_answering_holds_the_first_before(rig: Rig) -> None:
    rig.talking(BOB)
    rig.far(lambda: rig.baresip.ring(CAROL))
    events = rig.ask(Answer())
    assert events.index(("CallHeld", ONE)) < events.index(("CallEstablished", TWO))


def test_two_calls_are_never_connected_at_once(rig: Rig) -> None:
    rig.talking(BOB, CAROL)
    for command in (Retrieve(CallId(ONE)), Swap(), Swap(CallId(ONE)), Retrieve(CallId(ONE))):
        rig.ask(command)
        assert sum(not leg.on_hold for leg in rig.baresip.legs) == 1


def test_a_refusal_that_did_it_all_the_same_is_a_success() -> None:
    rig = Rig(FakeBaresip("1.1.0")).talking(BOB)
    rig.ask(Hold())
    assert rig.ask(Retrieve())[-1] == (DONE, ONE)


def test_the_held_call_that_comes_back_by_itself_is_told() -> None:
    rig = Rig(FakeBaresip("1.0.0")).talking(BOB, CAROL)
    assert ("CallRetrieved", ONE) in rig.ask(HangUp(CallId(TWO)))
    rig = Rig(FakeBaresip("1.1.0")).talking(BOB, CAROL)
    assert ("CallRetrieved", ONE) not in rig.ask(HangUp(CallId(TWO)))


# answers and events ------------------------------------------------------------------------------


def test_events_before_the_answer_of_the_command_that_caused_them(rig: Rig) -> None:
    rig.talking(BOB)
    assert rig.ask(HangUp()) == [("CallCleared", ONE, "normal_clearing", "local"), (DONE, ONE)]


def test_a_dialled_call_that_rings_before_the_answer_is_one_call(rig: Rig) -> None:
    rig.start()
    dial = rig.baresip._do_dial

    def ring_first(params: str) -> str:
        text = dial(params)
        rig.baresip.alert(rig.baresip.legs[-1])
        return text

    rig.baresip._do_dial = ring_first
    assert [row[:2] for row in rig.ask(Dial("10086"))] == [
        ("CallOriginated", ONE),
        ("CallDelivered", ONE),
        (DONE, ONE),
    ]


def test_a_hangup_without_a_call_says_ok_and_is_not_believed(rig: Rig) -> None:
    rig.talking(BOB)
    rig.baresip.before["hangup"] = lambda: rig.baresip.close(rig.baresip.legs[0])
    assert rig.ask(HangUp()) == [("CallCleared", ONE, "normal_clearing", "local"), (DONE, ONE)]
    assert rig.ask(HangUp())[0][:2] == ("EffectFailed", "no_such_call")


def test_a_call_that_is_gone_when_it_is_selected_takes_no_other_with_it(rig: Rig) -> None:
    rig.talking(BOB, CAROL)
    bob = next(leg for leg in rig.baresip.legs if leg.peer == BOB)
    rig.baresip.before["callfind"] = lambda: rig.baresip.close(bob)
    rig.ask(HangUp(CallId(ONE)))
    assert [leg.peer for leg in rig.baresip.legs] == [CAROL]


def test_an_accept_that_could_not_open_the_sound_card_is_a_failure(rig: Rig) -> None:
    rig.start()
    rig.far(lambda: rig.baresip.ring(BOB))
    rig.baresip.broken["accept"] = "Answering incoming call\n"
    assert [row[:2] for row in rig.ask(Answer(), 10.0)] == [("EffectFailed", "device_error")]


def test_bad_json_and_foreign_messages_are_passed_over(rig: Rig) -> None:
    rig.talking(BOB)
    rig.baresip.said += [b"5:{nope,", b"2:[],", b"4:true,", b'17:{"message":true},', b"3:abc,"]
    assert rig.far(lambda: None) == []
    assert rig.ask(Hold())[-1] == (DONE, ONE)


def test_garbage_on_the_wire_loses_nothing_behind_it(rig: Rig) -> None:
    rig.talking(BOB)
    rig.baresip.said.append(b"999999999:x\r\n17,4")
    assert rig.far(lambda: rig.baresip.close(rig.baresip.legs[0])) == [
        ("CallCleared", ONE, "normal_clearing", "remote")
    ]


def test_params_are_left_out_where_there_are_none(rig: Rig) -> None:
    rig.talking(BOB)
    rig.ask(HangUp())
    assert all(each.get("params", "x") for each in rig.baresip.heard)


# silence -----------------------------------------------------------------------------------------


def test_a_far_end_that_dies_says_nothing_and_the_call_stays(rig: Rig) -> None:
    """Nothing can be known here: that is what `rtp_timeout` in baresip's configuration is for."""
    rig.talking(BOB)
    mark = len(rig.events)
    rig.run(300.0)
    assert rig.events[mark:] == []
    assert rig.far(lambda: rig.baresip.close(rig.baresip.legs[0], "rtp stream error")) == [
        ("CallCleared", ONE, "dest_out_of_order", "network")
    ]


def test_an_unreachable_party_says_nothing_and_can_be_hung_up(rig: Rig) -> None:
    rig.start()
    assert rig.ask(Dial("10086"), 20.0)[0] == ("CallOriginated", ONE, "10086")
    assert rig.ask(HangUp())[-2:] == [("CallFailed", ONE, "call_cancelled", "local"), (DONE, ONE)]


def test_a_call_whose_end_went_unsaid_is_found_out(rig: Rig) -> None:
    rig.talking(BOB)
    rig.baresip.close(rig.baresip.legs[0], quietly=True)
    rig.run(10.0)
    assert told(rig.events)[-1] == ("CallCleared", ONE, "normal_clearing", "unknown")


def test_a_deaf_baresip_is_lost_and_comes_back(rig: Rig) -> None:
    rig.talking(BOB)
    rig.baresip.deaf = True
    assert [row[:2] for row in rig.ask(Hold(), 40.0)] == [
        ("EffectFailed", "timeout"),
        ("LineOutOfService", "timeout"),
    ]
    rig.baresip.deaf = False
    rig.run(20.0)
    assert rig.serving.calls is not None
    assert [(each.call, each.state) for each in rig.serving.calls] == [(ONE, CallState.CONNECTED)]


def test_a_late_answer_is_nobodys(rig: Rig) -> None:
    rig.talking(BOB)
    rig.baresip.said.append(b'60:{"response":true,"ok":false,"data":"late","token":"c0"}     ,')
    assert rig.far(lambda: None) == []
    assert rig.ask(Hold())[-1] == (DONE, ONE)


# transfer ----------------------------------------------------------------------------------------


def test_a_transfer_is_done_when_the_call_is_let_go(rig: Rig) -> None:
    rig.talking(BOB)
    assert rig.ask(Transfer(CAROL)) == []
    leg = rig.baresip.legs[0]
    assert rig.far(lambda: rig.baresip.close(leg, "Call transfered")) == [
        ("CallCleared", ONE, "transfer", "local"),
        (DONE, ONE),
    ]


def test_a_transfer_that_fails_ends_the_call_and_both_are_told(rig: Rig) -> None:
    rig.talking(BOB)
    rig.ask(Transfer(CAROL))
    leg = rig.baresip.legs[0]
    assert rig.far(lambda: rig.baresip.transfer_failed(leg, "404 Not Found")) == [
        ("CallCleared", ONE, "dest_not_obtainable", "local"),
        ("EffectFailed", "device_error", ONE, "404 Not Found"),
    ]


def test_a_transfer_of_which_nobody_tells_is_given_up_and_blocks_nothing(rig: Rig) -> None:
    rig.talking(BOB)
    rig.ask(Transfer(CAROL))
    assert rig.ask(Hold())[-1] == (DONE, ONE)
    rig.run(120.0)
    assert told(rig.events)[-1][:3] == ("EffectFailed", "timeout", ONE)


@pytest.mark.parametrize(("version", "able"), [("1.0.0", False), ("1.1.0", False), ("2.0.0", True)])
def test_attended_transfer_is_offered_where_the_version_has_it(version: str, able: bool) -> None:
    rig = Rig(FakeBaresip(version)).talking(BOB)
    assert ("complete_transfer" in rig.serving.capabilities) is able
    assert "join" not in rig.serving.capabilities
    if not able:
        assert rig.ask(CompleteTransfer())[0][:2] == ("EffectFailed", "not_supported")


def test_an_attended_transfer_connects_the_two() -> None:
    rig = Rig(FakeBaresip("2.0.0")).talking(BOB)
    assert rig.ask(Dial(CAROL))[-1] == (DONE, TWO)
    carol = rig.baresip.legs[-1]
    rig.far(lambda: rig.baresip.connect(carol))
    assert rig.ask(CompleteTransfer()) == []
    bob = next(leg for leg in rig.baresip.legs if leg.peer == BOB)
    events = rig.far(lambda: (rig.baresip.close(bob, "Call transfered"), rig.baresip.close(carol)))
    assert events[0] == ("CallCleared", ONE, "transfer", "local")
    assert (DONE, ONE) in events


def test_a_party_that_cannot_be_replaced_is_called_all_the_same() -> None:
    rig = Rig(FakeBaresip("2.0.0")).talking(BOB)
    rig.baresip.broken["atransferstart"] = ""
    assert rig.ask(Dial(CAROL))[-1] == (DONE, TWO)
    assert [each["command"] for each in rig.baresip.heard].count("dial") == 1


# names and lists ---------------------------------------------------------------------------------


def test_a_call_to_oneself_is_two_calls_with_one_call_id(rig: Rig) -> None:
    rig.start()
    rig.ask(Dial("sip:agent@127.0.0.1"))
    out = rig.baresip.legs[-1]
    rig.far(lambda: (rig.baresip.ring("sip:agent@127.0.0.1", out.key), rig.baresip.alert(out)))
    rig.ask(Reject(CallId(TWO)))
    assert [leg.incoming for leg in rig.baresip.legs] == [False]
    assert ("CallFailed", TWO, "rejected", "local") in told(rig.events)


def test_a_line_number_used_again_is_another_call(rig: Rig) -> None:
    rig.talking(BOB)

    def replaced() -> None:
        rig.baresip.close(rig.baresip.legs[0], quietly=True)
        rig.baresip.ring(BOB)

    events = rig.far(replaced)
    assert ("CallCleared", ONE, "normal_clearing", "unknown") in events
    assert any(row[:2] == ("CallDelivered", TWO) for row in events)


def test_a_new_daemon_asks_first_and_tells_every_call(baresip: FakeBaresip) -> None:
    bob = baresip.ring(BOB)
    baresip.connect(bob)
    bob.on_hold = True
    baresip.connect(baresip._open(CAROL, incoming=False, state="OUTGOING"))
    baresip.ring("sip:dave@pbx.example")
    baresip.said.clear()
    rig = Rig(baresip).start()
    assert [(c.state, c.direction, c.number) for c in rig.serving.calls or ()] == [
        ("held", "inbound", "13800138000"),
        ("connected", "outbound", CAROL),
        ("waiting", "inbound", "sip:dave@pbx.example"),
    ]
    assert rig.events == [rig.serving]


def test_a_restarted_baresip_has_no_calls_of_the_old_one(rig: Rig) -> None:
    rig.talking(BOB)
    rig.take(rig.engine.stop(rig.at, "gone"))
    assert told(rig.events)[-1] == ("LineOutOfService", "gone")
    assert told(list(SipEngine(LINE).stop(0.0, "gone").events)) == []
    rig.baresip.legs.clear()
    rig.baresip.ring(CAROL, "another")
    rig.baresip.said.clear()
    rig.start()
    assert [(each.call, each.number) for each in rig.serving.calls or ()] == [(TWO, CAROL)]


def test_what_answers_without_a_menu_is_no_baresip() -> None:
    rig = Rig()
    rig.baresip.broken |= {"about": "!command not found (about)\n", "listcalls": "!command not found\n"}
    rig.start()
    assert told(rig.events) == [("LineOutOfService", "gone")]


def test_a_flood_of_commands_is_bounded(rig: Rig) -> None:
    rig.talking(BOB)
    rig.baresip.deaf = True
    for _ in range(50):
        rig.take(rig.engine.request(SendDigits("1"), rig.at))
    refused = [row for row in told(rig.events) if row[0] == "EffectFailed"]
    assert 40 <= len(refused) < 50


@pytest.mark.parametrize("command", [Answer(), Hold(), Dial("1"), SetMute(True)])
def test_a_line_out_of_service_takes_no_command(rig: Rig, command: LineCommand) -> None:
    assert rig.ask(command)[0][:2] == ("EffectFailed", "line_out_of_service")


def test_digits_are_in_no_event_even_where_baresip_repeats_them(rig: Rig) -> None:
    rig.talking(BOB)
    rig.baresip.broken["sndcode"] = "!no such code 4711\n"
    rig.ask(SendDigits("4711"))
    leg = rig.baresip.legs[0]
    rig.far(lambda: rig.baresip.event("CALL_DTMF_START", leg, "4"))
    assert "4711" not in repr(rig.events)
    assert told(rig.events)[-1] == ("DigitsReceived", ONE, "1")


@pytest.mark.parametrize("chunk", [1, 7])
def test_a_whole_day_in_small_pieces(baresip: FakeBaresip, chunk: int) -> None:
    def day(rig: Rig) -> list[tuple[str, ...]]:
        rig.talking(BOB, CAROL)
        for command in (
            Swap(),
            SetMute(True),
            Hold(),
            Retrieve(CallId(TWO)),
            HangUp(),
            HangUp(),
            Dial("1*#"),
        ):
            rig.ask(command)
        return told(rig.events)

    assert day(Rig(FakeBaresip(baresip.version), chunk)) == day(Rig(baresip))


def test_random_messages_are_survived_and_every_command_is_answered() -> None:
    chance = random.Random(7)
    kinds = ["CALL_INCOMING", "CALL_ESTABLISHED", "CALL_CLOSED", "CALL_RINGING", "TRANSFER_FAILED", "EXIT"]
    commands: list[LineCommand] = [
        Answer(), Reject(), HangUp(), Hold(), Retrieve(), Swap(), SetMute(True), SetMute(False),
        SendDigits("1"), Dial("10086"), Transfer("10086"),
    ]  # fmt: skip
    for round_ in range(150):
        rig = Rig(FakeBaresip(chance.choice(["1.0.0", "1.1.0", "2.0.0", "3.19.0"]))).start()
        asked = 0
        for _ in range(30):
            leg = chance.choice(rig.baresip.legs) if rig.baresip.legs else None
            what = chance.randrange(6)
            if what == 0 and len(rig.baresip.legs) < 4:
                rig.baresip.ring(f"sip:{chance.randrange(9)}@x")
            elif what == 1 and leg is not None:
                rig.baresip.close(leg, quietly=chance.random() < 0.3)
            elif what == 2 and leg is not None:
                rig.baresip.event(chance.choice(kinds), leg, "486 x")
            elif what == 3 and leg is not None and leg.state != "INCOMING":
                rig.baresip.connect(leg)
            else:
                asked += 1
                rig.take(rig.engine.request(chance.choice(commands), rig.at))
            rig.flow()
            rig.run(chance.choice([0.0, 0.1, 2.0]))
        for leg in list(rig.baresip.legs):
            rig.baresip.close(leg)
        rig.flow()
        rig.run(120.0)
        rows = told(rig.events)
        assert sum(row[0] in {DONE, "EffectFailed"} for row in rows) == asked, round_
        _calls_are_whole(rig)


def _calls_are_whole(rig: Rig) -> None:
    """Every call begins once and ends once, with nothing after its end."""
    seen: dict[str, list[str]] = {}
    for event in rig.events:
        if isinstance(event, CallEvent):
            seen.setdefault(event.call, []).append(type(event).__name__)
    for names in seen.values():
        assert names[0] in {"CallDelivered", "CallOriginated"}, names
        assert [name for name in names if name in {"CallCleared", "CallFailed"}] == names[-1:], names
        assert names.count("CallEstablished") <= 1

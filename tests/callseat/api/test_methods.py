"""The method table: every command can be asked for, and whatever is wrong gets one clear sentence."""

from __future__ import annotations

import typing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callseat.api.errors import ERROR_KINDS, RequestError
from callseat.api.methods import METHODS, parse
from state import commands
from state.ids import CallId, DeviceId, LineId

H1 = DeviceId("h1")
BUILT: list[tuple[str, dict[str, Any], commands.Command]] = [
    ("call.answer", {}, commands.Answer()),
    ("call.answer", {"call": "sim-1"}, commands.Answer(CallId("sim-1"))),
    ("call.reject", {"call": "sim-1"}, commands.Reject(CallId("sim-1"))),
    ("call.hangup", {"call": None}, commands.HangUp()),
    ("call.dial", {"number": "+8613800138000"}, commands.Dial("+8613800138000")),
    ("call.dial", {"number": "*#06#", "line": "at"}, commands.Dial("*#06#", LineId("at"))),
    ("call.dial", {"number": "sip:agent@127.0.0.1:5070"}, commands.Dial("sip:agent@127.0.0.1:5070")),
    (
        "call.dial",
        {"number": "110", "customer": "王女士", "matter": "快递"},
        commands.Dial("110", customer="王女士", matter="快递"),
    ),
    ("call.hold", {}, commands.Hold()),
    ("call.retrieve", {}, commands.Retrieve()),
    ("call.swap", {}, commands.Swap()),
    ("call.join", {"call": "l1-1"}, commands.Join(CallId("l1-1"))),
    ("call.transfer", {}, commands.CompleteTransfer()),
    ("call.transfer", {"number": "201"}, commands.Transfer("201")),
    ("call.send_digits", {"digits": "12#"}, commands.SendDigits("12#")),
    ("call.begin_closing", {}, commands.BeginClosing()),
    ("call.note", {"note": "第一行\n第二行"}, commands.NoteCall(note="第一行\n第二行")),
    (
        "call.note",
        {"record": "r-1", "category": "fault", "promise_subject": "call back", "promise_due": "17:00"},
        commands.NoteCall("r-1", "fault", "", "call back", "17:00"),
    ),
    ("device.set_mute", {"value": True}, commands.SetMute(True)),
    ("device.identify", {"device": "h1"}, commands.IdentifyDevice(H1)),
    ("headset.acquire", {"device": "h1", "app": "软电话"}, commands.AcquireHeadset(H1, "软电话")),
    ("headset.release", {"device": "h1"}, commands.ReleaseHeadset(H1)),
    ("headset.show", {"device": "h1", "ring": True}, commands.ShowHeadset(H1, ring=True)),
    (
        "headset.show",
        {"device": "h1", "off_hook": True, "hold": True},
        commands.ShowHeadset(H1, True, False, True),
    ),
    ("agent.sign_in", {"agent": "1007"}, commands.SignIn("1007")),
    ("agent.sign_out", {}, commands.SignOut()),
    ("agent.sign_out", {"successor": "1008"}, commands.SignOut("1008")),
    ("agent.set_state", {"state": "ready"}, commands.SetReady()),
    ("agent.set_state", {"state": "not_ready", "reason": "lunch"}, commands.SetNotReady("lunch")),
    ("cue.repeat", {}, commands.RepeatCue()),
    ("cue.cancel", {}, commands.CancelCue()),
]


def built(name: str, params: dict[str, Any]) -> commands.Command:
    method, values = parse(name, params)
    assert method.build is not None
    return method.build(values)


@pytest.mark.parametrize(("name", "params", "command"), BUILT)
def test_builds(name: str, params: dict[str, Any], command: commands.Command) -> None:
    assert built(name, params) == command


def test_every_command_of_the_vocabulary_can_be_asked_for() -> None:
    asked = {type(command) for _, _, command in BUILT}
    assert asked == set(typing.get_args(commands.Command))


def test_every_command_method_is_tried_here() -> None:
    assert {name for name, _, _ in BUILT} == {name for name, method in METHODS.items() if method.build}


def test_names_are_noun_dot_verb_and_kinds_are_in_the_table() -> None:
    for name, method in METHODS.items():
        assert name == method.name
        assert [part.replace("_", "").isalpha() for part in name.split(".")] == [True, True]
        assert set(method.kinds) <= set(ERROR_KINDS)
        assert method.meaning.endswith(".")


@pytest.mark.parametrize(
    ("name", "params", "kind", "message"),
    [
        ("call.anwser", {}, "method_not_found", "no method 'call.anwser'; did you mean call.answer?"),
        ("call.hang_up", {}, "method_not_found", "did you mean call.hangup?"),
        ("x" * 90, {}, "method_not_found", f"no method '{'x' * 64}...'"),
        ("call.answer", {"cal": "a"}, "invalid_params", "no parameter 'cal'; did you mean call?"),
        ("device.set_mute", {"muted": True}, "invalid_params", "no parameter 'muted'; it takes value"),
        ("server.info", {"x": 1}, "invalid_params", "server.info has no parameter 'x'"),
        ("device.set_mute", {}, "invalid_params", "missing required field `value`"),
        ("device.set_mute", {"value": "yes"}, "invalid_params", "Expected `bool`, got `str` - at `$.value`"),
        ("device.set_mute", {"value": 1}, "invalid_params", "Expected `bool`, got `int` - at `$.value`"),
        ("call.answer", {"call": 7}, "invalid_params", "got `int` - at `$.call`"),
        ("call.answer", {"call": ""}, "invalid_params", "`$.call`"),
        ("call.answer", {"call": "a\nb"}, "invalid_params", "`$.call`"),
        ("call.answer", {"call": "a" * 65}, "invalid_params", "`$.call`"),
        ("headset.acquire", {"device": "h1"}, "invalid_params", "missing required field `app`"),
        ("headset.show", {"device": "h1", "mute": True}, "invalid_params", "no parameter 'mute'"),
        ("call.dial", {}, "invalid_params", "missing required field `number`"),
        ("call.dial", {"number": ""}, "invalid_params", "of the form docs/api.md gives - at `$.number`"),
        ("agent.set_state", {"state": "busy"}, "invalid_params", "Invalid enum value 'busy'"),
        ("agent.set_state", {"state": "y" * 9000}, "invalid_params", f"value '{'y' * 64}...' - at `$.state`"),
        ("agent.set_state", {"state": "ready", "reason": "x"}, "invalid_params", "not_ready only"),
        ("call.note", {"promise_due": "17:00"}, "invalid_params", "promise_subject"),
        ("call.note", {"note": "x" * 4097}, "invalid_params", "<= 4096"),
        ("records.calls", {"limit": 0}, "invalid_params", ">= 1"),
        ("records.calls", {"limit": 501}, "invalid_params", "<= 500"),
        ("records.calls", {"since": -1}, "invalid_params", ">= 0"),
    ],
)
def test_refuses(name: str, params: dict[str, Any], kind: str, message: str) -> None:
    with pytest.raises(RequestError) as refused:
        built(name, params)
    assert refused.value.kind == kind
    assert message in refused.value.message
    assert len(refused.value.message) < 300


@pytest.mark.parametrize(
    "number", ["123\n", "1;H", "1 2", 'sip:a@b"', "ATH", "sip:a@b\r\nx", "1" * 41, "a", "１２３"]
)
def test_a_number_cannot_end_a_command_of_a_line_early(number: str) -> None:
    with pytest.raises(RequestError, match=r"\$\.number"):
        built("call.dial", {"number": number})


@pytest.mark.parametrize("digits", ["", "1\n", "1,2", "E", "1" * 33])
def test_digits_are_dtmf_and_are_never_repeated_in_a_message(digits: str) -> None:
    with pytest.raises(RequestError) as refused:
        built("call.send_digits", {"digits": digits})
    assert "of the form docs/api.md gives" in refused.value.message


@given(
    st.text(max_size=80),
    st.dictionaries(st.text(max_size=10), st.integers() | st.text(max_size=5), max_size=3),
)
def test_any_name_and_parameters_are_built_or_refused(name: str, params: dict[str, Any]) -> None:
    for method in (name, "call.note", "records.calls"):
        try:
            found, values = parse(method, params)
        except RequestError as error:
            outcome = error.kind
        else:
            outcome = "built" if set(params) <= set(found.params.__struct_fields__) else str(values)
        assert outcome in {"built", "method_not_found", "invalid_params"}


def test_codes_are_unique_where_positive() -> None:
    positive = [entry.code for entry in ERROR_KINDS.values() if entry.code > 0]
    assert len(positive) == len(set(positive))
    assert sorted(positive) == list(range(1, len(positive) + 1))

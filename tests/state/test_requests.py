"""What apps and keys ask for: every command accepted, refused and answered, once, by the right party."""

from __future__ import annotations

import pytest

from state.commands import (
    Answer,
    BeginClosing,
    CancelCue,
    Command,
    Dial,
    HangUp,
    Hold,
    NoteCall,
    Reject,
    RepeatCue,
    Retrieve,
    SendDigits,
    SetReady,
    SignIn,
)
from state.events import (
    CallFailed,
    CallOriginated,
    CommandCompleted,
    CommandRequested,
    EffectFailed,
    LineInService,
    LineOutOfService,
)
from state.ids import CallId, LineId
from state.settings import SeatSettings
from state.words import AgentState, Basis, By, CallState, Cause
from tests.state.driver import HS, L1, L2, NUMBER, Desk

CALL = CallId("l1-1")


def desk_with(state: CallState) -> Desk:
    """A seat with one call in that state."""
    desk = Desk()
    match state:
        case CallState.RINGING | CallState.WAITING:
            desk.rings(state=state)
        case CallState.DIALING:
            desk.tell(CallOriginated(desk.at, L1, L1, CALL, NUMBER))
        case CallState.RINGBACK:
            desk.tell(CallOriginated(desk.at, L1, L1, CALL, NUMBER))
            desk.rings(state=CallState.RINGBACK)
        case CallState.CONNECTED | CallState.HELD:
            desk.talks()
            desk.customer_speaks(0.1, 0.5)
            desk.runs_to(1.0)
            if state is CallState.HELD:
                desk.holds(CALL)
    return desk


_C = CallState
ALLOWED: dict[type, tuple[CallState, ...]] = {
    Answer: (_C.RINGING, _C.WAITING),
    Reject: (_C.RINGING, _C.WAITING),
    HangUp: (_C.DIALING, _C.RINGBACK, _C.RINGING, _C.WAITING, _C.CONNECTED, _C.HELD),
    Hold: (_C.CONNECTED,),
    Retrieve: (_C.HELD,),
    SendDigits: (_C.CONNECTED, _C.RINGBACK),
}
STATES = (_C.DIALING, _C.RINGBACK, _C.RINGING, _C.WAITING, _C.CONNECTED, _C.HELD)


def command(kind: type) -> Command:
    """A command about the one call."""
    return SendDigits("1", CALL) if kind is SendDigits else kind(CALL)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", ALLOWED)
def test_every_command_in_every_state_of_a_call(kind: type, state: CallState) -> None:
    desk = desk_with(state)
    before = len(desk.commands())
    reply = desk.asks(command(kind))
    passed_on = desk.commands()[before:]
    if state in ALLOWED[kind]:
        assert reply is None
        assert len(passed_on) == 1
        assert getattr(passed_on[0], "call", None) == CALL
    else:
        assert reply is not None
        assert reply.kind == "invalid_state"
        assert state.value in reply.message
        assert passed_on == []


@pytest.mark.parametrize("kind", ALLOWED)
def test_a_call_that_does_not_exist(kind: type) -> None:
    desk = Desk()
    unknown = SendDigits("1", CallId("l9-9")) if kind is SendDigits else kind(CallId("l9-9"))
    reply = desk.asks(unknown)
    assert reply is not None
    assert reply.kind == "no_such_call"
    assert "l9-9" in reply.message


@pytest.mark.parametrize("kind", ALLOWED)
def test_no_call_that_could_be_meant(kind: type) -> None:
    reply = Desk().asks(SendDigits("1") if kind is SendDigits else kind())
    assert reply is not None
    assert reply.kind == "no_such_call"


MEANT = [
    (Answer(), _C.RINGING),
    (Reject(), _C.RINGING),
    (HangUp(), _C.CONNECTED),
    (HangUp(), _C.DIALING),
    (Hold(), _C.CONNECTED),
    (Retrieve(), _C.HELD),
    (SendDigits("1"), _C.CONNECTED),
]


@pytest.mark.parametrize(("asked", "state"), MEANT)
def test_a_command_without_a_call_means_the_one_in_focus(asked: Command, state: CallState) -> None:
    desk = desk_with(state)
    desk.asks(asked)
    assert getattr(desk.commands()[-1], "call", None) == CALL


@pytest.mark.parametrize("kind", [Answer, Reject, Hold, Retrieve])
def test_a_line_that_cannot_do_it_says_so(kind: type) -> None:
    state = ALLOWED[kind][0]
    desk = desk_with(state)
    desk.tell(LineInService(desk.at, L1, L1, frozenset(), ()))
    reply = desk.asks(kind(CALL))
    assert reply is not None
    assert reply.kind == "not_supported"


@pytest.mark.parametrize("kind", ALLOWED)
def test_a_line_that_is_out_of_service_says_so(kind: type) -> None:
    desk = desk_with(ALLOWED[kind][0])
    desk.tell(LineOutOfService(desk.at, L1, L1, "timeout"))
    reply = desk.asks(command(kind))
    assert reply is not None
    assert reply.kind == "line_out_of_service"
    assert "timeout" in reply.message


# answers that wait for the line ------------------------------------------------------------------


def test_a_request_is_answered_when_the_line_has_done_it() -> None:
    desk = desk_with(_C.RINGING)
    assert desk.asks(Answer()) is None
    desk.connects(CALL)
    reply = desk.reply()
    assert reply is not None
    assert (reply.kind, reply.data) == ("", {"call": CALL})


def test_a_request_is_answered_when_the_line_says_done() -> None:
    desk = desk_with(_C.CONNECTED)
    assert desk.asks(SendDigits("1")) is None
    desk.tell(CommandCompleted(desk.at, L1, "CallCommand", L1, CALL))
    reply = desk.reply()
    assert reply is not None
    assert reply.kind == ""


def test_a_request_that_failed_says_how() -> None:
    desk = desk_with(_C.CONNECTED)
    assert desk.asks(Hold()) is None
    desk.tell(EffectFailed(desk.at, L1, "CallCommand", L1, "denied", CALL, "CME ERROR: 3"))
    reply = desk.reply()
    assert reply is not None
    assert reply.kind == "denied"
    assert "CME ERROR: 3" in reply.message
    assert desk.cue_names()[-1] == "command.failed"
    assert desk.told("cue.given")[-1][1]["text"] == f"操作未成功：保持（{L1}：没有权限）"


def test_an_answer_to_a_call_that_went_away_is_no_success() -> None:
    desk = desk_with(_C.RINGING)
    assert desk.asks(Answer()) is None
    desk.clears(CALL)
    reply = desk.reply()
    assert reply is not None
    assert reply.kind == "no_such_call"


def test_everybody_who_waits_for_a_call_is_answered_at_its_end() -> None:
    desk = desk_with(_C.CONNECTED)
    desk.asks(Hold())
    held = desk.last_request
    desk.asks(SendDigits("5"))
    keyed = desk.last_request
    desk.asks(HangUp())
    ended = desk.last_request
    desk.clears(CALL)
    replies = [desk.reply(name) for name in (held, keyed, ended)]
    assert [reply.kind for reply in replies if reply is not None] == ["no_such_call", "no_such_call", ""]


def test_everybody_who_waits_for_a_lost_line_is_told() -> None:
    desk = desk_with(_C.CONNECTED)
    desk.asks(Hold())
    desk.tell(LineOutOfService(desk.at, L1, L1, "gone"))
    reply = desk.reply()
    assert reply is not None
    assert reply.kind == "line_out_of_service"


def test_a_waiting_dial_is_not_answered_by_another_call() -> None:
    desk = desk_with(_C.RINGING)
    desk.asks(Dial("10086"))
    dialled = desk.last_request
    desk.asks(Answer())
    desk.connects(CALL)
    answered = desk.reply()
    assert answered is not None
    assert answered.data == {"call": CALL}
    assert desk.reply(dialled) is None


def test_requests_without_a_name_are_answered_to_nobody() -> None:
    desk = desk_with(_C.RINGING)
    before = len(desk.log)
    effects = desk.tell(CommandRequested(desk.at, "app", Hold(CALL), Basis.APP, None))
    assert effects == []
    assert len(desk.log) == before


# a command that fails rolls back -------------------------------------------------------------------


def test_the_off_hook_lamp_is_rolled_back_when_answering_fails() -> None:
    desk = desk_with(_C.RINGING)
    desk.hooks(off=True)
    assert (desk.lamps().off_hook, desk.lamps().ring) == (True, False)
    desk.tell(EffectFailed(desk.at, L1, "CallCommand", L1, "timeout", CALL))
    assert (desk.lamps().off_hook, desk.lamps().ring) == (False, True)
    assert desk.view(CALL).pending == ""
    assert desk.told("effect.failed")[-1][1]["reason"] == "timeout"


def test_the_off_hook_lamp_comes_back_when_hanging_up_fails() -> None:
    desk = desk_with(_C.CONNECTED)
    desk.hooks(off=False)
    assert not desk.lamps().off_hook
    desk.tell(EffectFailed(desk.at, L1, "CallCommand", L1, "timeout", CALL))
    assert desk.lamps().off_hook
    desk.clears(CALL, by=By.REMOTE)
    assert desk.row(CALL).by is By.REMOTE


def test_answering_may_be_tried_again_after_it_failed() -> None:
    desk = desk_with(_C.RINGING)
    desk.hooks(off=True)
    desk.tell(EffectFailed(desk.at, L1, "CallCommand", L1, "timeout", CALL))
    desk.hooks(off=True)
    assert desk.commands() == [Answer(CALL), Answer(CALL)]


def test_an_answer_on_a_line_that_is_gone_lights_nothing() -> None:
    desk = desk_with(_C.RINGING)
    desk.tell(LineOutOfService(desk.at, L1, L1, "gone"))
    desk.hooks(off=True)
    assert desk.commands() == []
    assert not desk.lamps().off_hook


# dialling --------------------------------------------------------------------------------------


def dialled(desk: Desk, number: str, line: LineId | None = None) -> str:
    """Dials; returns the kind of refusal, or empty where the line was asked."""
    before = len(desk.commands())
    reply = desk.asks(Dial(number, line))
    if len(desk.commands()) > before:
        assert reply is None
        assert desk.commands()[-1] == Dial(number, line or L1)
        return ""
    assert reply is not None
    assert reply.message
    return reply.kind


@pytest.mark.parametrize("number", ["10086", "+8613800138000", "*100#", "0", "sip:reception@centre.example"])
def test_numbers_that_can_be_dialled(number: str) -> None:
    assert dialled(Desk(), number) == ""


@pytest.mark.parametrize(
    "number", ["", "12a", "1 2", "１２", "1" * 33, "sip:", "sip:a b", "tel:1", "110;ATH"]
)
def test_numbers_that_cannot(number: str) -> None:
    assert dialled(Desk(), number) == "invalid_number"


def in_state(state: AgentState) -> Desk:
    """A seat whose agent is in a state, with no call in the way."""
    desk = Desk(SeatSettings(), lines=(L1, L2), agent=None)
    if state is not AgentState.LOGGED_OUT:
        desk.asks(SignIn("8001"))
    if state in (AgentState.READY, AgentState.BUSY, AgentState.AFTER_CALL_WORK):
        desk.asks(SetReady())
    if state in (AgentState.BUSY, AgentState.AFTER_CALL_WORK):
        call = desk.talks(L2)
        if state is AgentState.AFTER_CALL_WORK:
            desk.clears(call, L2)
    assert desk.now.agent.state is state
    return desk


@pytest.mark.parametrize("state", AgentState)
@pytest.mark.parametrize("number", SeatSettings().emergency_numbers)
def test_emergency_numbers_can_be_dialled_in_every_state(state: AgentState, number: str) -> None:
    assert dialled(in_state(state), number) == ""


@pytest.mark.parametrize("state", AgentState)
def test_other_numbers_need_somebody_signed_in(state: AgentState) -> None:
    expected = "not_signed_in" if state is AgentState.LOGGED_OUT else ""
    assert dialled(in_state(state), "10086") == expected


def test_an_emergency_call_takes_another_line_when_the_named_one_is_out() -> None:
    desk = Desk(agent=None)
    desk.tell(LineOutOfService(desk.at, L2, L2, "gone"))
    desk.asks(Dial("110", L2))
    assert desk.commands(L1) == [Dial("110", L1)]
    assert desk.asks(Dial("10086", L2)).kind in {"not_signed_in", "line_out_of_service"}


def test_a_centre_sets_its_own_emergency_numbers() -> None:
    desk = Desk(SeatSettings(emergency_numbers=("112",)), agent=None)
    assert dialled(desk, "112") == ""
    assert dialled(desk, "110") == "not_signed_in"


def test_no_line_in_service() -> None:
    desk = Desk()
    desk.tell(LineOutOfService(desk.at, L1, L1, "gone"))
    assert dialled(desk, "10086") == "line_out_of_service"


def test_the_first_line_in_service_that_can_dial_is_taken() -> None:
    desk = Desk(lines=())
    desk.tell(LineInService(0.0, L2, L2, frozenset({"answer"})))
    desk.tell(LineInService(0.0, L1, L1, frozenset({"dial"})))
    assert dialled(desk, "10086") == ""
    assert desk.commands(L2) == []


def test_a_named_line_is_taken_or_refused() -> None:
    desk = Desk(lines=(L1, L2))
    desk.asks(Dial("10086", L2))
    assert desk.commands(L2) == [Dial("10086", L2)]
    assert dialled(desk, "10086", LineId("l9")) == "line_out_of_service"


def test_a_dial_is_answered_when_the_call_begins() -> None:
    desk = Desk()
    assert desk.asks(Dial("10086", customer="王女士", matter="回访")) is None
    desk.tell(CallOriginated(desk.at, L1, L1, CALL, "10086"))
    reply = desk.reply()
    assert reply is not None
    assert reply.kind == ""


def test_a_dial_that_fails_is_answered_and_its_customer_forgotten() -> None:
    desk = Desk()
    desk.asks(Dial("10086", customer="王女士", matter="回访"))
    desk.tell(EffectFailed(desk.at, L1, "CallCommand", L1, "busy"))
    reply = desk.reply()
    assert reply is not None
    assert reply.kind == "busy"
    assert desk.told("cue.given")[-1][1]["text"] == f"操作未成功：拨号（{L1}：正忙）"
    desk.calls_out(number="10010")
    desk.runs(3.0)
    (_, cue) = desk.told("cue.given")[-1]
    assert cue["cue"] == "opening"
    assert "王女士" not in str(cue["say"])


def test_the_words_of_an_outbound_opening_name_the_customer() -> None:
    desk = Desk()
    desk.asks(Dial("10086", customer="王女士", matter="回访"))
    desk.calls_out(number="10086")
    desk.runs(3.0)
    assert "王女士" in str(desk.told("cue.given")[-1][1]["say"])


@pytest.mark.parametrize("cause", [Cause.BUSY, Cause.CALL_NOT_ANSWERED, Cause.DEST_NOT_OBTAINABLE])
def test_an_outbound_call_that_fails_closes_its_record(cause: Cause) -> None:
    desk = desk_with(_C.DIALING)
    desk.tell(CallFailed(desk.at, L1, L1, CALL, cause))
    row = desk.row(CALL)
    assert (row.state, row.cause, row.established) == (CallState.FAILED, cause, None)
    assert desk.now.calls == ()
    assert desk.told("call.failed")[-1][1]["cause"] is cause


# notes -----------------------------------------------------------------------------------------


def test_a_note_goes_into_the_call_in_hand() -> None:
    desk = desk_with(_C.CONNECTED)
    reply = desk.asks(NoteCall(category="question", note="price"))
    assert reply is not None
    assert reply.kind == ""
    assert (desk.row(CALL).category, desk.row(CALL).note) == ("question", "price")


def test_a_note_without_a_call_goes_into_the_last_one() -> None:
    desk = desk_with(_C.CONNECTED)
    desk.clears(CALL)
    desk.asks(NoteCall(note="late"))
    row = desk.row(CALL)
    assert row.note == "late"
    assert row.cleared is not None


def test_a_note_adds_and_does_not_wipe() -> None:
    desk = desk_with(_C.CONNECTED)
    desk.asks(NoteCall(category="question"))
    desk.asks(NoteCall(note="price"))
    assert (desk.row(CALL).category, desk.row(CALL).note) == ("question", "price")


def test_a_note_by_record_finds_an_earlier_call() -> None:
    desk = desk_with(_C.CONNECTED)
    record = desk.row(CALL).record
    desk.clears(CALL)
    later = desk.talks()
    desk.asks(NoteCall(record=record, note="early"))
    assert desk.row(CALL).note == "early"
    assert desk.row(later).note == ""


@pytest.mark.parametrize("record", [None, "session-99"])
def test_there_may_be_nothing_to_note(record: str | None) -> None:
    reply = Desk().asks(NoteCall(record=record, note="x"))
    assert reply is not None
    assert reply.kind == "no_such_call"


def test_only_recent_calls_can_be_noted() -> None:
    desk = Desk()
    records = []
    for _ in range(40):
        call = desk.rings()
        records.append(desk.row(call).record)
        desk.clears(call)
    old, new = desk.asks(NoteCall(record=records[0])), desk.asks(NoteCall(record=records[-1]))
    assert old is not None
    assert new is not None
    assert (old.kind, new.kind) == ("no_such_call", "")


# cues by command ---------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [RepeatCue(), CancelCue()])
def test_without_a_cue_there_is_nothing_to_repeat_or_cancel(asked: Command) -> None:
    reply = Desk().asks(asked)
    assert reply is not None
    assert reply.kind == "invalid_state"


@pytest.mark.parametrize("asked", [RepeatCue(), CancelCue()])
def test_with_a_cue_it_is_accepted(asked: Command) -> None:
    desk = Desk()
    desk.talks()
    desk.runs_to(3.0)
    reply = desk.asks(asked)
    assert reply is not None
    assert reply.kind == ""
    assert (desk.now.cue is None) == isinstance(asked, CancelCue)


def test_begin_closing_needs_its_call_by_name_too() -> None:
    desk = desk_with(_C.CONNECTED)
    good, bad = desk.asks(BeginClosing(CALL)), desk.asks(BeginClosing(CallId("x")))
    assert good is not None
    assert bad is not None
    assert (good.kind, bad.kind) == ("", "no_such_call")


def test_hooks_need_no_request_name() -> None:
    desk = desk_with(_C.RINGING)
    desk.hooks(off=True)
    assert desk.commands() == [Answer(CALL)]
    assert desk.told("device.hookswitch")[-1][1] == {"device": HS, "off_hook": True}

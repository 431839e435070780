"""The pure composition: pictures, lamps, displays, cues in words, and what keyed digits never reach."""

from __future__ import annotations

import dataclasses
import re
from itertools import pairwise

import pytest

from callseat.core import Core
from state.commands import Answer, CancelCue, HangUp, RepeatCue, SetMute
from state.effects import PlayPrompt, Publish, Record, SendToDevice, StopPrompt
from state.events import (
    AudioAnalysedUntil,
    ButtonPressed,
    CallUpdated,
    DigitKeyed,
    DigitsReceived,
    EffectFailed,
    LevelMeasured,
    PromptStarted,
)
from state.settings import SeatSettings
from state.words import Audience, AudioFault, Basis, Button, CallState, Channel, SignalCondition
from tests.state.driver import BOOK, FEATURES, HS, L1, L2, Desk, silent

# the picture -----------------------------------------------------------------------------------


def test_the_picture_is_the_same_object_until_something_changes() -> None:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(1.0)
    first = desk.now
    desk.runs_to(1.5)
    assert desk.now is first
    desk.tell(LevelMeasured(desk.at, "audio", L1, Channel.NEAR, -30.0, -60.0))
    desk.tell(AudioAnalysedUntil(desk.at, "audio", L1, Channel.NEAR, desk.at))
    assert desk.now is first
    desk.tell(CallUpdated(desk.at, L1, L1, call, name="李先生"))
    assert desk.now is not first
    assert desk.view(call).name == "李先生"


def test_an_earlier_picture_never_changes() -> None:
    desk = Desk()
    before = desk.now
    copy = dataclasses.replace(before)
    call = desk.talks()
    desk.runs_to(3.0)
    desk.clears(call)
    assert before == copy
    assert before.calls == ()


def test_nothing_in_a_picture_can_be_changed() -> None:
    desk = Desk()
    call = desk.talks()
    for part in (desk.now, desk.now.agent, desk.view(call), desk.now.lines[0], desk.now.mute, desk.now.lamps):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(part, dataclasses.fields(part)[0].name, 1.0)
    assert isinstance(desk.now.calls, tuple)


def test_the_picture_of_a_call() -> None:
    desk = Desk()
    desk.runs_to(1.0)
    call = desk.rings("10086", name="王女士")
    view = desk.view(call)
    assert (view.state, view.number, view.name, view.since) == (CallState.RINGING, "10086", "王女士", 1.0)
    assert (view.established_at, view.silent, view.closing, view.pending) == (None, "", "", "")
    desk.runs_to(2.0)
    desk.hooks(off=True)
    assert desk.view(call).pending == "answer"
    desk.connects(call)
    view = desk.view(call)
    assert (view.state, view.established_at, view.silent) == (CallState.CONNECTED, 2.0, "opening")
    assert view.pending == ""


def test_the_picture_of_lines_and_devices() -> None:
    desk = Desk(lines=(L1, L2))
    one, two = desk.now.lines
    assert (one.line, one.in_service, one.listening, one.reason) == (L1, True, False, "")
    assert list(one.capabilities) == sorted(one.capabilities)
    desk.talks(L2)
    assert [line.listening for line in desk.now.lines] == [False, True]
    assert two.line == L2
    (device,) = desk.now.devices
    assert (device.device, device.name, device.lamps) == (HS, "Jabra", desk.lamps())


# lamps and displays ------------------------------------------------------------------------------


def test_lamps_are_written_where_they_differ_and_not_again() -> None:
    desk = Desk()
    written = len(desk.of(SendToDevice))
    call = desk.talks()
    after = len(desk.of(SendToDevice))
    assert after > written
    desk.tell(CallUpdated(desk.at, L1, L1, call, name="x"))
    desk.agent_speaks(0.5, 2.0)
    desk.runs_to(5.0)
    assert len(desk.of(SendToDevice)) == after


def test_a_device_that_comes_back_is_told_everything_again() -> None:
    desk = Desk()
    desk.talks()
    before = len(desk.of(SendToDevice))
    desk.unplugs()
    desk.plugs_in()
    assert len(desk.of(SendToDevice)) == before + 1
    assert desk.lamps().off_hook


def test_a_display_shows_the_picture_and_only_changes() -> None:
    desk = Desk(headset=False)
    desk.plugs_in(features=FEATURES | {"display"})
    shown = len(desk.displays())
    desk.talks()
    desk.runs_to(3.0)
    lines = desk.displays()
    assert len(lines) > shown
    assert all(a != b for a, b in pairwise(lines))
    assert lines[-1] == desk.now.display


def test_a_device_without_a_display_gets_none() -> None:
    desk = Desk()
    desk.talks()
    assert desk.displays() == []


def test_the_hook_of_a_headset_is_answered_with_its_lamps_every_time() -> None:
    desk = Desk()
    for _ in range(3):
        desk.hooks(off=True)
    assert len(desk.reasserted()) == 3


# cues in words -----------------------------------------------------------------------------------


def test_a_cue_has_its_words_and_its_why() -> None:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(2.5)
    cue = desk.now.cue
    assert cue is not None
    assert (cue.id, cue.call, cue.at, cue.repeat) == ("opening", call, pytest.approx(2.0, abs=0.02), 0)
    assert cue.text
    assert cue.why
    assert "8001" in cue.say
    told = desk.told("cue.given")[0][1]
    assert (told["text"], told["say"], told["why"]) == (cue.text, cue.say, cue.why)


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "您好"), ("en", "ello")])
def test_the_words_are_of_the_seats_language(language: str, word: str) -> None:
    desk = Desk(SeatSettings(language=language))
    desk.talks()
    desk.runs_to(2.5)
    ((_, play),) = desk.of(PlayPrompt)
    assert play.language.startswith(language[:2])
    assert desk.now.cue is not None
    assert word in desk.now.cue.say or "Good" in desk.now.cue.say


def test_the_newest_repeat_stands_in_the_picture() -> None:
    desk = Desk()
    desk.talks()
    desk.runs_to(13.0)
    assert desk.now.cue is not None
    assert desk.now.cue.repeat == 2


def test_repeating_says_the_shown_cue_to_the_agent() -> None:
    desk = Desk()
    desk.talks()
    desk.runs_to(3.0)
    ((_, first),) = desk.of(PlayPrompt)
    desk.asks(RepeatCue())
    (_, again) = desk.of(PlayPrompt)[-1]
    assert (again.text, again.audience) == (first.text, Audience.AGENT)
    assert again.prompt != first.prompt


def test_cancelling_takes_the_cue_away_and_stops_its_prompt() -> None:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(2.5)
    ((_, play),) = desk.of(PlayPrompt)
    desk.tell(PromptStarted(desk.at, "audio", play.prompt, play.audience, L1))
    desk.asks(CancelCue())
    assert desk.now.cue is None
    assert desk.stopped() == {play.prompt: "cancelled"}
    desk.clears(call)
    assert [cue.split("@")[0] for cue in desk.row(call).cues] == ["opening"]


def test_the_keys_of_a_device_repeat_and_cancel() -> None:
    desk = Desk(SeatSettings(keys=(("speed_dial", "repeat_cue"), ("line", "cancel_cue"))))
    desk.talks()
    desk.runs_to(3.0)
    desk.tell(ButtonPressed(desk.at, HS, HS, Button.SPEED_DIAL))
    assert len(desk.of(PlayPrompt)) == 2
    desk.tell(ButtonPressed(desk.at, HS, HS, Button.LINE))
    assert desk.now.cue is None


def test_an_alert_stands_before_a_due_cue() -> None:
    desk = Desk()
    desk.talks()
    desk.runs_to(3.0)
    desk.hooks(off=False)
    assert desk.now.cue is not None
    assert desk.now.cue.id == "silent.hang_up_too_early"
    desk.runs_to(6.5)
    assert desk.now.cue is not None
    assert desk.now.cue.id == "opening"


def test_a_seat_that_does_not_speak_still_shows() -> None:
    desk = Desk()
    desk.core = Core(SeatSettings(), BOOK, speak=False)
    desk.plugs_in()
    desk.talks()
    desk.runs_to(3.0)
    assert desk.of(PlayPrompt) == []
    assert desk.now.cue is not None


def test_the_cues_of_a_call_leave_with_it() -> None:
    desk = Desk()
    call = desk.talks()
    desk.runs_to(3.0)
    desk.clears(call)
    assert desk.now.cue is None
    assert set(desk.stopped().values()) == {"focus_lost"}


def test_a_failed_command_is_shown_for_a_moment() -> None:
    desk = Desk()
    call = desk.rings()
    desk.tell(EffectFailed(desk.at, L1, "CallCommand", L1, "timeout", call))
    assert desk.now.cue is not None
    assert desk.now.cue.id == "command.failed"
    desk.runs(10.1)
    assert desk.now.cue is None


def test_urgent_prompts_interrupt_and_say_so() -> None:
    desk = Desk()
    desk.talks()
    desk.runs_to(2.5)
    ((_, play),) = desk.of(PlayPrompt)
    desk.tell(PromptStarted(desk.at, "audio", play.prompt, play.audience, L1))
    desk.mutes()
    assert [stop.reason for _, stop in desk.of(StopPrompt)] == ["interrupted"]
    assert desk.of(PlayPrompt)[-1][1].phrase.startswith("cause.agent_muted")


# privacy ---------------------------------------------------------------------------------------


def test_keyed_digits_are_in_no_publication_and_no_row() -> None:
    desk = Desk()
    call = desk.talks()
    for digit in ("<4", "<7", "<1"):
        desk.tell(DigitKeyed(desk.at, HS, HS, digit))
    desk.tell(DigitsReceived(desk.at, L1, L1, call, 3))
    desk.clears(call)
    told = [effect for kind in (Publish, Record, PlayPrompt, SendToDevice) for _, effect in desk.of(kind)]
    assert not [effect for effect in told if any(digit in repr(effect) for digit in ("<4", "<7", "<1"))]
    assert desk.told("call.digits") == [(desk.at, {"call": call, "count": 3})]
    assert len(desk.commands()) == 4


# order and failure -------------------------------------------------------------------------------


def test_the_line_is_asked_before_anything_is_told() -> None:
    desk = Desk()
    call = desk.rings()
    before = len(desk.log)
    desk.hooks(off=True)
    kinds = [type(done.effect).__name__ for done in desk.log[before:]]
    assert kinds.index("CallCommand") < kinds.index("SendToDevice")
    assert desk.commands() == [Answer(call)]


# faults of the sound ---------------------------------------------------------------------------


def test_a_fault_makes_a_new_picture_and_the_same_fault_does_not() -> None:
    desk = Desk()
    desk.talks()
    desk.runs_to(1.0)
    first = desk.now
    desk.finds(Channel.NEAR, AudioFault.HUM, 0.3)
    second = desk.now
    assert second is not first
    assert first.lines[0].faults == ()
    assert [fault.fault for fault in second.lines[0].faults] == [AudioFault.HUM]
    desk.finds(Channel.NEAR, AudioFault.HUM, 0.3)
    assert desk.now is second


def test_a_hint_stays_on_the_display_for_a_while_and_below_anything_due() -> None:
    desk = Desk(silent(opening_cue_s=30.0))
    desk.talks()
    desk.runs_to(1.0)
    desk.finds(Channel.NEAR, AudioFault.HUM)
    assert desk.now.cue is not None
    assert (desk.now.cue.id, desk.now.cue.basis) == ("near.hum", Basis.PROPOSED)
    desk.unplugs()
    assert desk.now.cue is not None
    assert (desk.now.cue.id, desk.now.cue.basis) == ("cause.headset_unplugged", Basis.SENSED)
    desk.plugs_in()
    assert desk.now.cue is not None
    assert desk.now.cue.id == "near.hum"
    desk.runs_to(21.1)
    assert desk.now.cue is None


def test_a_conditions_change_is_decided_though_the_arbiter_does_not_hear_it() -> None:
    desk = Desk()
    call = desk.talks()
    desk.carries(Channel.NEAR, SignalCondition.DIGITAL_ZERO)
    assert desk.cue_names(call) == ["cause.agent_mic_dead"]
    assert desk.view(call).silence_since == 0.0


def test_two_cores_share_nothing() -> None:
    one, two = Desk(), Desk()
    call = one.talks()
    one.asks(SetMute(muted=True))
    assert two.now.calls == ()
    assert two.now.mute.value == "live"
    assert one.view(call).silence_cause == "agent_muted"


def test_auto_hangup_turns_the_lamp_off_at_once() -> None:
    desk = Desk(silent(auto_hangup=True))
    call = desk.talks()
    for begin, end in ((1.0, 3.0), (8.5, 10.5), (16.0, 19.0)):
        desk.agent_speaks(begin, end)
    desk.runs_to(21.1)
    assert desk.commands()[-1] == HangUp(call)
    assert not desk.lamps().off_hook


def test_a_cue_key_with_no_cue_on_show_is_told_to_nobody() -> None:
    desk = Desk()
    for key, topic in ((RepeatCue(), "cue.repeated"), (CancelCue(), "cue.cancelled")):
        reply = desk.asks(key)
        assert reply is not None
        assert reply.kind == "invalid_state"
        assert desk.told(topic) == []


def test_why_an_agent_is_told_of_a_cause_is_in_the_agents_language() -> None:
    desk = Desk()
    desk.talks()
    desk.reports_mute(muted=True, locked=True)
    (_, cue) = desk.told("cue.given")[-1]
    assert "话筒杆" in str(cue["why"])
    assert not re.search("[a-z]", str(cue["why"]))

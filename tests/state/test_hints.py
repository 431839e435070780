"""Hints about the sound: one table, a proposal each, once per call, and never in anything louder's way."""

from __future__ import annotations

import pytest

from state.cues import CueId
from state.effects import PlayPrompt
from state.hints import HINT_AGAIN_S, HINT_CONFIDENCE, REMEDIES
from state.words import AudioFault, Channel, SignalCondition, Urgency
from tests.docs.pages import page, rows
from tests.state.driver import BLOCK_S, Desk

NEAR, FAR = Channel.NEAR, Channel.FAR
HUM, GAPS, CLIPPING = AudioFault.HUM, AudioFault.GAPS, AudioFault.CLIPPING
EVERY = [(channel, fault, remedy) for (channel, fault), remedy in REMEDIES.items()]
SURE = HINT_CONFIDENCE + 0.01
"""Enough for a hint, and not for any guessed cause."""


def conversation() -> tuple[Desk, str]:
    """A call in which both have spoken; nobody speaks at 5 s."""
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.0)
    desk.customer_speaks(2.5, 3.5)
    desk.runs_to(5.0)
    desk.log.clear()
    return desk, call


def hints(desk: Desk, call: str) -> list[tuple[str, float]]:
    return [(cue, at) for cue, at in desk.cues(call) if cue.startswith(("near.", "far."))]


# the table -----------------------------------------------------------------------------------------


def test_every_hint_belongs_to_a_fault_of_its_channel() -> None:
    named = {remedy.cue for remedy in REMEDIES.values()}
    assert named == {cue for cue in CueId if cue.startswith(("near.", "far."))}
    for (channel, _), remedy in REMEDIES.items():
        assert remedy.cue.startswith(f"{channel}.")


def test_the_microphones_faults_and_the_customers_are_all_there() -> None:
    near = {fault for channel, fault in REMEDIES if channel is NEAR}
    far = {fault for channel, fault in REMEDIES if channel is FAR}
    by_cause = {
        AudioFault.DIGITAL_ZERO,
        AudioFault.FROZEN,
        AudioFault.ONE_WAY,
        AudioFault.SPEAKING_WHILE_MUTED,
    }
    customers_own = {AudioFault.HANDS_FREE, AudioFault.ECHO}
    assert near == set(AudioFault) - by_cause - customers_own
    assert far == {
        AudioFault.TOO_QUIET,
        GAPS,
        AudioFault.LOUD_BACKGROUND,
        AudioFault.POOR_SNR,
        *customers_own,
    }


# telling -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channel", "fault", "remedy"), EVERY)
def test_each_fault_is_proposed_once_in_a_call(channel: Channel, fault: AudioFault, remedy: object) -> None:
    desk, call = conversation()
    for step in range(5):
        desk.runs(1.0)
        desk.finds(channel, fault, SURE + 0.001 * step, began_at=4.0)
    assert hints(desk, call) == [(REMEDIES[channel, fault].cue, 6.0)]
    told = desk.told("cue.given")[0][1]
    assert told["basis"] == "proposed"
    assert desk.now.cue is not None
    assert desk.now.cue.basis == "proposed"


def test_a_cue_that_is_sensed_says_so() -> None:
    desk, _ = conversation()
    desk.unplugs()
    assert desk.told("cue.given")[0][1]["basis"] == "sensed"


@pytest.mark.parametrize(("confidence", "told"), [(HINT_CONFIDENCE - 0.01, 0), (HINT_CONFIDENCE, 1)])
def test_what_is_less_likely_than_not_is_kept_to_ourselves(confidence: float, told: int) -> None:
    desk, call = conversation()
    desk.finds(NEAR, HUM, confidence)
    assert len(hints(desk, call)) == told


def test_a_hint_carries_since_when_and_how_sure() -> None:
    desk, _ = conversation()
    desk.finds(NEAR, HUM, 0.83, began_at=2.0)
    why = desk.told("cue.given")[0][1]["why"]
    assert "3 秒" in why
    assert "83%" in why


def test_a_fault_that_was_over_and_is_back_is_told_again_but_not_at_every_turn() -> None:
    desk, call = conversation()
    for _ in range(130):
        desk.finds(NEAR, HUM)
        desk.runs(0.5)
        desk.mends(NEAR, HUM)
        desk.runs(0.5)
    times = [at for _, at in hints(desk, call)]
    assert times == [5.0, 5.0 + HINT_AGAIN_S, 5.0 + 2 * HINT_AGAIN_S]


def test_a_hold_does_not_make_a_fault_new() -> None:
    desk, call = conversation()
    desk.finds(NEAR, HUM)
    desk.holds(call)
    desk.stops_listening()
    desk.runs(HINT_AGAIN_S + 5.0)
    desk.retrieves(call)
    desk.listens()
    desk.finds(NEAR, HUM)
    assert hints(desk, call) == [("near.hum", 5.0)]


def test_the_next_call_is_told_again() -> None:
    desk, call = conversation()
    desk.finds(NEAR, HUM)
    desk.clears(call)
    other = desk.talks()
    desk.finds(NEAR, HUM)
    assert len(hints(desk, other)) == 1


def test_two_faults_with_the_same_words_are_one_hint() -> None:
    desk, call = conversation()
    desk.finds(FAR, AudioFault.POOR_SNR)
    desk.finds(FAR, AudioFault.LOUD_BACKGROUND)
    assert hints(desk, call) == [("far.noise", 5.0)]
    desk.mends(FAR, AudioFault.POOR_SNR)
    assert desk.now.cue is not None, "it is still loud around the customer"
    desk.mends(FAR, AudioFault.LOUD_BACKGROUND)
    assert desk.now.cue is None


def test_a_hint_leaves_the_display_with_its_fault_and_by_itself() -> None:
    desk, _ = conversation()
    desk.finds(NEAR, HUM)
    desk.mends(NEAR, HUM)
    assert desk.now.cue is None
    desk.finds(NEAR, GAPS)
    assert desk.now.cue is not None
    desk.runs(19.0)
    assert desk.now.cue is not None
    desk.runs(2.0)
    assert desk.now.cue is None


def test_nobody_is_told_of_a_call_that_is_not_there() -> None:
    desk = Desk()
    desk.listens()
    desk.finds(NEAR, HUM)
    assert desk.cues() == []


# what comes first ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("channel", "fault", "remedy"), [each for each in EVERY if each[2].once_heard])
def test_a_customer_who_has_said_nothing_is_asked_nothing(
    channel: Channel, fault: AudioFault, remedy: object
) -> None:
    """A silent caller is never urged to talk; once heard, the proposal is made."""
    desk = Desk()
    call = desk.talks()
    desk.runs_to(1.0)
    desk.finds(channel, fault, SURE)
    assert hints(desk, call) == []
    desk.customer_speaks(2.0, 3.0)
    desk.runs_to(4.0)
    assert [cue for cue, _ in hints(desk, call)] == [REMEDIES[channel, fault].cue]


@pytest.mark.parametrize("speaker", Channel)
def test_a_hint_is_said_in_a_pause_and_not_at_all_five_seconds_late(speaker: Channel) -> None:
    desk, _ = conversation()
    desk.speech(speaker, 6.0, 8.0)
    desk.runs_to(7.0)
    desk.finds(NEAR, HUM)
    desk.runs_to(9.0)
    assert [at for at, play in desk.of(PlayPrompt) if play.phrase == "near.hum.ear"] == [8.3]
    desk.speech(speaker, 40.0, 48.0)
    desk.runs_to(41.0)
    desk.finds(NEAR, GAPS)
    desk.runs_to(50.0)
    assert [play.phrase for _, play in desk.of(PlayPrompt)] == ["near.hum.ear"]
    assert ("near.gaps", 41.0) in desk.cues(), "shown all the same"


def test_a_stage_that_is_due_is_not_kept_waiting_by_a_hint() -> None:
    desk = Desk()
    call = desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.runs_to(7.4)
    desk.finds(NEAR, HUM)
    desk.runs_to(8.0)
    (at,) = desk.cue_times("silent.stage_2", call)
    assert abs(at - 7.5) <= BLOCK_S
    assert desk.now.cue is not None
    assert desk.now.cue.id == "silent.stage_2"


@pytest.mark.parametrize("cause", ["muted", "unplugged", "dead", "deaf"])
def test_a_graver_fault_at_the_desk_comes_first_and_the_hint_after_it(cause: str) -> None:
    desk, call = conversation()
    begin = {
        "muted": desk.mutes,
        "unplugged": desk.unplugs,
        "dead": lambda: desk.carries(NEAR, SignalCondition.DIGITAL_ZERO),
        "deaf": lambda: desk.deaf.update((line, NEAR) for line in desk.listening),
    }
    end = {
        "muted": lambda: desk.mutes(muted=False),
        "unplugged": desk.plugs_in,
        "dead": lambda: desk.carries(NEAR, SignalCondition.OK),
        "deaf": desk.deaf.clear,
    }
    begin[cause]()
    desk.runs(2.0)
    desk.finds(NEAR, HUM)
    assert hints(desk, call) == []
    end[cause]()
    desk.runs(0.1)
    assert [cue for cue, _ in hints(desk, call)] == ["near.hum"]


@pytest.mark.parametrize("condition", [SignalCondition.MUSIC, SignalCondition.BUSY, SignalCondition.FROZEN])
def test_nothing_is_proposed_about_a_customer_who_is_music_or_a_dead_line(condition: SignalCondition) -> None:
    desk, call = conversation()
    desk.carries(FAR, condition)
    desk.finds(FAR, GAPS)
    desk.finds(NEAR, HUM)
    assert [cue for cue, _ in hints(desk, call)] == ["near.hum"]
    desk.carries(FAR, SignalCondition.OK)
    assert [cue for cue, _ in hints(desk, call)] == ["near.hum", "far.gaps"]


def test_a_fault_that_stops_the_call_is_told_by_its_cause_alone() -> None:
    desk, call = conversation()
    desk.finds(NEAR, AudioFault.WRONG_DEVICE, 0.95)
    assert desk.cue_names(call) == ["cause.agent_mic_dead"]
    desk.mends(NEAR, AudioFault.WRONG_DEVICE)
    assert desk.cue_names(call) == ["cause.agent_mic_dead"]


def test_a_doubtful_one_is_a_hint_and_grows_into_its_cause() -> None:
    desk, call = conversation()
    desk.finds(NEAR, AudioFault.WRONG_DEVICE, 0.6)
    desk.finds(NEAR, AudioFault.WRONG_DEVICE, 0.9)
    assert desk.cue_names(call) == ["near.wrong_device", "cause.agent_mic_dead"]


def test_several_at_once_are_told_in_the_order_of_the_table() -> None:
    desk, call = conversation()
    desk.unplugs()
    for fault in (HUM, CLIPPING, GAPS):
        desk.finds(NEAR, fault)
    desk.plugs_in()
    assert [cue for cue, _ in hints(desk, call)] == ["near.gaps", "near.clipping", "near.hum"]


def test_a_hint_is_never_louder_than_a_hint() -> None:
    desk, call = conversation()
    desk.finds(NEAR, HUM)
    desk.finds(FAR, GAPS)
    board = desk.core._cues._board
    assert {shown.urgency for shown in board if shown.view.call == call} == {Urgency.HINT}


def test_the_page_has_the_table_in_its_order() -> None:
    """docs/procedures.md: which fault is which hint."""
    told = [
        row for row in rows(page("docs/procedures.md"), "P3 Cannot hear clearly") if row[0] in set(Channel)
    ]
    table = [(row[0], row[1].strip("`"), row[2].strip("`")) for row in told]
    assert table == [(channel, fault, remedy.cue) for (channel, fault), remedy in REMEDIES.items()]

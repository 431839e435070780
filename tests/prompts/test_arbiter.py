"""Who may talk over whom: each rule of the arbiter, and that its deadlines neither miss nor spin."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.arbiter import (
    AGENT_SPEAKING_WAIT_S,
    HINT_EXPIRES_S,
    PROMPT_LIMIT_S,
    Arbiter,
    Decision,
    Dropped,
    Offer,
    Reason,
)
from state.effects import PlayPrompt, StopPrompt
from state.ids import CallId, LineId, PromptId
from state.words import Audience, Channel, Urgency

HINT, DUE, ALERT = Urgency.HINT, Urgency.DUE, Urgency.ALERT
NEAR, FAR = Channel.NEAR, Channel.FAR
ONE, TWO = LineId("one"), LineId("two")


def ear(name: str, urgency: Urgency = DUE, call: str | None = "a", *, silent: bool = False) -> Offer:
    """A prompt for the agent's ear, about a call on line one."""
    play = PlayPrompt(PromptId(name), Audience.AGENT, phrase=name, text=name, language="en")
    return Offer(play, urgency, CallId(call) if call else None, ONE, until_customer_speaks=silent)


def line(name: str, to: LineId = ONE, call: str = "a", *, silent: bool = True) -> Offer:
    """A prompt the customer hears."""
    play = PlayPrompt(PromptId(name), Audience.LINE, phrase=name, text=name, language="en", line=to)
    return Offer(play, DUE, CallId(call), to, until_customer_speaks=silent)


def told(decisions: tuple[Decision, ...]) -> list[str]:
    """Decisions in short: `play x`, `stop x reason`, `drop x reason`."""
    short = []
    for each in decisions:
        match each:
            case PlayPrompt():
                short.append(f"play {each.prompt}")
            case StopPrompt():
                short.append(f"stop {each.prompt} {each.reason}")
            case Dropped():
                short.append(f"drop {each.prompt} {each.reason}")
    return short


def playing(name: str, urgency: Urgency = DUE, call: str = "b", *, heard: bool = True) -> Arbiter:
    """An arbiter in whose agent's ear a prompt of another call is playing since 0."""
    arbiter = Arbiter()
    assert told(arbiter.offer(ear(name, urgency, call), 0.0)) == [f"play {name}"]
    if heard:
        assert arbiter.started(PromptId(name), 0.1) == ()
    return arbiter


# due ---------------------------------------------------------------------------------------------


def test_a_due_prompt_plays_at_once() -> None:
    offer = ear("x")
    assert Arbiter().offer(offer, 5.0) == (offer.play,)


def test_a_due_prompt_does_not_wait_for_the_customer() -> None:
    arbiter = Arbiter()
    arbiter.speech(FAR, ONE, True, 4.0)
    assert told(arbiter.offer(ear("x"), 5.0)) == ["play x"]


def test_a_due_prompt_waits_for_the_agent_to_pause() -> None:
    arbiter = Arbiter()
    arbiter.speech(NEAR, ONE, True, 4.0)
    assert arbiter.offer(ear("x"), 5.0) == ()
    assert told(arbiter.speech(NEAR, ONE, False, 5.4)) == ["play x"]


def test_a_due_prompt_waits_for_a_talking_agent_one_second_and_no_longer() -> None:
    arbiter = Arbiter()
    arbiter.speech(NEAR, ONE, True, 4.0)
    assert arbiter.offer(ear("x"), 5.0) == ()
    assert arbiter.next_deadline() == 5.0 + AGENT_SPEAKING_WAIT_S
    assert arbiter.advance(5.99) == ()
    assert told(arbiter.advance(6.0)) == ["play x"]


def test_a_due_prompt_waits_for_another_due_prompt_to_end() -> None:
    arbiter = playing("first")
    assert arbiter.offer(ear("x"), 1.0) == ()
    assert arbiter.next_deadline() == PROMPT_LIMIT_S
    assert told(arbiter.finished(PromptId("first"), 2.5)) == ["play x"]


def test_a_due_prompt_interrupts_a_hint() -> None:
    arbiter = playing("hint", HINT)
    assert told(arbiter.offer(ear("x"), 1.0)) == ["stop hint interrupted", "play x"]


def test_a_hint_goes_on_until_the_due_prompt_really_begins() -> None:
    arbiter = playing("hint", HINT)
    arbiter.speech(NEAR, ONE, True, 0.5)
    assert arbiter.offer(ear("x"), 1.0) == ()
    assert arbiter.playing() == ("hint",)
    assert told(arbiter.advance(2.0)) == ["stop hint interrupted", "play x"]


# alert -------------------------------------------------------------------------------------------


def test_an_alert_talks_over_the_agent_and_the_customer() -> None:
    arbiter = Arbiter()
    arbiter.speech(NEAR, ONE, True, 4.0)
    arbiter.speech(FAR, ONE, True, 4.0)
    assert told(arbiter.offer(ear("x", ALERT), 5.0)) == ["play x"]


def test_an_alert_interrupts_what_is_less_urgent() -> None:
    for urgency in (HINT, DUE):
        arbiter = playing("old", urgency)
        assert told(arbiter.offer(ear("x", ALERT), 1.0)) == ["stop old interrupted", "play x"]


def test_an_alert_lets_another_alert_end() -> None:
    arbiter = playing("old", ALERT)
    assert arbiter.offer(ear("x", ALERT), 1.0) == ()
    assert told(arbiter.finished(PromptId("old"), 2.0)) == ["play x"]


def test_the_more_urgent_of_the_waiting_goes_first_then_the_older() -> None:
    arbiter = playing("old", ALERT)
    for name, urgency, call in (
        ("hint", HINT, "c"),
        ("due", DUE, "d"),
        ("later", DUE, "e"),
        ("alert", ALERT, "f"),
    ):
        assert arbiter.offer(ear(name, urgency, call), 1.0 + len(name) / 10) == ()
    order = ["old"]
    for step in range(4):
        (begun,) = arbiter.finished(PromptId(order[-1]), 2.0 + step / 10)
        assert isinstance(begun, PlayPrompt)
        order.append(begun.prompt)
    assert order == ["old", "alert", "due", "later", "hint"]


# hint --------------------------------------------------------------------------------------------


def test_a_hint_plays_when_nobody_talks() -> None:
    assert told(Arbiter().offer(ear("x", HINT), 5.0)) == ["play x"]


def test_a_hint_waits_for_a_pause_of_both() -> None:
    arbiter = Arbiter()
    arbiter.speech(NEAR, ONE, True, 4.0)
    arbiter.speech(FAR, ONE, True, 4.5)
    assert arbiter.offer(ear("x", HINT), 5.0) == ()
    assert arbiter.speech(NEAR, ONE, False, 6.0) == ()
    assert told(arbiter.speech(FAR, ONE, False, 7.0)) == ["play x"]


def test_a_hint_expires() -> None:
    arbiter = Arbiter()
    arbiter.speech(FAR, ONE, True, 4.0)
    arbiter.offer(ear("x", HINT), 5.0)
    assert arbiter.next_deadline() == 5.0 + HINT_EXPIRES_S
    assert arbiter.advance(9.99) == ()
    assert told(arbiter.advance(10.0)) == ["drop x expired"]
    assert arbiter.speech(FAR, ONE, False, 10.1) == ()


def test_a_hint_expires_behind_a_long_prompt_too() -> None:
    arbiter = playing("long")
    arbiter.offer(ear("x", HINT), 1.0)
    assert told(arbiter.finished(PromptId("long"), 6.5)) == ["drop x expired"]


def test_a_line_nobody_listens_to_any_more_holds_no_hint_back() -> None:
    arbiter = Arbiter()
    arbiter.speech(FAR, ONE, True, 4.0)
    arbiter.offer(ear("x", HINT), 5.0)
    assert told(arbiter.forget_line(ONE, 6.0)) == ["play x"]


# newer instead of older -----------------------------------------------------------------------------


def test_a_newer_prompt_of_a_call_replaces_one_that_waits() -> None:
    arbiter = playing("old")
    arbiter.offer(ear("x"), 1.0)
    assert told(arbiter.offer(ear("y"), 2.0)) == ["drop x replaced"]
    assert told(arbiter.finished(PromptId("old"), 3.0)) == ["play y"]


def test_a_newer_prompt_of_a_call_revokes_one_whose_first_sample_is_not_out() -> None:
    arbiter = playing("x", call="a", heard=False)
    assert told(arbiter.offer(ear("y"), 0.05)) == ["stop x replaced", "play y"]


def test_a_newer_prompt_lets_one_that_is_heard_end() -> None:
    arbiter = playing("x", call="a")
    assert arbiter.offer(ear("y"), 1.0) == ()
    assert told(arbiter.finished(PromptId("x"), 2.0)) == ["play y"]


def test_prompts_of_different_calls_do_not_replace_each_other() -> None:
    arbiter = playing("old", call="c")
    arbiter.offer(ear("x", call="a"), 1.0)
    assert arbiter.offer(ear("y", call="b"), 2.0) == ()
    assert told(arbiter.finished(PromptId("old"), 3.0)) == ["play x"]


def test_a_hint_does_not_replace_something_more_urgent() -> None:
    arbiter = playing("old")
    arbiter.offer(ear("x"), 1.0)
    assert arbiter.offer(ear("hint", HINT), 2.0) == ()
    assert told(arbiter.finished(PromptId("old"), 3.0)) == ["play x"]


def test_prompts_of_the_seat_replace_each_other() -> None:
    arbiter = playing("old")
    arbiter.offer(ear("x", call=None), 1.0)
    assert told(arbiter.offer(ear("y", call=None), 2.0)) == ["drop x replaced"]


# the line ------------------------------------------------------------------------------------------


def test_a_prompt_to_the_line_is_never_delayed() -> None:
    arbiter = playing("whisper", ALERT)
    arbiter.speech(NEAR, ONE, True, 4.0)
    assert told(arbiter.offer(line("x"), 5.0)) == ["play x"]
    assert set(arbiter.playing()) == {"whisper", "x"}


def test_a_silent_call_prompt_is_not_begun_while_the_customer_speaks() -> None:
    arbiter = Arbiter()
    arbiter.speech(FAR, ONE, True, 4.9)
    assert told(arbiter.offer(line("x"), 5.0)) == ["drop x customer_spoke"]
    assert arbiter.next_deadline() is None


def test_a_silent_call_prompt_is_begun_again_once_the_customer_is_quiet() -> None:
    arbiter = Arbiter()
    arbiter.speech(FAR, ONE, True, 3.0)
    arbiter.speech(FAR, ONE, False, 4.0)
    assert told(arbiter.offer(line("x"), 9.0)) == ["play x"]


def test_customer_speech_before_the_first_sample_revokes() -> None:
    arbiter = Arbiter()
    arbiter.offer(line("x"), 5.0)
    assert told(arbiter.speech(FAR, ONE, True, 5.02)) == ["stop x customer_spoke"]
    assert arbiter.playing() == ()


def test_customer_speech_in_the_middle_ends_a_silent_call_prompt() -> None:
    arbiter = Arbiter()
    arbiter.offer(line("x"), 5.0)
    arbiter.started(PromptId("x"), 5.05)
    assert told(arbiter.speech(FAR, ONE, True, 6.0)) == ["stop x customer_spoke"]


def test_customer_speech_ends_a_silent_call_cue_in_the_agents_ear_waiting_or_playing() -> None:
    arbiter = Arbiter()
    arbiter.offer(ear("x", silent=True), 5.0)
    arbiter.started(PromptId("x"), 5.1)
    arbiter.offer(ear("y", silent=True), 5.5)
    assert told(arbiter.speech(FAR, ONE, True, 6.0)) == ["stop x customer_spoke", "drop y customer_spoke"]


def test_other_prompts_do_not_mind_customer_speech() -> None:
    arbiter = Arbiter()
    arbiter.offer(ear("x"), 5.0)
    arbiter.offer(line("z", silent=False), 5.0)
    assert arbiter.speech(FAR, ONE, True, 6.0) == ()


def test_the_agents_own_speech_revokes_nothing() -> None:
    arbiter = Arbiter()
    arbiter.offer(line("x"), 5.0)
    assert arbiter.speech(NEAR, ONE, True, 5.01) == ()


def test_speech_on_another_line_revokes_nothing() -> None:
    arbiter = Arbiter()
    arbiter.offer(line("x", ONE), 5.0)
    assert arbiter.speech(FAR, TWO, True, 5.01) == ()
    assert told(arbiter.offer(line("y", TWO, "b"), 5.02)) == ["drop y customer_spoke"]


def test_two_lines_are_two_ears() -> None:
    arbiter = Arbiter()
    assert told(arbiter.offer(line("x", ONE, "a"), 5.0)) == ["play x"]
    assert told(arbiter.offer(line("y", TWO, "b"), 5.0)) == ["play y"]


def test_a_line_hears_one_prompt_at_a_time_the_newer() -> None:
    arbiter = Arbiter()
    arbiter.offer(line("x"), 5.0)
    assert told(arbiter.offer(line("y"), 6.0)) == ["stop x replaced", "play y"]


# endings -------------------------------------------------------------------------------------------


def test_a_call_that_loses_the_focus_takes_its_prompts_along() -> None:
    arbiter = playing("other", call="b")
    arbiter.offer(ear("x", call="a"), 1.0)
    arbiter.offer(line("z", call="a"), 1.0)
    assert told(arbiter.lose_call(CallId("a"), 2.0)) == ["stop z focus_lost", "drop x focus_lost"]
    assert arbiter.playing() == ("other",)


def test_the_next_prompt_begins_when_the_playing_call_loses_the_focus() -> None:
    arbiter = playing("other", call="b")
    arbiter.offer(ear("x", call="a"), 1.0)
    assert told(arbiter.lose_call(CallId("b"), 2.0)) == ["stop other focus_lost", "play x"]


def test_cancel_quiets_the_agents_ear_and_not_the_line() -> None:
    arbiter = playing("whisper")
    arbiter.offer(ear("x"), 1.0)
    arbiter.offer(line("z"), 1.0)
    assert told(arbiter.cancel(2.0)) == ["stop whisper cancelled", "drop x cancelled"]
    assert arbiter.playing() == ("z",)


def test_a_prompt_that_never_ends_does_not_block_the_ear_for_ever() -> None:
    arbiter = playing("lost")
    arbiter.offer(ear("x"), 1.0)
    assert arbiter.advance(PROMPT_LIMIT_S - 0.01) == ()
    assert told(arbiter.advance(PROMPT_LIMIT_S)) == ["stop lost overdue", "play x"]


def test_the_end_of_a_prompt_that_was_stopped_changes_nothing() -> None:
    arbiter = playing("old")
    arbiter.offer(ear("x", ALERT), 1.0)
    assert arbiter.finished(PromptId("old"), 1.1) == ()
    assert arbiter.started(PromptId("unknown"), 1.2) == ()
    assert arbiter.playing() == ("x",)


def test_a_quiet_arbiter_has_no_deadline() -> None:
    arbiter = playing("x")
    arbiter.finished(PromptId("x"), 1.0)
    assert arbiter.next_deadline() is None
    assert arbiter.advance(100.0) == ()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["hint", "due", "alert", "line", "near", "far", "quiet", "end", "start", "lose", "cancel"]
        ),
        st.floats(min_value=0.0, max_value=2.0, allow_nan=False),
        st.sampled_from(["a", "b"]),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(STEPS)
def test_whatever_comes_every_prompt_has_one_fate_and_no_deadline_is_left_behind(
    steps: list[tuple[str, float, str]],
) -> None:
    arbiter, now, decisions = Arbiter(), 0.0, list[Decision]()
    for number, (step, after, call) in enumerate(steps):
        now += after
        decisions += arbiter.advance(now)
        deadline = arbiter.next_deadline()
        assert deadline is None or deadline > now
        decisions += _take(arbiter, step, call, f"p{number}", now)
        heard = [each for each in arbiter.playing() if _audience(each, decisions) is Audience.AGENT]
        assert len(heard) <= 1
    played = [each.prompt for each in decisions if isinstance(each, PlayPrompt)]
    stopped = [each.prompt for each in decisions if isinstance(each, StopPrompt)]
    dropped = [each.prompt for each in decisions if isinstance(each, Dropped)]
    assert len(set(played)) == len(played)
    assert len(set(stopped)) == len(stopped)
    assert set(stopped) <= set(played)
    assert not set(dropped) & set(played)


def _take(arbiter: Arbiter, step: str, call: str, name: str, now: float) -> tuple[Decision, ...]:
    match step:
        case "hint" | "due" | "alert":
            return arbiter.offer(ear(name, Urgency[step.upper()], call), now)
        case "line":
            return arbiter.offer(line(name, LineId(call), call), now)
        case "near" | "far":
            return arbiter.speech(Channel(step), ONE, True, now)
        case "quiet":
            return arbiter.forget_line(ONE, now)
        case "lose":
            return arbiter.lose_call(CallId(call), now)
        case "cancel":
            return arbiter.cancel(now)
    for prompt in arbiter.playing()[:1]:
        return arbiter.finished(prompt, now) if step == "end" else arbiter.started(prompt, now)
    return ()


def _audience(prompt: PromptId, decisions: list[Decision]) -> Audience:
    return next(each.audience for each in decisions if isinstance(each, PlayPrompt) and each.prompt == prompt)


def test_reasons_are_words_a_record_can_hold() -> None:
    assert all(reason.value.isidentifier() for reason in Reason)

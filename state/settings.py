"""What a centre may set about the procedures, with the reason beside each default.

May not read a file: `callseat.config` fills this from TOML.
"""

from __future__ import annotations

from dataclasses import dataclass

from state.words import SilentCallMode


@dataclass(frozen=True, slots=True)
class SilentCallSettings:
    """The silent-call procedure: inbound and outbound, three utterances, three waits."""

    mode: SilentCallMode = SilentCallMode.ASSIST
    opening_cue_s: float = 2.0
    """Nothing said at connect: the opening is cued after this; a greeting later than 2 s sounds absent."""
    wait_1_s: float = 5.0
    wait_2_s: float = 5.0
    wait_3_s: float = 2.0
    """Waits count from the end of the utterance (call-centre training documents: stop 5 s, 5 s, 2 s)."""
    repeat_cue_s: float = 5.0
    """A cued utterance not begun within this is cued again; a stage never advances unspoken."""
    utterance_s: float = 1.0
    """Near speech shorter than this is not an utterance: "wei?" alone is no opening."""
    utterance_gap_s: float = 0.8
    """Pauses up to this belong to one utterance (clause pauses in read Mandarin are 0.3 to 0.7 s)."""
    unknown_cue_s: float = 5.0
    """Cause unknown for this long: the agent is asked to check by speaking."""
    auto_hangup: bool = False
    """Hanging up is the agent's act unless this is set."""
    hang_up_warning_s: float = 3.0
    """A hang-up asked for too early is held, and the warning shown, for this long."""


@dataclass(frozen=True, slots=True)
class ClosingSettings:
    """The customer hangs up first."""

    customer_hang_up_s: float = 10.0
    """Both silent for this long after the closing words: the agent may hang up."""


@dataclass(frozen=True, slots=True)
class SeatSettings:
    """Everything the pure rooms may be told about this seat."""

    session: str = "session"
    language: str = "zh-CN"
    centre_name: str = "客户服务中心"
    say_staff_number: bool = True
    silent_call: SilentCallSettings = SilentCallSettings()
    closing: ClosingSettings = ClosingSettings()
    after_call_work_s: float = 30.0
    """After-call work ends by itself after this; 0: straight back to ready."""
    watermark_fault_s: float = 1.0
    """No analysed audio for this long during a call is a fault, not silence."""
    late_timer_s: float = 1.0
    """A customer-facing timer later than this is armed again, never spoken in a burst."""
    emergency_numbers: tuple[str, ...] = ("110", "119", "120")
    keys: tuple[tuple[str, str], ...] = (
        ("repeat_cue", "repeat_cue"),
        ("cancel_cue", "cancel_cue"),
        ("programmable", "repeat_cue"),
        ("programmable:long", "cancel_cue"),
    )
    """What spare keys do: a button name, `:long` when held, and its action.

    Actions are repeat_cue, cancel_cue, begin_closing, redial and reject.
    """
    answer_on_hook: bool = True
    """Going off-hook on a headset answers the ringing call."""
    keep_off_hook: bool = False
    """The headset stays off-hook while somebody is signed in: most have a live mute key only then."""

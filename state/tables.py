"""Every decision of the seat. Whatever can change a state is a row of this file.

May not hold code. Every (state, event) pair is decided: a move, a stay with its reason, or a refusal; a
guarded row stands before the unguarded one of its cell. There are no wildcard rows: the walk test fails
on a hole. Sources: call states ECMA-269 and 3GPP 27.007; agent states ECMA-269; waits and order of the
silent call and of the closing from call-centre training practice (docs/procedures.md).
"""

from __future__ import annotations

from enum import StrEnum

from state.chart import Because, Move, Refusal, Refuse, Stay, Table, moves, refuses, stays
from state.words import AgentState, CallState, ClosingState, LineState, MuteState, SilentState


class CallOn(StrEnum):
    """What can happen to a call, and what can be asked of it."""

    ORIGINATED = "originated"
    RINGBACK = "ringback"
    DELIVERED = "delivered"
    OFFERED_WAITING = "offered_waiting"
    ESTABLISHED = "established"
    HELD = "held"
    RETRIEVED = "retrieved"
    CLEARED = "cleared"
    FAILED = "failed"
    ASKED_ANSWER = "asked_answer"
    ASKED_REJECT = "asked_reject"
    ASKED_HANG_UP = "asked_hang_up"
    ASKED_HOLD = "asked_hold"
    ASKED_RETRIEVE = "asked_retrieve"
    ASKED_DIGITS = "asked_digits"
    ASKED_SWAP = "asked_swap"
    ASKED_JOIN = "asked_join"
    ASKED_TRANSFER = "asked_transfer"
    ASKED_COMPLETE_TRANSFER = "asked_complete_transfer"


_C, _ON, _BAD = CallState, CallOn, Refusal.INVALID_STATE
_PASS_ON = (_ON.ASKED_SWAP, _ON.ASKED_JOIN, _ON.ASKED_TRANSFER, _ON.ASKED_COMPLETE_TRANSFER)
_UNCONNECTED = (_C.DIALING, _C.RINGBACK, _C.RINGING, _C.WAITING)
_ASKS = tuple(on for on in CallOn if on.value.startswith("asked_"))

CALL = Table(
    "call",
    CallState,
    CallOn,
    CallState.IDLE,
    (
        Move(_C.IDLE, _ON.ORIGINATED, _C.DIALING, ("open",)),
        Move(_C.IDLE, _ON.RINGBACK, _C.RINGBACK, ("open",)),
        Move(_C.IDLE, _ON.DELIVERED, _C.RINGING, ("open",)),
        Move(_C.IDLE, _ON.OFFERED_WAITING, _C.WAITING, ("open",)),
        Move(_C.IDLE, _ON.ESTABLISHED, _C.CONNECTED, ("open", "connect")),
        Move(_C.IDLE, _ON.HELD, _C.HELD, ("open", "connect", "hold")),
        *stays(_C.IDLE, Because.OVER, _ON.RETRIEVED, _ON.CLEARED),
        Move(_C.IDLE, _ON.FAILED, _C.FAILED, ("open", "close")),
        *refuses(_C.IDLE, Refusal.NO_SUCH_CALL, *_ASKS),
        # outgoing, the far end does not ring yet
        *stays(_C.DIALING, Because.ALREADY, _ON.ORIGINATED),
        Move(_C.DIALING, _ON.RINGBACK, _C.RINGBACK, ("note",)),
        *stays(_C.DIALING, Because.CONTRADICTED, _ON.DELIVERED, _ON.OFFERED_WAITING, _ON.RETRIEVED),
        *moves((_C.DIALING,), _ON.ESTABLISHED, _C.CONNECTED, ("connect",)),
        Move(_C.DIALING, _ON.HELD, _C.HELD, ("connect", "hold")),
        Move(_C.DIALING, _ON.CLEARED, _C.IDLE, ("close",)),
        Move(_C.DIALING, _ON.FAILED, _C.FAILED, ("close",)),
        Stay(_C.DIALING, _ON.ASKED_HANG_UP, Because.ASKED, ("send_hang_up",)),
        *refuses(_C.DIALING, _BAD, _ON.ASKED_ANSWER, _ON.ASKED_REJECT, _ON.ASKED_HOLD, _ON.ASKED_RETRIEVE),
        *refuses(_C.DIALING, _BAD, _ON.ASKED_DIGITS),
        # outgoing, the far end rings
        *stays(_C.RINGBACK, Because.STALE, _ON.ORIGINATED),
        *stays(_C.RINGBACK, Because.ALREADY, _ON.RINGBACK),
        *stays(_C.RINGBACK, Because.CONTRADICTED, _ON.DELIVERED, _ON.OFFERED_WAITING, _ON.RETRIEVED),
        Move(_C.RINGBACK, _ON.ESTABLISHED, _C.CONNECTED, ("connect",)),
        Move(_C.RINGBACK, _ON.HELD, _C.HELD, ("connect", "hold")),
        Move(_C.RINGBACK, _ON.CLEARED, _C.IDLE, ("close",)),
        Move(_C.RINGBACK, _ON.FAILED, _C.FAILED, ("close",)),
        Stay(_C.RINGBACK, _ON.ASKED_HANG_UP, Because.ASKED, ("send_hang_up",)),
        *refuses(_C.RINGBACK, _BAD, _ON.ASKED_ANSWER, _ON.ASKED_REJECT, _ON.ASKED_HOLD, _ON.ASKED_RETRIEVE),
        Stay(_C.RINGBACK, _ON.ASKED_DIGITS, Because.ASKED, ("send_digits",)),
        # offered to this agent
        *stays(_C.RINGING, Because.CONTRADICTED, _ON.ORIGINATED, _ON.RINGBACK, _ON.RETRIEVED),
        *stays(_C.RINGING, Because.ALREADY, _ON.DELIVERED),
        Move(_C.RINGING, _ON.OFFERED_WAITING, _C.WAITING, ("note",)),
        Move(_C.RINGING, _ON.ESTABLISHED, _C.CONNECTED, ("connect",)),
        Move(_C.RINGING, _ON.HELD, _C.HELD, ("connect", "hold")),
        Move(_C.RINGING, _ON.CLEARED, _C.IDLE, ("close",)),
        Move(_C.RINGING, _ON.FAILED, _C.FAILED, ("close",)),
        Stay(_C.RINGING, _ON.ASKED_ANSWER, Because.ASKED, ("send_answer",)),
        Stay(_C.RINGING, _ON.ASKED_REJECT, Because.ASKED, ("send_reject",)),
        Stay(_C.RINGING, _ON.ASKED_HANG_UP, Because.ASKED, ("send_reject",)),
        *refuses(_C.RINGING, Refusal.INVALID_STATE, _ON.ASKED_HOLD, _ON.ASKED_RETRIEVE, _ON.ASKED_DIGITS),
        # a second call offered during another
        *stays(_C.WAITING, Because.CONTRADICTED, _ON.ORIGINATED, _ON.RINGBACK, _ON.RETRIEVED),
        Move(_C.WAITING, _ON.DELIVERED, _C.RINGING, ("note",)),
        *stays(_C.WAITING, Because.ALREADY, _ON.OFFERED_WAITING),
        Move(_C.WAITING, _ON.ESTABLISHED, _C.CONNECTED, ("connect",)),
        Move(_C.WAITING, _ON.HELD, _C.HELD, ("connect", "hold")),
        Move(_C.WAITING, _ON.CLEARED, _C.IDLE, ("close",)),
        Move(_C.WAITING, _ON.FAILED, _C.FAILED, ("close",)),
        Stay(_C.WAITING, _ON.ASKED_ANSWER, Because.ASKED, ("send_answer",)),
        Stay(_C.WAITING, _ON.ASKED_REJECT, Because.ASKED, ("send_reject",)),
        Stay(_C.WAITING, _ON.ASKED_HANG_UP, Because.ASKED, ("send_reject",)),
        *refuses(_C.WAITING, Refusal.INVALID_STATE, _ON.ASKED_HOLD, _ON.ASKED_RETRIEVE, _ON.ASKED_DIGITS),
        # what is not connected yet cannot be passed on
        *(row for state in _UNCONNECTED for row in refuses(state, _BAD, *_PASS_ON)),
        # talking
        *stays(
            _C.CONNECTED,
            Because.STALE,
            _ON.ORIGINATED,
            _ON.RINGBACK,
            _ON.DELIVERED,
            _ON.OFFERED_WAITING,
        ),
        *stays(_C.CONNECTED, Because.ALREADY, _ON.ESTABLISHED, _ON.RETRIEVED),
        Move(_C.CONNECTED, _ON.HELD, _C.HELD, ("hold",)),
        Move(_C.CONNECTED, _ON.CLEARED, _C.IDLE, ("close",)),
        Move(_C.CONNECTED, _ON.FAILED, _C.FAILED, ("close",)),
        *refuses(_C.CONNECTED, Refusal.INVALID_STATE, _ON.ASKED_ANSWER, _ON.ASKED_REJECT, _ON.ASKED_RETRIEVE),
        Stay(_C.CONNECTED, _ON.ASKED_HANG_UP, Because.ASKED, ("send_hang_up",)),
        Stay(_C.CONNECTED, _ON.ASKED_HOLD, Because.ASKED, ("send_hold",)),
        Stay(_C.CONNECTED, _ON.ASKED_DIGITS, Because.ASKED, ("send_digits",)),
        Stay(_C.CONNECTED, _ON.ASKED_SWAP, Because.ASKED, ("send_swap",)),
        *refuses(_C.CONNECTED, _BAD, _ON.ASKED_JOIN),
        Stay(_C.CONNECTED, _ON.ASKED_TRANSFER, Because.ASKED, ("send_transfer",)),
        Stay(_C.CONNECTED, _ON.ASKED_COMPLETE_TRANSFER, Because.ASKED, ("send_complete_transfer",)),
        # on hold here
        *stays(_C.HELD, Because.STALE, _ON.ORIGINATED, _ON.RINGBACK, _ON.DELIVERED, _ON.OFFERED_WAITING),
        *stays(_C.HELD, Because.ALREADY, _ON.HELD),
        Move(_C.HELD, _ON.ESTABLISHED, _C.CONNECTED, ("retrieve",)),
        Move(_C.HELD, _ON.RETRIEVED, _C.CONNECTED, ("retrieve",)),
        Move(_C.HELD, _ON.CLEARED, _C.IDLE, ("close",)),
        Move(_C.HELD, _ON.FAILED, _C.FAILED, ("close",)),
        *refuses(_C.HELD, _BAD, _ON.ASKED_ANSWER, _ON.ASKED_REJECT, _ON.ASKED_HOLD, _ON.ASKED_DIGITS),
        Stay(_C.HELD, _ON.ASKED_HANG_UP, Because.ASKED, ("send_hang_up",)),
        Stay(_C.HELD, _ON.ASKED_RETRIEVE, Because.ASKED, ("send_retrieve",)),
        Stay(_C.HELD, _ON.ASKED_JOIN, Because.ASKED, ("send_join",)),
        Stay(_C.HELD, _ON.ASKED_TRANSFER, Because.ASKED, ("send_transfer",)),
        # the connected one of the two is asked, this one goes with it
        *refuses(_C.HELD, _BAD, _ON.ASKED_SWAP),
        Stay(_C.HELD, _ON.ASKED_COMPLETE_TRANSFER, Because.ASKED, ("go_with_it",)),
        # ended before it was connected; the record is closed
        *stays(
            _C.FAILED,
            Because.OVER,
            _ON.ORIGINATED,
            _ON.RINGBACK,
            _ON.DELIVERED,
            _ON.OFFERED_WAITING,
            _ON.ESTABLISHED,
            _ON.HELD,
            _ON.RETRIEVED,
            _ON.FAILED,
        ),
        Move(_C.FAILED, _ON.CLEARED, _C.IDLE),
        *refuses(_C.FAILED, Refusal.NO_SUCH_CALL, *_ASKS),
    ),
)


class AgentOn(StrEnum):
    """What an agent asks for, and what calls do to the agent."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    SET_READY = "set_ready"
    SET_NOT_READY = "set_not_ready"
    CALL_BEGAN = "call_began"
    CALLS_ENDED = "calls_ended"
    WORK_DONE = "work_done"


_A, _AON = AgentState, AgentOn

AGENT = Table(
    "agent",
    AgentState,
    AgentOn,
    AgentState.LOGGED_OUT,
    (
        Move(_A.LOGGED_OUT, _AON.SIGN_IN, _A.NOT_READY, ("sign_in",)),
        *stays(_A.LOGGED_OUT, Because.ALREADY, _AON.SIGN_OUT),
        *refuses(_A.LOGGED_OUT, Refusal.NOT_SIGNED_IN, _AON.SET_READY, _AON.SET_NOT_READY),
        *stays(_A.LOGGED_OUT, Because.NOBODY, _AON.CALL_BEGAN, _AON.CALLS_ENDED, _AON.WORK_DONE),
        *refuses(_A.NOT_READY, Refusal.INVALID_STATE, _AON.SIGN_IN),
        Move(_A.NOT_READY, _AON.SIGN_OUT, _A.LOGGED_OUT, ("sign_out",)),
        Move(_A.NOT_READY, _AON.SET_READY, _A.READY, ("enter",)),
        Stay(_A.NOT_READY, _AON.SET_NOT_READY, Because.ALREADY, ("keep_reason", "enter")),
        Move(_A.NOT_READY, _AON.CALL_BEGAN, _A.BUSY, ("return_to_not_ready", "enter")),
        *stays(_A.NOT_READY, Because.STALE, _AON.CALLS_ENDED, _AON.WORK_DONE),
        *refuses(_A.READY, Refusal.INVALID_STATE, _AON.SIGN_IN),
        Move(_A.READY, _AON.SIGN_OUT, _A.LOGGED_OUT, ("sign_out",)),
        *stays(_A.READY, Because.ALREADY, _AON.SET_READY),
        Move(_A.READY, _AON.SET_NOT_READY, _A.NOT_READY, ("keep_reason", "enter")),
        Move(_A.READY, _AON.CALL_BEGAN, _A.BUSY, ("return_to_ready", "enter")),
        *stays(_A.READY, Because.STALE, _AON.CALLS_ENDED, _AON.WORK_DONE),
        *refuses(_A.BUSY, Refusal.INVALID_STATE, _AON.SIGN_IN),
        Stay(_A.BUSY, _AON.SIGN_OUT, Because.LATER, ("pend_sign_out",)),
        Stay(_A.BUSY, _AON.SET_READY, Because.LATER, ("return_to_ready",)),
        Stay(_A.BUSY, _AON.SET_NOT_READY, Because.LATER, ("return_to_not_ready", "keep_reason")),
        *stays(_A.BUSY, Because.ALREADY, _AON.CALL_BEGAN),
        Move(_A.BUSY, _AON.CALLS_ENDED, _A.AFTER_CALL_WORK, ("begin_work", "enter"), when="has_work"),
        Move(_A.BUSY, _AON.CALLS_ENDED, _A.LOGGED_OUT, ("sign_out",), when="wants_out"),
        Move(_A.BUSY, _AON.CALLS_ENDED, _A.NOT_READY, ("enter",), when="wants_not_ready"),
        Move(_A.BUSY, _AON.CALLS_ENDED, _A.READY, ("enter",)),
        *stays(_A.BUSY, Because.STALE, _AON.WORK_DONE),
        *refuses(_A.AFTER_CALL_WORK, Refusal.INVALID_STATE, _AON.SIGN_IN),
        Move(_A.AFTER_CALL_WORK, _AON.SIGN_OUT, _A.LOGGED_OUT, ("end_work", "sign_out")),
        Move(_A.AFTER_CALL_WORK, _AON.SET_READY, _A.READY, ("end_work", "enter")),
        Move(_A.AFTER_CALL_WORK, _AON.SET_NOT_READY, _A.NOT_READY, ("end_work", "keep_reason", "enter")),
        Move(_A.AFTER_CALL_WORK, _AON.CALL_BEGAN, _A.BUSY, ("end_work", "enter")),
        *stays(_A.AFTER_CALL_WORK, Because.STALE, _AON.CALLS_ENDED),
        Move(_A.AFTER_CALL_WORK, _AON.WORK_DONE, _A.LOGGED_OUT, ("sign_out",), when="wants_out"),
        Move(_A.AFTER_CALL_WORK, _AON.WORK_DONE, _A.NOT_READY, ("enter",), when="wants_not_ready"),
        Move(_A.AFTER_CALL_WORK, _AON.WORK_DONE, _A.READY, ("enter",)),
    ),
)


class MuteOn(StrEnum):
    """What is asked of a microphone, and what it reports."""

    ASKED_MUTE = "asked_mute"
    ASKED_LIVE = "asked_live"
    REPORTED_MUTED = "reported_muted"
    REPORTED_LIVE = "reported_live"
    REPORTED_LOCKED = "reported_locked"
    CALL_ENDED = "call_ended"
    LOST = "lost"


_M, _MON = MuteState, MuteOn

MUTE = Table(
    "mute",
    MuteState,
    MuteOn,
    MuteState.UNKNOWN,
    (
        Move(_M.UNKNOWN, _MON.ASKED_MUTE, _M.MUTED, ("apply",)),
        Move(_M.UNKNOWN, _MON.ASKED_LIVE, _M.LIVE, ("apply",)),
        Move(_M.UNKNOWN, _MON.REPORTED_MUTED, _M.MUTED, ("learn",)),
        Move(_M.UNKNOWN, _MON.REPORTED_LIVE, _M.LIVE, ("learn",)),
        Move(_M.UNKNOWN, _MON.REPORTED_LOCKED, _M.LOCKED, ("learn",)),
        *stays(_M.UNKNOWN, Because.ALREADY, _MON.CALL_ENDED, _MON.LOST),
        Move(_M.LIVE, _MON.ASKED_MUTE, _M.MUTED, ("apply",)),
        *stays(_M.LIVE, Because.ALREADY, _MON.ASKED_LIVE, _MON.REPORTED_LIVE, _MON.CALL_ENDED),
        Move(_M.LIVE, _MON.REPORTED_MUTED, _M.MUTED, ("learn",)),
        Move(_M.LIVE, _MON.REPORTED_LOCKED, _M.LOCKED, ("learn",)),
        Move(_M.LIVE, _MON.LOST, _M.UNKNOWN, ("forget",)),
        *stays(_M.MUTED, Because.ALREADY, _MON.ASKED_MUTE, _MON.REPORTED_MUTED),
        Move(_M.MUTED, _MON.ASKED_LIVE, _M.LIVE, ("apply",)),
        Move(_M.MUTED, _MON.REPORTED_LIVE, _M.LIVE, ("learn",)),
        Move(_M.MUTED, _MON.REPORTED_LOCKED, _M.LOCKED, ("learn",)),
        # mute is scoped to the call: a box that muted for one call does not mute the next
        Move(_M.MUTED, _MON.CALL_ENDED, _M.LIVE, ("apply",)),
        Move(_M.MUTED, _MON.LOST, _M.UNKNOWN, ("forget",)),
        *stays(_M.LOCKED, Because.ALREADY, _MON.ASKED_MUTE, _MON.REPORTED_LOCKED),
        *stays(_M.LOCKED, Because.ON, _MON.REPORTED_MUTED, _MON.CALL_ENDED),
        Refuse(_M.LOCKED, _MON.ASKED_LIVE, Refusal.LOCKED),
        Move(_M.LOCKED, _MON.REPORTED_LIVE, _M.LIVE, ("learn",)),
        Move(_M.LOCKED, _MON.LOST, _M.UNKNOWN, ("forget",)),
    ),
)


class SilentOn(StrEnum):
    """What moves the silent-call procedure."""

    CONNECTED = "connected"
    NEAR_UTTERANCE = "near_utterance"
    NEAR_BLIP = "near_blip"
    FAR_SPOKE = "far_spoke"
    DUE = "due"
    PROMPT_DONE = "prompt_done"
    PROMPT_FAILED = "prompt_failed"
    ASKED_HANG_UP = "asked_hang_up"
    CAUSE_LOST = "cause_lost"
    CAUSE_BACK = "cause_back"
    ENDED = "ended"


_S, _SON = SilentState, SilentOn
_FREEZE = ("freeze",)
_THAW = ("thaw",)


def _running(
    state: SilentState, *rows: Move | Stay, hang_up: tuple[Move | Stay, ...]
) -> tuple[Move | Stay, ...]:
    """The rows every running stage shares, each named for its state, and its own."""
    return (
        *rows,
        Stay(state, _SON.CONNECTED, Because.STALE),
        Move(state, _SON.FAR_SPOKE, _S.CONVERSATION, ("disarm", "conversation")),
        *hang_up,
        Stay(state, _SON.CAUSE_LOST, Because.ON, _FREEZE),
        Stay(state, _SON.CAUSE_BACK, Because.ON, _THAW),
        Move(state, _SON.ENDED, _S.INACTIVE, ("disarm",)),
    )


def _held(state: SilentState) -> tuple[Stay, ...]:
    """Before the third utterance and its wait: warned once, then a breach; never held on a fault."""
    return (
        Stay(state, _SON.ASKED_HANG_UP, Because.ALLOWED, when="at_fault"),
        Stay(state, _SON.ASKED_HANG_UP, Because.ALLOWED, ("breach_early",), when="warned"),
        Stay(state, _SON.ASKED_HANG_UP, Because.HELD, ("warn",)),
    )


def _no_prompt(state: SilentState) -> tuple[Stay, ...]:
    return (
        Stay(state, _SON.PROMPT_DONE, Because.STALE),
        Stay(state, _SON.PROMPT_FAILED, Because.STALE),
    )


SILENT = Table(
    "silent_call",
    SilentState,
    SilentOn,
    SilentState.INACTIVE,
    (
        Move(_S.INACTIVE, _SON.CONNECTED, _S.OPENING, ("arm_opening",), when="enabled"),
        Stay(_S.INACTIVE, _SON.CONNECTED, Because.NOT_LISTENING),
        *stays(
            _S.INACTIVE,
            Because.NOT_RUNNING,
            _SON.NEAR_UTTERANCE,
            _SON.NEAR_BLIP,
            _SON.FAR_SPOKE,
            _SON.DUE,
            _SON.PROMPT_DONE,
            _SON.PROMPT_FAILED,
            _SON.CAUSE_LOST,
            _SON.CAUSE_BACK,
            _SON.ENDED,
        ),
        Stay(_S.INACTIVE, _SON.ASKED_HANG_UP, Because.ALLOWED),
        # connected, the agent has not opened yet
        *_running(
            _S.OPENING,
            Move(_S.OPENING, _SON.NEAR_UTTERANCE, _S.WAIT_1, ("hear_stage", "arm_wait")),
            Stay(_S.OPENING, _SON.NEAR_BLIP, Because.ON, ("arm_opening_again",)),
            Move(_S.OPENING, _SON.DUE, _S.OPENING_CUED, ("cue_stage", "arm_repeat")),
            *_no_prompt(_S.OPENING),
            hang_up=_held(_S.OPENING),
        ),
        *_running(
            _S.OPENING_CUED,
            Move(_S.OPENING_CUED, _SON.NEAR_UTTERANCE, _S.WAIT_1, ("hear_stage", "arm_wait")),
            Stay(_S.OPENING_CUED, _SON.NEAR_BLIP, Because.ON, ("arm_repeat_again",)),
            Stay(_S.OPENING_CUED, _SON.DUE, Because.ON, ("cue_stage", "arm_repeat")),
            *_no_prompt(_S.OPENING_CUED),
            hang_up=_held(_S.OPENING_CUED),
        ),
        *_running(
            _S.WAIT_1,
            Stay(_S.WAIT_1, _SON.NEAR_UTTERANCE, Because.ON, ("arm_wait",)),
            Stay(_S.WAIT_1, _SON.NEAR_BLIP, Because.ON, ("arm_wait",)),
            Move(_S.WAIT_1, _SON.DUE, _S.STAGE_2, ("begin_stage",)),
            *_no_prompt(_S.WAIT_1),
            hang_up=_held(_S.WAIT_1),
        ),
        # the second utterance is due: cued to the agent, or spoken by the box
        *_running(
            _S.STAGE_2,
            Move(_S.STAGE_2, _SON.NEAR_UTTERANCE, _S.WAIT_2, ("hear_stage", "arm_wait"), when="after_cue"),
            Stay(_S.STAGE_2, _SON.NEAR_UTTERANCE, Because.ON, ("arm_repeat_again",)),
            Stay(_S.STAGE_2, _SON.NEAR_BLIP, Because.ON, ("arm_repeat_again",)),
            Stay(_S.STAGE_2, _SON.DUE, Because.ON, ("cue_stage", "arm_repeat")),
            Move(_S.STAGE_2, _SON.PROMPT_DONE, _S.WAIT_2, ("hear_stage", "arm_wait")),
            Stay(_S.STAGE_2, _SON.PROMPT_FAILED, Because.ON, ("cue_stage", "arm_repeat")),
            hang_up=_held(_S.STAGE_2),
        ),
        *_running(
            _S.WAIT_2,
            Stay(_S.WAIT_2, _SON.NEAR_UTTERANCE, Because.ON, ("arm_wait",)),
            Stay(_S.WAIT_2, _SON.NEAR_BLIP, Because.ON, ("arm_wait",)),
            Move(_S.WAIT_2, _SON.DUE, _S.STAGE_3, ("begin_stage",)),
            *_no_prompt(_S.WAIT_2),
            hang_up=_held(_S.WAIT_2),
        ),
        *_running(
            _S.STAGE_3,
            Move(_S.STAGE_3, _SON.NEAR_UTTERANCE, _S.WAIT_3, ("hear_stage", "arm_wait"), when="after_cue"),
            Stay(_S.STAGE_3, _SON.NEAR_UTTERANCE, Because.ON, ("arm_repeat_again",)),
            Stay(_S.STAGE_3, _SON.NEAR_BLIP, Because.ON, ("arm_repeat_again",)),
            Stay(_S.STAGE_3, _SON.DUE, Because.ON, ("cue_stage", "arm_repeat")),
            Move(_S.STAGE_3, _SON.PROMPT_DONE, _S.WAIT_3, ("hear_stage", "arm_wait")),
            Stay(_S.STAGE_3, _SON.PROMPT_FAILED, Because.ON, ("cue_stage", "arm_repeat")),
            hang_up=_held(_S.STAGE_3),
        ),
        *_running(
            _S.WAIT_3,
            Stay(_S.WAIT_3, _SON.NEAR_UTTERANCE, Because.ON, ("arm_wait",)),
            Stay(_S.WAIT_3, _SON.NEAR_BLIP, Because.ON, ("arm_wait",)),
            Move(_S.WAIT_3, _SON.DUE, _S.MAY_HANG_UP, ("may_hang_up",)),
            *_no_prompt(_S.WAIT_3),
            hang_up=_held(_S.WAIT_3),
        ),
        # all three were said and waited for
        *_running(
            _S.MAY_HANG_UP,
            Stay(_S.MAY_HANG_UP, _SON.NEAR_UTTERANCE, Because.ON),
            Stay(_S.MAY_HANG_UP, _SON.NEAR_BLIP, Because.ON),
            Stay(_S.MAY_HANG_UP, _SON.DUE, Because.STALE),
            *_no_prompt(_S.MAY_HANG_UP),
            hang_up=(Stay(_S.MAY_HANG_UP, _SON.ASKED_HANG_UP, Because.ALLOWED),),
        ),
        # the customer has spoken: this call is no silent call any more
        *stays(
            _S.CONVERSATION,
            Because.NOT_RUNNING,
            _SON.CONNECTED,
            _SON.NEAR_UTTERANCE,
            _SON.NEAR_BLIP,
            _SON.FAR_SPOKE,
            _SON.DUE,
            _SON.PROMPT_DONE,
            _SON.PROMPT_FAILED,
            _SON.CAUSE_LOST,
            _SON.CAUSE_BACK,
        ),
        Stay(_S.CONVERSATION, _SON.ASKED_HANG_UP, Because.ALLOWED),
        Move(_S.CONVERSATION, _SON.ENDED, _S.INACTIVE),
    ),
)


class ClosingOn(StrEnum):
    """What moves the closing: the customer hangs up first."""

    TALKED = "talked"
    CLOSING_SAID = "closing_said"
    SPOKE = "spoke"
    QUIET = "quiet"
    HANGING_UP = "hanging_up"
    ENDED = "ended"


_K, _KON = ClosingState, ClosingOn

CLOSING = Table(
    "closing",
    ClosingState,
    ClosingOn,
    ClosingState.NOT_STARTED,
    (
        Move(_K.NOT_STARTED, _KON.TALKED, _K.TALKING),
        Move(_K.NOT_STARTED, _KON.CLOSING_SAID, _K.CLOSING, ("arm_quiet",)),
        *stays(_K.NOT_STARTED, Because.NOT_RUNNING, _KON.SPOKE, _KON.QUIET, _KON.HANGING_UP, _KON.ENDED),
        *stays(_K.TALKING, Because.ALREADY, _KON.TALKED, _KON.SPOKE),
        Move(_K.TALKING, _KON.CLOSING_SAID, _K.CLOSING, ("arm_quiet",)),
        *stays(_K.TALKING, Because.STALE, _KON.QUIET),
        Stay(_K.TALKING, _KON.HANGING_UP, Because.ALLOWED, ("agent_after_wait",), when="was_quiet"),
        Stay(_K.TALKING, _KON.HANGING_UP, Because.ALLOWED, ("agent_first",)),
        Move(_K.TALKING, _KON.ENDED, _K.NOT_STARTED),
        *stays(_K.CLOSING, Because.ALREADY, _KON.TALKED, _KON.CLOSING_SAID),
        Stay(_K.CLOSING, _KON.SPOKE, Because.ON, ("arm_quiet",)),
        Move(_K.CLOSING, _KON.QUIET, _K.MAY_HANG_UP, ("cue_hang_up",)),
        Stay(_K.CLOSING, _KON.HANGING_UP, Because.ALLOWED, ("agent_first",)),
        Move(_K.CLOSING, _KON.ENDED, _K.NOT_STARTED, ("disarm",)),
        *stays(_K.MAY_HANG_UP, Because.ALREADY, _KON.TALKED, _KON.CLOSING_SAID),
        Move(_K.MAY_HANG_UP, _KON.SPOKE, _K.CLOSING, ("arm_quiet",)),
        *stays(_K.MAY_HANG_UP, Because.STALE, _KON.QUIET),
        Stay(_K.MAY_HANG_UP, _KON.HANGING_UP, Because.ALLOWED, ("agent_after_wait",)),
        Move(_K.MAY_HANG_UP, _KON.ENDED, _K.NOT_STARTED),
    ),
)


class LineOn(StrEnum):
    """What happens to a line."""

    ANSWERS = "answers"
    LOST = "lost"


LINE = Table(
    "line",
    LineState,
    LineOn,
    LineState.OUT_OF_SERVICE,
    (
        Move(LineState.OUT_OF_SERVICE, LineOn.ANSWERS, LineState.IN_SERVICE, ("serve",)),
        Stay(LineState.OUT_OF_SERVICE, LineOn.LOST, Because.ALREADY, ("lose",)),
        Stay(LineState.IN_SERVICE, LineOn.ANSWERS, Because.ALREADY, ("serve",)),
        Move(LineState.IN_SERVICE, LineOn.LOST, LineState.OUT_OF_SERVICE, ("lose",)),
    ),
)

TABLES = (CALL, AGENT, MUTE, SILENT, CLOSING, LINE)

"""The field's words as enums: calls, agent, causes, channels (CSTA ECMA-269, 3GPP 27.007, HID usage names).

May not hold behaviour.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class CallState(StrEnum):
    """Local connection state of one call (ECMA-269 LocalConnectionState; 27.007 +CLCC stat)."""

    IDLE = "idle"
    DIALING = "dialing"
    RINGBACK = "ringback"
    RINGING = "ringing"
    WAITING = "waiting"
    CONNECTED = "connected"
    HELD = "held"
    FAILED = "failed"


class AgentState(StrEnum):
    """Agent state (ECMA-269 agentNull, agentNotReady, agentReady, agentBusy, agentWorkingAfterCall)."""

    LOGGED_OUT = "logged_out"
    NOT_READY = "not_ready"
    READY = "ready"
    BUSY = "busy"
    AFTER_CALL_WORK = "after_call_work"


class MuteState(StrEnum):
    """What is known of the agent's microphone: `unknown` is never shown as live."""

    UNKNOWN = "unknown"
    LIVE = "live"
    MUTED = "muted"
    LOCKED = "locked"


class SilentState(StrEnum):
    """Where a call stands in the silent-call procedure."""

    INACTIVE = "inactive"
    OPENING = "opening"
    OPENING_CUED = "opening_cued"
    WAIT_1 = "wait_1"
    STAGE_2 = "stage_2"
    WAIT_2 = "wait_2"
    STAGE_3 = "stage_3"
    WAIT_3 = "wait_3"
    MAY_HANG_UP = "may_hang_up"
    CONVERSATION = "conversation"


class ClosingState(StrEnum):
    """Where a call stands in the closing procedure: the customer hangs up first."""

    NOT_STARTED = "not_started"
    TALKING = "talking"
    CLOSING = "closing"
    MAY_HANG_UP = "may_hang_up"


class LineState(StrEnum):
    """Whether a line can be used (CSTA BackInService / OutOfService)."""

    OUT_OF_SERVICE = "out_of_service"
    IN_SERVICE = "in_service"


class Direction(StrEnum):
    """Who called whom, seen from the seat."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class By(StrEnum):
    """Who ended or changed a call; unknown stays unknown."""

    LOCAL = "local"
    REMOTE = "remote"
    NETWORK = "network"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """How a recorded fact is known."""

    SENSED = "sensed"
    PROPOSED = "proposed"
    KEY = "key"
    APP = "app"


class Cause(StrEnum):
    """Why a call ended (CSTA EventCause)."""

    NORMAL_CLEARING = "normal_clearing"
    BUSY = "busy"
    CALL_NOT_ANSWERED = "call_not_answered"
    CALL_CANCELLED = "call_cancelled"
    REJECTED = "rejected"
    DEST_NOT_OBTAINABLE = "dest_not_obtainable"
    DEST_OUT_OF_ORDER = "dest_out_of_order"
    NETWORK_CONGESTION = "network_congestion"
    RESOURCES_NOT_AVAILABLE = "resources_not_available"
    DO_NOT_DISTURB = "do_not_disturb"
    TRANSFER = "transfer"
    TIMEOUT = "timeout"
    LINE_LOST = "line_lost"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"


class Channel(StrEnum):
    """Near is the agent's microphone, far is what the customer sends."""

    NEAR = "near"
    FAR = "far"


class Audience(StrEnum):
    """Who hears a prompt; the default everywhere is the agent's ear."""

    AGENT = "agent"
    LINE = "line"


class Urgency(IntEnum):
    """How far a cue may push in: HINT waits for a pause, DUE is on time, ALERT interrupts."""

    HINT = 0
    DUE = 1
    ALERT = 2


class SilenceCause(StrEnum):
    """Why nobody hears the customer; the silent-call clock runs only for `customer_silent`."""

    CUSTOMER_SILENT = "customer_silent"
    AGENT_MUTED = "agent_muted"
    AGENT_MIC_DEAD = "agent_mic_dead"
    AGENT_MIC_TOO_QUIET = "agent_mic_too_quiet"
    HEADSET_UNPLUGGED = "headset_unplugged"
    LINE_AUDIO_DEAD = "line_audio_dead"
    MUSIC_OR_TONE = "music_or_tone"
    UNKNOWN = "unknown"


class SignalCondition(StrEnum):
    """What one audio channel carries, as an analyser sees it, whoever is talking."""

    OK = "ok"
    DIGITAL_ZERO = "digital_zero"
    FROZEN = "frozen"
    TOO_QUIET = "too_quiet"
    RINGBACK = "ringback"
    BUSY = "busy"
    TONE = "tone"
    MUSIC = "music"


class AudioFault(StrEnum):
    """What is wrong with the sound of one channel; several may hold at once, each with its own evidence."""

    DIGITAL_ZERO = "digital_zero"
    FROZEN = "frozen"
    TOO_QUIET = "too_quiet"
    POOR_SNR = "poor_snr"
    CLIPPING = "clipping"
    OFFSET = "offset"
    HUM = "hum"
    LOUD_BACKGROUND = "loud_background"
    BREATH_POPS = "breath_pops"
    GAPS = "gaps"
    HANDS_FREE = "hands_free"
    WRONG_DEVICE = "wrong_device"
    ONE_WAY = "one_way"
    COUPLING = "coupling"
    """Near carries what the ear plays: loudspeaker, or a headset that leaks."""
    ECHO = "echo"
    """Far carries the agent's own voice, from the customer's side."""
    SPEAKING_WHILE_MUTED = "speaking_while_muted"


class Evidence(StrEnum):
    """What a verdict on silence, or a warning, rests on; the phrasebook has a term for each."""

    MUTE_REPORTED = "evidence.mute_reported"
    MUTE_LOCKED = "evidence.mute_locked"
    HEADSET_GONE = "evidence.headset_gone"
    NOT_ANALYSED = "evidence.not_analysed"
    DIGITAL_ZERO = "evidence.digital_zero"
    FROZEN = "evidence.frozen"
    TOO_QUIET = "evidence.too_quiet"
    WRONG_DEVICE = "evidence.wrong_device"
    ONE_WAY = "evidence.one_way"
    TONE = "evidence.tone"
    RINGBACK = "evidence.ringback"
    BUSY = "evidence.busy"
    MUSIC = "evidence.music"
    ECHO = "evidence.echo"
    LIVE_SOUND = "evidence.live_sound"
    NEAR_SPEECH = "evidence.near_speech"


class SilentCallMode(StrEnum):
    """assist cues the agent, auto speaks stages 2 and 3 to the line, off only records."""

    ASSIST = "assist"
    AUTO = "auto"
    OFF = "off"


class DeviceKind(StrEnum):
    """What a device is for the seat."""

    HEADSET = "headset"
    PHONE = "phone"
    CONSOLE = "console"


class Button(StrEnum):
    """Keys of a headset, phone or console, by their HID Telephony usage names where they have one."""

    FLASH = "flash"
    REDIAL = "redial"
    REJECT = "reject"
    SPEED_DIAL = "speed_dial"
    VOICE_MAIL = "voice_mail"
    LINE = "line"
    PROGRAMMABLE = "programmable"
    VOLUME_UP = "volume_up"
    VOLUME_DOWN = "volume_down"
    DELETE = "delete"
    REPEAT_CUE = "repeat_cue"
    CANCEL_CUE = "cancel_cue"

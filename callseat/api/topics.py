"""Notifications: every topic the socket can carry, with the members besides `seq` and `ts`.

May not publish anything; the words are CSTA's (ECMA-269) in snake case.
"""

from __future__ import annotations

from collections.abc import Mapping

STATE_CHANGED = "state.changed"
LINE_COMMAND = "line.command"
CLIENT_DROPPED = "client.dropped"
SERVER_CLOSING = "server.closing"

TOPICS: Mapping[str, str] = {
    STATE_CHANGED: "The snapshot changed: `patch` is an RFC 7386 merge patch to apply to yours.",
    "call.originated": "An outgoing call was started (Originated): `call`, `line`, `number`.",
    "call.delivered": "A call rings (Delivered): `call`, `line`, `state`, `direction`, `number`, `name`.",
    "call.updated": "Number or name of the caller became known late: `call`, `number`, `name`.",
    "call.established": "Both sides are connected for the first time (Established): `call`, `line`.",
    "call.held": "The call is on hold here (Held): `call`, `line`.",
    "call.retrieved": "The call is back from hold (Retrieved): `call`, `line`.",
    "call.cleared": "The call is over (ConnectionCleared): `call`, `line`, `cause`, `by`.",
    "call.failed": "The call ended before it was connected (Failed): `call`, `line`, `cause`, `by`.",
    "call.digits": "The far end keyed digits: `call`, and only their `count`.",
    "call.hang_up_held": "Hanging up was asked for too early and held back with a warning: `call`.",
    "agent.logged_out": "Nobody is signed in (AgentLoggedOff): `agent`, `reason`.",
    "agent.ready": "Ready for calls (AgentReady): `agent`, `reason`.",
    "agent.not_ready": "Not ready (AgentNotReady): `agent`, `reason`.",
    "agent.busy": "In a call (AgentBusy): `agent`, `reason`.",
    "agent.after_call_work": "Working on the call that ended (AgentWorkingAfterCall): `agent`, `reason`.",
    "device.added": "A headset, phone or console is there: `device`, `kind`, `name`.",
    "device.removed": "A device is gone: `device`, `reason`.",
    "device.hookswitch": "The agent went off-hook or on-hook (Hookswitch): `device`, `off_hook`.",
    "device.button": "A key was pressed (ButtonPress): `device`, `button`, `long`.",
    "device.mute": "The microphone was muted or made live (MicrophoneMute): `device`, `muted`, `locked`.",
    "device.took_over": "A call went on at another headset: `device`, `call`.",
    "device.contended": "Somebody else seems to write to a device: `device`, `evidence`.",
    "device.battery": "How full a battery is: `device`, `charge_percent`.",
    "device.held": "An app has the lease of a headset: `device`, `app`.",
    "device.released": "A lease is over: `device`, `app`, `reason`.",
    "line.in_service": "A line answers (BackInService): `line`.",
    "line.out_of_service": "A line is lost (OutOfService): `line`, `reason`.",
    "cue.given": "Agent or line is told: `cue`, `call`, `audience`, `text`, `say`, `why`, `repeat`, `basis`.",
    "cue.repeated": "The newest cue is said again.",
    "cue.cancelled": "The newest cue was stopped.",
    "prompt.started": "The first sample of a prompt left: `prompt`, `audience`.",
    "prompt.finished": "A prompt is over: `prompt`, `audience`, `completed`.",
    "prompt.dropped": "A prompt came too late or lost its place: `prompt`, `reason`.",
    "speech.started": "Somebody speaks: `call`, `channel` (near: agent, far: customer), `began_at`.",
    "speech.stopped": "Speech is over: `call`, `channel`, `ended_at`.",
    "speech.measured": "Every 10 s, and when listening ends: `call`, `line`, `figures` as in the snapshot.",
    "audio.level": "Once a second: `line`, `channel`, `level_dbfs`, `floor_dbfs`.",
    "audio.signal_changed": "What a side carries: `line`, `channel`, `condition`, `began_at`, `evidence`.",
    "audio.fault_found": "A sound fault: `line`, `channel`, `fault`, `began_at`, `confidence`, `evidence`.",
    "audio.fault_ended": "A sound fault is over: `line`, `channel`, `fault`, `ended_at`.",
    "silence.cause": "Why nobody hears the customer: `call`, `cause`, `since`, `evidence`.",
    "silent_call.utterance": "The agent spoke a stage of the script: `call`, `stage`, `ended_at`.",
    "silent_call.conversation": "The customer was heard; the script is over: `call`.",
    "promise.made": "Something is owed to a customer: `promise`, `number`, `subject`, `owner`.",
    "effect.failed": "A line or device could not do what it was told: `effect`, `target`, `reason`.",
    LINE_COMMAND: "What the app of a line shall do ([desktop-lines.md](desktop-lines.md)); no `seq`, `ts`.",
    CLIENT_DROPPED: "The last line a client gets that is dropped: `kind`, `message`; without `seq` and `ts`.",
    SERVER_CLOSING: "The last line before the daemon ends; without `seq` and `ts`.",
}

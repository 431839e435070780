"""Effects: what the core decided to do to the world. Values; one executor performs them.

A failed effect comes back as an `EffectFailed` event and is decided like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from state.commands import DeviceCommand, LineCommand
from state.ids import DeviceId, LineId, PromptId, RequestId
from state.rows import Row
from state.words import Audience


@dataclass(frozen=True, slots=True)
class CallCommand:
    """Ask a line to do something."""

    line: LineId
    command: LineCommand


@dataclass(frozen=True, slots=True)
class SendToDevice:
    """Make a device show something (lamps, display)."""

    device: DeviceId
    command: DeviceCommand


@dataclass(frozen=True, slots=True)
class PlayPrompt:
    """Say `text` to the agent's ear, or to the line where `audience` is line."""

    prompt: PromptId
    audience: Audience
    phrase: str
    text: str
    language: str
    line: LineId | None = None


@dataclass(frozen=True, slots=True)
class PreparePrompt:
    """Have this ready to be said to the line: its first sample will be due to the block."""

    phrase: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class StopPrompt:
    """Stop a prompt, with a ramp; a prompt whose first sample is not out yet is revoked."""

    prompt: PromptId
    reason: str


@dataclass(frozen=True, slots=True)
class Publish:
    """Tell subscribers of something that happened; `topic` is an event name of docs/api.md."""

    topic: str
    data: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """Write a row."""

    row: Row


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer a request: `kind` is empty when it was accepted, else an error kind of docs/api.md."""

    request: RequestId
    kind: str = ""
    message: str = ""
    data: dict[str, object] = field(default_factory=dict)


Effect = CallCommand | SendToDevice | PlayPrompt | PreparePrompt | StopPrompt | Publish | Record | Reply

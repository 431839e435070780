"""Names of things: all are plain strings, kept apart by type.

May not create ids from a clock or a random source: whoever opens a thing names it.
"""

from __future__ import annotations

from typing import NewType

DeviceId = NewType("DeviceId", str)
LineId = NewType("LineId", str)
CallId = NewType("CallId", str)
"""Unique in one run of the daemon: `<line>-<n>`, named by the line's engine."""
PromptId = NewType("PromptId", str)
RequestId = NewType("RequestId", str)
RecordId = NewType("RecordId", str)
"""Unique for ever: `<session>-<n>`; the session id is handed to the core."""

"""The journal: a bounded diagnostic that can be replayed.

May not be relied on: records are the truth; the journal may drop, and says so.
"""

from callseat.journal.codec import decode_event, encode_event
from callseat.journal.reader import Decision, headers, replay, replay_events
from callseat.journal.writer import Header, Journal, JournalStatus

__all__ = [
    "Decision",
    "Header",
    "Journal",
    "JournalStatus",
    "decode_event",
    "encode_event",
    "headers",
    "replay",
    "replay_events",
]

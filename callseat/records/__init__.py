"""Records: SQLite is the truth about calls, agents and promises.

May not write on the loop; may not hold keyed digits.
"""

from callseat.records.file import Restored
from callseat.records.query import StoredCall, query_agents, query_calls, query_promises
from callseat.records.store import RecordsLost, RecordsOverflow, RecordStore, StoreStatus

__all__ = [
    "RecordStore",
    "RecordsLost",
    "RecordsOverflow",
    "Restored",
    "StoreStatus",
    "StoredCall",
    "query_agents",
    "query_calls",
    "query_promises",
]

"""What keeps headsets from working here: facts are gathered at the edges, findings judged from facts alone.

May not change anything of the system or the seat.
"""

from callseat.diagnosis.facts import Ability, ConfigFacts, DaemonFacts, Facts, NodeFacts, Reach, UdevFile
from callseat.diagnosis.judge import judge
from callseat.diagnosis.kinds import KINDS, Finding, Kind, Severity

__all__ = [
    "KINDS",
    "Ability",
    "ConfigFacts",
    "DaemonFacts",
    "Facts",
    "Finding",
    "Kind",
    "NodeFacts",
    "Reach",
    "Severity",
    "UdevFile",
    "judge",
]

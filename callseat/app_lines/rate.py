"""How much one line may tell: a bucket of tokens that fills by itself.

May not read a clock. Every report of a new call becomes rows on the disk, so a flood has to end here.
"""

from __future__ import annotations

from dataclasses import dataclass

BURST = 60
"""Reports at once: two calls from the first ring to the end are about a dozen (ours)."""
PER_S = 20.0
"""Reports per second for as long as one likes: ten times what an agent's hands can cause (ours)."""


@dataclass(slots=True)
class Bucket:
    """Tokens left at `at` (seconds, monotonic)."""

    tokens: float = BURST
    at: float = 0.0

    def take(self, at: float) -> bool:
        """Whether one more report is taken now."""
        self.tokens = min(BURST, self.tokens + (at - self.at) * PER_S)
        self.at = at
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

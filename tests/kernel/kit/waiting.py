"""Waiting for something to become true, with a deadline: the kit's only way to let real time pass.

May not be used to wait a fixed time.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import TypeVar

ValueT = TypeVar("ValueT")

TIMEOUT_S = 20.0
"""Plugging takes 0.6 to 2.1 s under TCG on an idle machine; a busy one is several times slower."""
LOOK_S = 0.01


def await_until(
    condition: Callable[[], ValueT | None], timeout_s: float = TIMEOUT_S, what: str = "condition"
) -> ValueT:
    """What `condition` gives as soon as it is true; AssertionError naming `what` when the time is up."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"waited {timeout_s:g} s for {what}; last seen: {value!r}")
        select.select([], [], [], LOOK_S)

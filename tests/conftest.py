"""Shared by every test: the larger test data as a fixture, and the same seeds in every run."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import need_shared_data

# CI must fail for the same reason twice; at a desk hypothesis may look for new examples. No deadline:
# on a busy two-core box a slow example says nothing about the code.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# A shell starts its background jobs with SIGINT ignored, and so would everything be that a test starts and
# then interrupts; what has a handler here is at its default there.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(name="shared_data", scope="session")
def _shared_data() -> Callable[..., Path]:
    """`shared_data("hid", "jabra.txt")`: that place in the larger test data, or a skip that says why."""
    return need_shared_data

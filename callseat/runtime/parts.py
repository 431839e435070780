"""What a running app may be given besides its configuration and its core; every part has a plain default.

May not start anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from callseat.clock import CivilClock
from callseat.listening import Hearing, Speech
from callseat.ports import Farewell, StorePort, Tap
from callseat.runtime.headsets import HidSystem
from callseat.runtime.service import Service
from callseat.runtime.workers import Worker
from callseat.supervisor import Endpoint
from state.ids import LineId
from state.snapshot import Snapshot

Query = Callable[[Mapping[str, object]], object]
"""Answers a question about records; runs in a thread and may block."""
Act = Callable[[Mapping[str, object]], Awaitable[object]]


class NotifierPort(Protocol):
    """The service manager, as the app sees it."""

    def ready(self, status: str = "") -> bool:
        """The daemon serves now."""
        ...

    def watchdog(self) -> bool:
        """The consumer is alive."""
        ...

    def stopping(self) -> bool:
        """The daemon is on its way out."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Replaceable parts. None for endpoints and hearings: built from the configuration."""

    endpoints: Sequence[Endpoint] | None = None
    hid: HidSystem = field(default_factory=HidSystem)
    tap: Tap | None = None
    farewell: Farewell | None = None
    hearings: Mapping[LineId, Hearing] | None = None
    civil: CivilClock | None = None
    store: StorePort | None = None
    services: Sequence[Service] = ()
    """Started before everything else, in this order (journal)."""
    serve_socket: bool = False
    queries: Mapping[str, Query] | None = None
    acts: Mapping[str, Act] = field(default_factory=dict)
    """As queries, but run on the loop: they touch what lives there, and may not block it."""
    about: Mapping[str, object] = field(default_factory=dict)
    """Fixed members of `server.info`."""
    health: Callable[[], Mapping[str, object]] = dict
    """Changing members of `server.info`."""
    notifier: NotifierPort | None = None
    watchdog_every_s: float | None = None
    speech: Speech | None = None
    phrases: Iterable[tuple[str, str, str]] = ()
    """(phrase, text, language) to render ahead."""
    worker: Worker | None = None
    """None: a thread beside a real loop, inline in virtual time."""
    on_snapshot: Sequence[Callable[[Snapshot], None]] = ()
    handle_signals: bool = False

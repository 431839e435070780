"""What the running seat and its configuration say, for a diagnosis that must not fail with them.

May not start or change anything: three questions over the socket, one configuration read.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from callseat.api.client import ApiClient
from callseat.config import HeadsetBackend, HeadsetConfig, find_config, load_config
from callseat.diagnosis.facts import DaemonFacts, Reach
from callseat.diagnosis.gather import Wanted
from callseat.runtime.headsets import pins_of
from callseat.simulated import headset_kit
from callseat.site_records import SiteRecords, read_site_records
from devices.models import REGISTRY, ModelRegistry
from devices.simulated.headset_models import HeadsetKit
from state.errors import ConfigError, TransportError, TransportReason

ANSWER_S = 5.0
"""A daemon that needs longer for a picture is stuck."""
_REACH = {TransportReason.DENIED: Reach.DENIED, TransportReason.GONE: Reach.ABSENT}

Connect = Callable[[], Awaitable[ApiClient]]


def ask_daemon(connect: Connect, socket: Path) -> DaemonFacts:
    """How the running seat is; a seat that does not answer is a fact too."""

    async def main() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        async with await connect() as client:
            info = await client.call("server.info", answer_s=ANSWER_S)
            return info, (await client.call("state.get", answer_s=ANSWER_S))["snapshot"]

    try:
        info, snapshot = asyncio.run(main())
    except TransportError as error:
        return DaemonFacts(_REACH.get(error.reason, Reach.SILENT), socket, str(error))
    return DaemonFacts(Reach.RUNNING, socket, "", snapshot["devices"], info, snapshot)


def read_wanted(named: Path | None, daemon: DaemonFacts) -> tuple[Wanted, ModelRegistry]:
    """What the configuration wants, and the model records with the site's own.

    The configuration is the one named, else the running seat's, else the usual one. One that is not for our
    eyes is no fault: the running seat says itself which headset is which.
    """
    running = daemon.info.get("configuration")
    try:
        path = find_config(named or (Path(running) if running else None))
    except ConfigError as error:
        return Wanted(path=named, error=str(error) if named or running else ""), REGISTRY
    if not os.access(path, os.R_OK):
        return Wanted(path=path), REGISTRY
    try:
        config = load_config(path)
    except ConfigError as error:
        return Wanted(path=path, error=str(error)), REGISTRY
    folder = config.headset_records_dir
    site = SiteRecords() if folder is None else read_site_records(folder)
    simulated = tuple(each for each in config.headsets if each.backend is HeadsetBackend.SIMULATED)
    wanted = Wanted(
        pins_of(config), config.adopt_headsets, simulated, path, record_problems=tuple(site.problems)
    )
    return wanted, REGISTRY.overlaid(site.records)


def simulated_kit(wanted: Wanted, name: str) -> HeadsetKit | None:
    """What a simulated headset of the configuration is; None where none has this name."""
    found: HeadsetConfig | None = next((each for each in wanted.simulated if each.id == name), None)
    return None if found is None else headset_kit(found)

"""Where callseat's files are: the unit's folders under systemd, the user's folders otherwise.

May not create or open anything.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from callseat.api.paths import default_socket_path
from state.errors import ConfigError

FILE_NAME = "callseat.toml"
SYSTEM_CONFIG = Path("/etc/callseat") / FILE_NAME
CONFIG_VARIABLE = "CALLSEAT_CONFIG"


@dataclass(frozen=True, slots=True)
class Places:
    """Default paths of everything the daemon writes."""

    socket: Path
    records: Path
    journal: Path
    prompt_cache: Path
    headset_records: Path


def places(env: Mapping[str, str] = os.environ) -> Places:
    """Default paths: systemd's *_DIRECTORY variables win, then XDG, then what XDG says when unset."""
    state = _folder(env, "STATE_DIRECTORY", "XDG_STATE_HOME", ".local/state")
    cache = _folder(env, "CACHE_DIRECTORY", "XDG_CACHE_HOME", ".cache")
    return Places(
        socket=default_socket_path(env),
        records=state / "records.sqlite",
        journal=state / "journal.jsonl",
        prompt_cache=cache / "prompts",
        headset_records=SYSTEM_CONFIG.parent / "headsets.d",
    )


def config_candidates(env: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Where a configuration is looked for, in order."""
    if named := env.get(CONFIG_VARIABLE):
        return (Path(named),)
    home = Path(env.get("XDG_CONFIG_HOME") or _home(env) / ".config")
    return (home / "callseat" / FILE_NAME, SYSTEM_CONFIG)


def find_config(explicit: Path | None = None, env: Mapping[str, str] = os.environ) -> Path:
    """The configuration file to use; none there is a ConfigError naming the places and the remedy."""
    looked = (explicit,) if explicit is not None else config_candidates(env)
    for path in looked:
        if path.is_file():
            return path
    names, first = ", ".join(str(path) for path in looked), looked[0]
    folder = "" if first.parent.is_dir() else f"mkdir -p {first.parent} && "
    raise ConfigError(
        f"no configuration file: looked for {names}; "
        f"make one with `{folder}callseat config example > {first}`"
    )


def _folder(env: Mapping[str, str], unit: str, xdg: str, default: str) -> Path:
    if given := env.get(unit):
        return Path(given.split(":")[0])
    return Path(env.get(xdg) or _home(env) / default) / "callseat"


def _home(env: Mapping[str, str]) -> Path:
    return Path(env.get("HOME") or "/root")

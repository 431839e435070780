from __future__ import annotations

from pathlib import Path

import pytest

from callseat.config import find_config, places
from callseat.config.places import config_candidates
from state.errors import ConfigError


def test_under_systemd_the_units_folders_are_used() -> None:
    env = {
        "STATE_DIRECTORY": "/var/lib/callseat:/var/lib/other",
        "CACHE_DIRECTORY": "/var/cache/callseat",
        "HOME": "/h",
    }
    found = places(env)
    assert found.records == Path("/var/lib/callseat/records.sqlite")
    assert found.journal == Path("/var/lib/callseat/journal.jsonl")
    assert found.prompt_cache == Path("/var/cache/callseat/prompts")


def test_a_user_has_xdg_folders() -> None:
    assert places({"XDG_STATE_HOME": "/s", "HOME": "/h"}).records == Path("/s/callseat/records.sqlite")
    assert places({"HOME": "/h"}).records == Path("/h/.local/state/callseat/records.sqlite")
    assert places({"HOME": "/h"}).prompt_cache == Path("/h/.cache/callseat/prompts")


def test_a_named_configuration_is_the_only_one_looked_for() -> None:
    assert config_candidates({"CALLSEAT_CONFIG": "/x.toml", "HOME": "/h"}) == (Path("/x.toml"),)
    assert config_candidates({"HOME": "/h"})[0] == Path("/h/.config/callseat/callseat.toml")
    assert config_candidates({"HOME": "/h", "XDG_CONFIG_HOME": "/c"})[0] == Path("/c/callseat/callseat.toml")
    assert config_candidates({})[-1] == Path("/etc/callseat/callseat.toml")


def test_the_first_file_there_is_found(tmp_path: Path) -> None:
    file = tmp_path / "callseat" / "callseat.toml"
    file.parent.mkdir()
    file.touch()
    assert find_config(None, {"XDG_CONFIG_HOME": str(tmp_path)}) == file
    assert find_config(file, {}) == file


def test_without_a_file_it_says_where_it_looked_and_how_to_make_one(tmp_path: Path) -> None:
    missing = tmp_path / "no.toml"
    with pytest.raises(ConfigError) as caught:
        find_config(missing, {})
    assert str(caught.value) == (
        f"no configuration file: looked for {missing}; make one with `callseat config example > {missing}`"
    )
    with pytest.raises(
        ConfigError,
        match=r"looked for (.*/callseat)/callseat\.toml, /etc/callseat/callseat\.toml; "
        r"make one with `mkdir -p \1 && callseat config example > \1/callseat\.toml`",
    ):
        find_config(None, {"HOME": str(tmp_path)})

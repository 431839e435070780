"""The table, the classes it fills, the example and the reference page say the same."""

from __future__ import annotations

import dataclasses
import tomllib
from enum import Enum
from pathlib import Path

import pytest

from callseat.config import check, digest, example, load_config, reference, show
from callseat.config.model import AudioConfig, HeadsetConfig, JournalConfig, LineConfig, PromptsConfig
from callseat.config.options import SECTIONS, Kind, Option, Section, section
from callseat.config.text import EXAMPLE_VALUES, OTHER_DEFAULTS
from callseat.config.values import check_value, expected
from state.settings import ClosingSettings, SeatSettings, SilentCallSettings
from tests.support import ROOT

CLASSES: dict[str, type] = {
    "seat": SeatSettings,
    "silent_call": SilentCallSettings,
    "closing": ClosingSettings,
    "line": LineConfig,
    "headset": HeadsetConfig,
    "audio": AudioConfig,
    "prompts": PromptsConfig,
    "journal": JournalConfig,
}
ELSEWHERE = {"seat": {"session", "silent_call", "closing", "keys"}}
"""Not options of [seat]: the session is new in every run; procedures and keys have their own sections."""

OPTIONS = [(each, option) for each in SECTIONS for option in each.options]


@pytest.mark.parametrize("name", CLASSES)
def test_every_field_has_an_option_with_its_default(name: str) -> None:
    known = section(name)
    assert known is not None
    fields = {field.name: field for field in dataclasses.fields(CLASSES[name])}
    assert {option.key for option in known.options} == fields.keys() - ELSEWHERE.get(name, set())
    for option in known.options:
        default = fields[option.key].default
        if default is dataclasses.MISSING:
            assert option.required or (name, option.key) in OTHER_DEFAULTS
        else:
            assert (default.value if isinstance(default, Enum) else default) == option.default


@pytest.mark.parametrize(("table", "option"), OPTIONS)
def test_every_option_is_documented_and_its_default_is_valid(table: Section, option: Option) -> None:
    assert option.doc.endswith(".")
    assert "\n" not in option.doc
    assert (option.low is None) == (option.high is None)
    if option.kind in (Kind.INTEGER, Kind.NUMBER):
        assert option.low is not None or option.choices
    if option.default is not None:
        value = list(option.default) if isinstance(option.default, tuple) else option.default
        assert check_value(option, value) is None
    if (table.name, option.key) in OTHER_DEFAULTS:
        assert option.default is None
    assert expected(option)


def test_names_are_unique() -> None:
    assert len({each.name for each in SECTIONS}) == len(SECTIONS)
    for each in SECTIONS:
        assert len({option.key for option in each.options}) == len(each.options)


def test_the_example_file_is_the_table() -> None:
    assert (ROOT / "callseat.example.toml").read_text(encoding="utf-8") == example()


def test_the_reference_page_is_the_table() -> None:
    assert (ROOT / "docs/configuration.md").read_text(encoding="utf-8") == reference()


def test_the_example_runs_a_simulated_seat_with_every_default() -> None:
    path = ROOT / "callseat.example.toml"
    assert check(path) == ()
    config = load_config(path)
    assert config.seat == SeatSettings()
    assert (len(config.lines), len(config.headsets)) == (1, 1)


def test_the_example_names_every_option_and_its_comments_are_the_defaults(tmp_path: Path) -> None:
    text = example()
    uncommented = tmp_path / "all.toml"
    lines = (
        line.removeprefix("# ")
        if line.startswith("# [[") or (" = " in line and line[2:].split(" ")[0].islower())
        else line
        for line in text.splitlines()
    )
    uncommented.write_text("\n".join(line for line in lines if not line.endswith(" =")), encoding="utf-8")
    for each in SECTIONS:
        for option in each.options:
            assert f"{option.key} =" in text
    if problems := check(uncommented):
        pytest.fail("\n".join(problems))
    config = load_config(uncommented)
    assert config.seat == SeatSettings()
    assert config.audio == AudioConfig()
    assert len(config.given) > len(EXAMPLE_VALUES) + 30


def test_show_is_a_configuration_with_the_same_effect(tmp_path: Path) -> None:
    source = tmp_path / "a.toml"
    source.write_text(
        '[seat]\nlanguage = "en"\ncentre_name = "a \\"quoted\\" \\\\ 名"\n'
        '[[headset]]\nid = "h"\nvendor_id = 0x0b0e\n'
        '[[line]]\nid = "l"\n[keys]\n"flash:long" = "begin_closing"\n',
        encoding="utf-8",
    )
    config = load_config(source)
    text = show(config)
    assert 'language = "en"  # file' in text
    assert "answer_on_hook = true  # default" in text
    assert "vendor_id = 0x0b0e  # file" in text
    assert '"flash:long" = "begin_closing"  # file' in text
    again = tmp_path / "b.toml"
    again.write_text(text, encoding="utf-8")
    shown = load_config(again)
    assert dataclasses.replace(shown, path=config.path, given=config.given) == config
    assert digest(shown) == digest(config)


def test_show_names_every_option(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    tables = '[[line]]\nid = "l"\n[[headset]]\nid = "h"\n[[console]]\nid = "c"\n'
    path.write_text(tables, encoding="utf-8")
    text = show(load_config(path))
    tree = tomllib.loads(text)
    for each in SECTIONS:
        table = tree[each.name][0] if each.many else tree[each.name]
        for option in each.options:
            assert option.key in table or f"# {option.key} is unset" in text


def test_a_digest_tells_two_configurations_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("", encoding="utf-8")
    plain = digest(load_config(path))
    path.write_text("[seat]\nanswer_on_hook = true", encoding="utf-8")
    assert digest(load_config(path)) == plain
    path.write_text("[seat]\nanswer_on_hook = false", encoding="utf-8")
    assert digest(load_config(path)) != plain

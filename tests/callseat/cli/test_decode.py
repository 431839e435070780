"""`callseat devices decode`: what it prints for a file, and one clear line for a bad one."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from callseat.cli.decode import known_models, lamps_of
from callseat.device_file import read_device
from devices.models import REGISTRY
from state.commands import Lamps
from state.errors import ConfigError
from tests.callseat.cli.daemon_kit import command
from tests.support import ROOT

DATA = ROOT / "tests/data/hid"
JABRA = DATA / "0b0e-0307_jabra_evolve_link_ms.json"
CMEDIA = DATA / "0d8c-0014_cmedia_hs100b_kernel_fixup.json"
MEMBERS = ["name", "call_control", "why", "score", "controls", "lamps", "events", "writes"]


def decoded(*arguments: str) -> dict[str, Any]:
    found = json.loads(command("devices", "decode", *arguments, "--json").stdout)
    assert isinstance(found, dict)
    return found


def refused(*arguments: str) -> str:
    """The one line of a refusal, status 2, nothing on stdout."""
    done = command("devices", "decode", *arguments, "--json", status=2)
    (line,) = done.stderr.splitlines()
    assert done.stdout == ""
    return line


def file_of(tmp_path: Path, **members: Any) -> str:
    path = tmp_path / "device.json"
    path.write_text(json.dumps(members), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.json")), ids=lambda path: path.stem[:20])
def test_the_object_has_these_members_and_no_others(path: Path) -> None:
    found = decoded(str(path), "--lamps", "off_hook,mute")
    assert list(found) == MEMBERS
    assert type(found["call_control"]) is bool
    assert type(found["score"]) is int
    for control in found["controls"]:
        assert list(control) == ["usage", "name", "report_id", "bit", "size", "kind"]
        assert control["kind"] in {"level", "edge", "array"}
    for lamp in found["lamps"]:
        assert list(lamp) == ["usage", "name", "report_id", "via", "bit", "size"]
    for write in found["writes"]:
        assert list(write) == ["report_id", "via", "hex"]
        assert bytes.fromhex(write["hex"])[0] == write["report_id"]


def test_a_sequence_of_inputs_and_lamps_together() -> None:
    found = decoded(
        str(JABRA), "--lamps", "off_hook", "--input", "02 01 00", "--input", "020500", "--input", "02:01:00",
        "--input", "0x02 0x05 0x00", "--input", "02,01,00", "--input", "02 00 00",
    )  # fmt: skip
    assert found["events"] == [
        {"event": "device.mute", "value": True},
        {"event": "device.mute", "value": False},
        {"event": "device.hookswitch", "value": False},
    ]
    assert found["writes"] == [{"report_id": 2, "via": "output", "hex": "020100"}]


def test_lamps_have_short_names_and_none_is_dark() -> None:
    both = decoded(str(JABRA), "--lamps", "mic, ring")
    assert both["writes"][0]["hex"] == "023400"
    assert decoded(str(JABRA), "--lamps", "microphone,ringer")["writes"] == both["writes"]
    assert decoded(str(JABRA), "--lamps", "")["writes"][0]["hex"] == "020000"
    assert decoded(str(JABRA))["writes"] == []
    assert lamps_of("message,hold") == Lamps(hold=True, message_waiting=True)


def test_the_ids_choose_the_record_of_the_model(tmp_path: Path) -> None:
    descriptor = json.loads((DATA / "095d-9201_polycom_cx300.json").read_text(encoding="utf-8"))[
        "report_descriptor_hex"
    ]
    idle, key = "01" + "00" * 7, "0120" + "00" * 6
    inputs = ("--lamps", "ring", "--input", idle, "--input", key)
    for ids in ({"vendor_id": "0x095d", "product_id": "9201"}, {"vendor_id": 0x095D, "product_id": 0x9201}):
        known = file_of(tmp_path, report_descriptor_hex=descriptor, **ids)
        assert decoded(known, *inputs)["events"] == [{"event": "device.button", "value": "reject"}]
    for ids in ({}, {"vendor_id": None, "product_id": None}, {"vendor_id": "0x095d"}, {"vendor_id": ""}):
        unknown = file_of(tmp_path, report_descriptor_hex=descriptor, **ids)
        assert decoded(unknown, *inputs)["events"] == [{"event": "device.button", "value": "programmable"}]


def test_only_the_descriptor_is_needed(tmp_path: Path) -> None:
    text = "05 0B 09 05 A1 01 15 00 25 01 75 01 95 01 09 20 81 02 05 08 09 17 91 02 C0"
    found = decoded(file_of(tmp_path, report_descriptor_hex=text, notes=["anything"]))
    assert (found["name"], found["call_control"]) == ("unnamed device", True)
    assert [control["name"] for control in found["controls"]] == ["Hook Switch"]


def test_a_record_of_the_site_says_what_its_key_is(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(
        'name = "our Evolve"\nvendor_id = "0b0e"\nproduct_id = "0307"\n[usages]\n"000B:0020" = ""\n'
        '[evidence]\nusages = "its hook switch is stuck (seat 7, 2026-11-02)"\n',
        encoding="utf-8",
    )
    (tmp_path / "wrong.toml").write_text('nmae = "x"\n', encoding="utf-8")
    assert decoded(str(JABRA))["call_control"] is True
    with_ours = command("devices", "decode", str(JABRA), "--records", str(tmp_path), "--json")
    assert json.loads(with_ours.stdout)["call_control"] is False
    assert "wrong.toml" in with_ours.stderr
    assert "is no folder" in refused(str(JABRA), "--records", str(tmp_path / "ours.toml"))


def test_a_configuration_names_the_folder_of_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ours").mkdir()
    config = tmp_path / "callseat.toml"
    config.write_text('[headsets]\nrecords_dir = "ours"\n[[line]]\nid = "desk"\n', encoding="utf-8")
    find = partial(known_models, None)
    monkeypatch.setenv("CALLSEAT_CONFIG", str(config))
    assert find().records == REGISTRY.records
    (tmp_path / "ours/ours.toml").write_text(
        'name = "ours"\nvendor_id = "ffff"\nproduct_id = "0001"\n'
        '[evidence]\nname = "read from its label on the desk"\n',
        encoding="utf-8",
    )
    assert find().find(0xFFFF, 1) is not None
    config.write_text("[headsets\n", encoding="utf-8")
    assert find().find(0xFFFF, 1) is None


def test_a_device_without_ids_is_written_and_read_with_a_zero_in_front() -> None:
    found = decoded(str(CMEDIA), "--lamps", "off_hook", "--input", "0000000000", "--input", "0008000000")
    assert found["events"] == [{"event": "device.mute", "value": True}]
    assert found["writes"] == []
    assert found["call_control"] is True


def test_people_see_tables_with_the_raw_values_of_array_keys() -> None:
    shown = command(
        "devices", "decode", str(JABRA), "--lamps", "off_hook", "--input", "020000", "--input", "020100"
    ).stdout
    assert shown.startswith("Jabra EVOLVE LINK MS: score ")
    for words in (
        "controls calls",
        "000B:00BB  Phone Key Pound",
        "array  12",
        "Off-Hook",
        "device.hookswitch  true",
    ):
        assert words in shown
    assert "output     02 01 00" in shown
    quiet = command("devices", "decode", str(DATA / "046d-0ac4_logitech_g535.json")).stdout
    assert "not for call control" in quiet
    assert "\nnothing\n" in quiet


def test_what_is_no_report_of_the_device_is_told_beside_the_answer() -> None:
    done = command("devices", "decode", str(JABRA), "--input", "020000", "--input", "0201", "--json")
    assert json.loads(done.stdout)["events"] == []
    assert done.stderr == "--input 2: none of this device's reports, ignored: 02 01\n"


# refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ("device.json:1: not JSON", "report_descriptor_hex")),
        (b'{"name": "x",\n}', ("device.json:2: not JSON",)),
        (b"[1, 2]", ("holds no JSON object",)),
        (b"[" * 100_000, ("nested too deep",)),
        (b'{"x": ' + b"1" * 5000 + b"}", ("not JSON that can be read",)),
        (b'"\xff"', ("not UTF-8 at byte 1",)),
        (b"{}", ("report_descriptor_hex is missing", '{"report_descriptor_hex": "05 0b ..."}')),
        (b'{"report_descriptor": "05"}', ("is missing", "'report_descriptor' is not known")),
        (b'{"report_descriptor_hex": 5}', ("report_descriptor_hex: not pairs of hex digits but int",)),
        (b'{"report_descriptor_hex": "05 0g"}', ("at character 5 ('g')",)),
        (b'{"report_descriptor_hex": "050"}', ("an odd number",)),
        (b'{"report_descriptor_hex": ""}', ("report_descriptor_hex: report descriptor: is empty",)),
        (b'{"report_descriptor_hex": "05 0b 09"}', ("is cut short", "byte 2")),
        (b'{"report_descriptor_hex": "050b", "name": 7}', ("name: 7 is no text",)),
        (b'{"report_descriptor_hex": "050b", "vendor_id": "0xzz"}', ("vendor_id: '0xzz'", '"0x0b0e"')),
        (b'{"report_descriptor_hex": "050b", "product_id": 70000}', ("product_id: 70000 is no USB id",)),
        (b'{"report_descriptor_hex": "050b", "product_id": true}', ("product_id: True is no USB id",)),
        (b'{"report_descriptor_hex": "050b", "vendor_id": 1.5}', ("vendor_id: 1.5 is no USB id",)),
    ],
)
def test_a_bad_file_is_one_line_with_place_and_remedy(
    tmp_path: Path, content: bytes, words: tuple[str, ...]
) -> None:
    path = tmp_path / "device.json"
    path.write_bytes(content)
    line = refused(str(path))
    assert line.startswith(f"callseat: {path}")
    for word in words:
        assert word in line


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refused(str(tmp_path / "none.json")).endswith(
        "none.json: cannot be read: No such file or directory"
    )
    with pytest.raises(ConfigError, match="cannot be read"):
        read_device(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--lamps", "off_hok"), ("no lamp 'off_hok'", "did you mean off_hook?")),
        (("--lamps", "mute,msg"), ("no lamp 'msg'", "did you mean message?")),
        (("--lamps", "zzz"), ("no lamp 'zzz'", "did you mean")),
        (("--input", "02 0"), ("--input 1: '02 0' is no hex",)),
        (("--input", "02 00 00", "--input", ""), ("--input 2: '' is no hex",)),
        (("--input", "hook"), ("--input 1: 'hook' is no hex", "020100")),
    ],
)
def test_a_bad_option_is_one_line_with_the_nearest(
    arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    line = refused(str(JABRA), *arguments)
    for word in words:
        assert word in line


def test_every_cut_of_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    whole = json.dumps({"report_descriptor_hex": "050b0905a101c0"}).encode()
    path = tmp_path / "cut.json"
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(ConfigError, match=str(path)):
            read_device(path)
    path.write_bytes(whole + b"}")
    with pytest.raises(ConfigError, match="not JSON"):
        read_device(path)

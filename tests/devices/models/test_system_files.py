"""Rules, key map and modules: their shape, and the descriptor test in a real shell on real descriptors."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from devices import system_files
from devices.models import REGISTRY, ModelRegistry
from devices.models.busy_lights import BUSY_LIGHTS
from devices.models.record import ModelRecord
from devices.system_files import GROUP, PHONE_MUTE_KEY, descriptor_test, hwdb, modules_load, rules
from tests.devices.hid.descriptors import ALL, BRIO, G535, load

HEADSET = ModelRecord("Headset", 0x0B0E, 0x0307)
KNOWN = ModelRecord("Known", 0x0D8C, 0x0014, call_control=True)
CAMERA = ModelRecord("Camera", 0x046D, 0x0944, call_control=False)
SMALL = ModelRegistry((HEADSET, KNOWN, CAMERA))

RULE = re.compile(
    r'[A-Z]+(\{[a-zA-Z_]+\})?(==|!=|\+=|=)"[^"]*"(, [A-Z]+(\{[a-zA-Z_]+\})?(==|!=|\+=|=)"[^"]*")*'
)


def statements(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_every_line_of_the_rules_is_a_rule() -> None:
    lines = statements(rules(REGISTRY))
    assert [line for line in lines if RULE.fullmatch(line) is None] == []


def test_the_order_of_the_rules() -> None:
    lines = statements(rules(SMALL))
    assert lines[0] == 'ACTION=="remove", GOTO="callseat_end"'
    assert lines[1] == 'SUBSYSTEM!="hidraw", GOTO="callseat_end"'
    lights = lines[2 : 2 + len(BUSY_LIGHTS)]
    assert lights[0] == 'KERNELS=="0003:047F:D005.*", GOTO="callseat_headset"'
    assert len({line for line in lights if line.endswith('GOTO="callseat_headset"')}) == len(BUSY_LIGHTS)
    lines[2:] = lines[2 + len(BUSY_LIGHTS) :]
    assert lines[2] == 'KERNELS=="0003:046D:0944.*", GOTO="callseat_end"'
    assert lines[3] == 'KERNELS=="0003:0D8C:0014.*", GOTO="callseat_headset"'
    assert lines[4].startswith('KERNELS=="0003:*", PROGRAM=="/bin/sh -c \'')
    assert lines[4].endswith('\'", GOTO="callseat_headset"')
    assert lines[5:] == [
        'GOTO="callseat_end"',
        'LABEL="callseat_headset"',
        f'GROUP="{GROUP}", MODE="0660", TAG+="uaccess"',
        'LABEL="callseat_end"',
    ]


def test_without_a_record_that_knows_better_no_headset_is_named() -> None:
    assert "the record of the model does" in rules(SMALL)
    assert "the record of the model does" not in rules(ModelRegistry(()))
    assert len(statements(rules(ModelRegistry(())))) == len(statements(rules(SMALL))) - 2


def test_a_headset_that_its_descriptor_finds_is_not_named() -> None:
    assert "0B0E" not in rules(SMALL)
    assert "0B0E" not in hwdb(SMALL)


def test_a_light_with_a_vendor_of_headsets_is_reached_and_is_no_headset() -> None:
    lines = statements(rules(REGISTRY))
    for vendor, product in ((0x047F, 0xD005), (0x1395, 0x0074)):
        record = REGISTRY.find(vendor, product)
        assert record is not None
        assert record.call_control is False
        (light,) = (line for line in lines if f"0003:{vendor:04X}:{product:04X}." in line)
        assert light.endswith('GOTO="callseat_headset"')


def test_every_label_that_is_gone_to_is_there_and_comes_later() -> None:
    lines = statements(rules(REGISTRY))
    labels = {
        line.removeprefix('LABEL="').rstrip('"'): at
        for at, line in enumerate(lines)
        if line.startswith("LABEL")
    }
    for at, line in enumerate(lines):
        if (target := re.search(r'GOTO="(\w+)"', line)) is not None:
            assert labels[target[1]] > at


def test_the_rule_file_sorts_between_the_names_and_the_seat() -> None:
    assert "60-zzz" < system_files.RULES_NAME < "73-seat-late.rules"
    assert system_files.HWDB_NAME > "60-keyboard.hwdb"


def test_the_shell_line_needs_no_quoting_and_no_escape_of_udev() -> None:
    (program,) = (line for line in statements(rules(SMALL)) if "PROGRAM" in line)
    inner = program.split("'")[1]
    assert program.count("'") == 2
    assert not set(inner) & set("\"'$\\`")
    assert re.findall(r"%.", inner) == ["%p"]


def found_by_shell(descriptor: bytes, place: Path) -> bool:
    place.write_bytes(descriptor)
    return subprocess.run(["/bin/sh", "-c", descriptor_test(str(place))], check=False).returncode == 0


@pytest.mark.parametrize("name", ALL)
def test_a_real_descriptor_is_found_by_its_page(name: str, tmp_path: Path) -> None:
    """All have the page but the G535; the webcam is kept out by its record."""
    assert found_by_shell(load(name).descriptor, tmp_path / "d") is (name != G535)


def test_the_webcam_is_named_because_its_page_would_be_found() -> None:
    device = load(BRIO)
    assert f'KERNELS=="0003:{device.vendor_id:04X}:{device.product_id:04X}.*", GOTO="callseat_end"' in rules(
        REGISTRY
    )


@pytest.mark.parametrize(
    ("descriptor", "found"),
    [
        ("05 0b 09 05 a1 01 c0", True),
        ("06 0b 00 09 05 a1 01 c0", True),
        ("07 0b 00 00 00 09 05 a1 01 c0", True),
        ("0b 05 00 0b 00 a1 01 c0", True),
        ("05 0c 1b 20 00 0b 00 2b 2f 00 0b 00", True),
        ("05 01 09 06 a1 01 c0", False),
        ("06 00 ff 09 01 a1 01 c0", False),
        ("50 b0 50 b0", False),  # the digits are there, the bytes are not
        ("06 0b ff 09 01", False),  # vendor page FF0B
        ("", False),
    ],
)
def test_every_way_to_name_the_page(descriptor: str, found: bool, tmp_path: Path) -> None:
    assert found_by_shell(bytes.fromhex(descriptor), tmp_path / "d") is found


def test_the_page_is_found_across_the_lines_of_od(tmp_path: Path) -> None:
    for before in range(40):
        assert found_by_shell(bytes(before) + bytes.fromhex("05 0b 09 05"), tmp_path / "d"), before


def test_a_descriptor_that_is_not_there_is_no_headset(tmp_path: Path) -> None:
    line = descriptor_test(str(tmp_path / "none"))
    assert subprocess.run(["/bin/sh", "-c", line], check=False, capture_output=True).returncode == 1


def test_the_key_map_word_by_word() -> None:
    text = hwdb(SMALL)
    assert [line for line in text.splitlines() if line and not line.startswith("#")] == [
        "evdev:input:b0003*",
        f" {PHONE_MUTE_KEY}=reserved",
        "evdev:input:b0003v046Dp0944*",
        f" {PHONE_MUTE_KEY}=micmute",
    ]


def test_modules_are_those_of_the_device_classes() -> None:
    assert statements(modules_load()) == list(system_files.DEVICE_CLASSES.values())
    assert all(name.startswith("char-") for name in system_files.DEVICE_CLASSES)

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from callseat.config import (
    AudioBackend,
    BusyLightBackend,
    Config,
    HeadsetBackend,
    LineBackend,
    check,
    load_config,
)
from state.errors import ConfigError
from state.settings import SeatSettings
from state.words import SilentCallMode

ENV = {
    "XDG_RUNTIME_DIR": "/nowhere",
    "STATE_DIRECTORY": "/var/lib/callseat",
    "CACHE_DIRECTORY": "/var/cache/callseat",
}

FULL = """
[seat]
language = "en"
centre_name = "Water Works"
say_staff_number = false
emergency_numbers = ["110", "112"]
after_call_work_s = 0

[silent_call]
mode = "auto"
wait_1_s = 6

[closing]
customer_hang_up_s = 12.5

[[line]]
id = "desk"
backend = "at"
profile = "hayes"
port = "/dev/serial/by-id/usb-x"
baud = 9600
listen = false

[[line]]
id = "spare"

[[headset]]
id = "jabra"
backend = "hidraw"
vendor_id = 0x0b0e
product_id = 0x0410

[[headset]]
id = "practice"
descriptor = "hid/jabra.txt"

[audio]
backend = "none"
block_ms = 30

[prompts]
phrases = "own.toml"
speak = false

[keys]
"flash:long" = "begin_closing"
redial = "redial"

[socket]
path = "/run/x/seat.sock"

[records]
path = "calls.sqlite"

[journal]
max_bytes = 65536
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "callseat.toml"
    path.write_text(text, encoding="utf-8")
    return path


def load(tmp_path: Path, text: str) -> Config:
    return load_config(write(tmp_path, text), ENV)


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, "")
    assert config.seat == SeatSettings()
    assert (config.lines, config.headsets) == ((), ())
    assert config.records_path == Path("/var/lib/callseat/records.sqlite")
    assert config.journal.path == Path("/var/lib/callseat/journal.jsonl")
    assert config.prompts.cache_dir == Path("/var/cache/callseat/prompts")
    assert config.given == frozenset()


def test_every_section_arrives(tmp_path: Path) -> None:
    config = load(tmp_path, FULL)
    assert (config.seat.language, config.seat.centre_name, config.seat.say_staff_number) == (
        "en",
        "Water Works",
        False,
    )
    assert config.seat.emergency_numbers == ("110", "112")
    assert config.seat.after_call_work_s == 0.0
    assert config.seat.silent_call.mode is SilentCallMode.AUTO
    assert config.seat.silent_call.wait_1_s == 6.0
    assert config.seat.closing.customer_hang_up_s == 12.5
    desk, spare = config.lines
    assert (desk.id, desk.backend, desk.profile, desk.baud, desk.listen) == (
        "desk",
        LineBackend.AT,
        "hayes",
        9600,
        False,
    )
    assert desk.port == Path("/dev/serial/by-id/usb-x")
    assert (spare.id, spare.backend, spare.port) == ("spare", LineBackend.SIMULATED, None)
    jabra, practice = config.headsets
    assert (jabra.backend, jabra.vendor_id, jabra.product_id) == (HeadsetBackend.HIDRAW, 0x0B0E, 0x0410)
    assert practice.descriptor == tmp_path / "hid/jabra.txt"
    assert (config.audio.backend, config.audio.block_ms) == (AudioBackend.NONE, 30)
    assert (config.prompts.phrases, config.prompts.speak) == (tmp_path / "own.toml", False)
    assert config.socket_path == Path("/run/x/seat.sock")
    assert config.records_path == tmp_path / "calls.sqlite"
    assert config.journal.max_bytes == 65536


def test_numbers_are_floats_where_seconds_are_meant(tmp_path: Path) -> None:
    assert isinstance(load(tmp_path, "[silent_call]\nwait_1_s = 6").seat.silent_call.wait_1_s, float)


def test_a_keys_section_replaces_the_default_keys(tmp_path: Path) -> None:
    assert load(tmp_path, FULL).seat.keys == (("flash:long", "begin_closing"), ("redial", "redial"))
    assert load(tmp_path, "[keys]").seat.keys == ()
    assert load(tmp_path, "[seat]").seat.keys == SeatSettings().keys


def test_what_the_file_gave_is_known(tmp_path: Path) -> None:
    given = load(tmp_path, FULL).given
    assert {"seat.0.language", "line.1.id", "keys.0.flash:long", "keys.0.redial"} <= given
    assert "seat.0.answer_on_hook" not in given


def test_windows_editors_are_forgiven(tmp_path: Path) -> None:
    path = tmp_path / "callseat.toml"
    path.write_bytes(b'\xef\xbb\xbf[seat]\r\ncentre_name = "A"\r\n')
    assert load_config(path, ENV).seat.centre_name == "A"


MISTAKES = [
    ("[seat]\ncentre_nam = 'x'", ":2: [seat] centre_nam: unknown, did you mean centre_name?"),
    ("[seats]", ":1: [seats]: unknown, did you mean seat?"),
    ("[seat]\nzzzz = 1", ":2: [seat] zzzz: unknown; known are after_call_work_s, answer_on_hook"),
    ("\n[seat]\nlanguage = 3", ":3: [seat] language: must be one of zh-CN, en, not a whole number (3)"),
    (
        "[seat]\nlanguage = 'zh'",
        ':2: [seat] language: must be one of zh-CN, en, not "zh", did you mean zh-CN?',
    ),
    (
        "[seat]\nanswer_on_hook = 1",
        ":2: [seat] answer_on_hook: must be true or false, not a whole number (1)",
    ),
    (
        "[seat]\nlate_timer_s = true",
        "late_timer_s: must be a number from 0.1 to 10, not true or false (True)",
    ),
    (
        "[seat]\nlate_timer_s = 2020-01-01",
        "late_timer_s: must be a number from 0.1 to 10, not a date or time",
    ),
    ("[seat]\nlate_timer_s = nan", "must be a number from 0.1 to 10, not nan"),
    ("[seat]\nafter_call_work_s = inf", "must be a number from 0 to 3600, not inf"),
    ("[seat]\ncentre_name = ''", "must have 1 to 40 characters, not 0"),
    ('[seat]\ncentre_name = "a\\nb"', "must have no control characters"),
    ("[seat]\nemergency_numbers = ['1 1']", 'must be a list of telephone numbers such as ["110"], not "1 1"'),
    ("[seat]\nemergency_numbers = [110]", 'must be a list of telephone numbers such as ["110"], not 110'),
    ("[seat]\nemergency_numbers = []", "must have 1 to 20 numbers, not 0"),
    ("[silent_call]\nwait_1_s = 0.5", ":2: [silent_call] wait_1_s: must be a number from 1 to 60, not 0.5"),
    ("[audio]\nblock_ms = 25", "block_ms: must be one of 10, 20, 30, not 25"),
    ("[audio]\nblock_ms = 20.0", "block_ms: must be one of 10, 20, 30, not a number (20.0)"),
    ("[line]\nid = 'x'", ":1: [line]: write [[line]], one for each"),
    ("line = [1]", ":1: [[line]] number 1: must be a table"),
    ("seat = 1", ":1: [seat]: must be one table [seat]"),
    ("keys = 1", ":1: [keys]: must be one table [keys]"),
    ("[[line]]\nlisten = true", ":1: [[line]] number 1 id: is missing"),
    ("[[line]]\nid = 'a b'", 'id: must be a name of letters, digits, - and _, not "a b"'),
    (
        "[[line]]\nid = 'a'\n[[line]]\nid = 'a'",
        ':4: [[line]] number 2 id: "a" is already the id of [[line]] number 1',
    ),
    (
        "[[line]]\nid = 'a'\n[[headset]]\nid = 'a'",
        ':4: [[headset]] number 1 id: "a" is already the id of [[line]]',
    ),
    ("[[line]]\nid = 'a'\nbackend = 'at'", ":1: [[line]] number 1 port: is missing: an `at` line needs it"),
    ("[[line]]\nid = 'a'\nport = ''", "port: must not be empty; leave the key out for the default"),
    (
        "[[headset]]\nid = 'a'\nbackend = 'hidraw'",
        "a `hidraw` headset needs path, vendor_id, serial or place",
    ),
    ("[[headset]]\nid = 'a'\nproduct_id = 1", "product_id: needs vendor_id beside it"),
    ("[[headset]]\nid = 'a'\nvendor_id = 0x10000", "must be a whole number from 0 to 65535, not 65536"),
    ("[keys]\nflush = 'redial'", ":2: [keys] flush: unknown button, did you mean flash?"),
    ("[keys]\n'flash:lang' = 'redial'", "[keys] flash:lang: unknown button"),
    ("[keys]\nflash = 'dial'", "[keys] flash: 'dial' is not an action, did you mean redial?"),
    ("[seat\n", ": not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 6)"),
    ("[seat]\na = 1\na = 2", ": not valid TOML: Cannot overwrite a value (at "),
    ("[seat]\n= 1\n", ": not valid TOML: Invalid statement (at line 2, column 1)"),
    (
        "[[line]]\nid = 'a'\nprofile = 'hays'",
        ':3: [[line]] number 1 profile: must be one of 27007, hayes, hfp, not "hays", did',
    ),
    ("[[headset]]\nid = 'a'\nmodel = 'jabra'", "model: must be one of blackwire_3220, "),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_a_mistake_is_one_clear_sentence(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path, ENV)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_lines_may_not_share_a_port(tmp_path: Path) -> None:
    line = "[[line]]\nid = '{}'\nbackend = 'at'\nport = '/dev/ttyACM0'\n"
    (problem,) = check(write(tmp_path, line.format("a") + line.format("b")))
    assert "[[line]] number 2 port" in problem
    assert "is already the port of [[line]] number 1" in problem


def test_check_lists_every_problem_and_load_the_first(tmp_path: Path) -> None:
    path = write(tmp_path, "[seat]\nx = 1\n[audio]\nblock_ms = 1\n[keys]\nq = 'redial'")
    problems = check(path)
    assert [problem.split(": ")[1] for problem in problems] == ["[seat] x", "[audio] block_ms", "[keys] q"]
    with pytest.raises(
        ConfigError, match=r"\[seat\] x: .* \(and 2 more: `callseat config check` lists them\)"
    ):
        load_config(path, ENV)


def test_a_good_file_has_no_problems(tmp_path: Path) -> None:
    assert check(write(tmp_path, FULL)) == ()


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(
        ConfigError, match=r"none\.toml: no such file; make one with `callseat config example > "
    ):
        load_config(path, ENV)
    assert len(check(path)) == 1


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(tmp_path, ENV)


def test_bytes_that_are_not_utf8_are_placed(tmp_path: Path) -> None:
    path = tmp_path / "callseat.toml"
    path.write_bytes('[seat]\ncentre_name = "客服"'.encode("gb18030"))
    with pytest.raises(
        ConfigError, match=r"callseat\.toml:2: not UTF-8 \(byte 0xbf\); save the file as UTF-8"
    ):
        load_config(path, ENV)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "#" * ((1 << 20) + 1))
    with pytest.raises(ConfigError, match="not a configuration"):
        load_config(path, ENV)


def test_a_deep_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nested too deeply"):
        load_config(write(tmp_path, "a = " + "[" * 100_000), ENV)


ADOPTION = {
    "no headset at all": ("", True),
    "a real one": ("[[headset]]\nid = 'h'\nbackend = 'hidraw'\nserial = 'A1'\n", True),
    "a simulated one": ("[[headset]]\nid = 'h'\n", False),
    "one of each": (
        "[[headset]]\nid = 'h'\n[[headset]]\nid = 'r'\nbackend = 'hidraw'\nplace = '1-1'\n",
        False,
    ),
    "simulated, and asked for": ("[headsets]\nadopt = true\n[[headset]]\nid = 'h'\n", True),
    "real, and forbidden": ("[headsets]\nadopt = false\n", False),
}


@pytest.mark.parametrize("case", ADOPTION)
def test_headsets_nobody_names_are_adopted_unless_the_seat_is_a_trial(tmp_path: Path, case: str) -> None:
    text, adopts = ADOPTION[case]
    assert load_config(write(tmp_path, text), ENV).adopt_headsets is adopts


def test_the_sites_records_are_where_the_file_says_else_where_the_system_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["callseat.config.places"]
    monkeypatch.setattr(module, "SYSTEM_CONFIG", tmp_path / "callseat.toml")
    named = write(tmp_path, "[headsets]\nrecords_dir = 'ours'\n[tapes]\ndir = 'tapes'\n")
    loaded = load_config(named, ENV)
    assert (loaded.headset_records_dir, loaded.tapes_dir) == (tmp_path / "ours", tmp_path / "tapes")
    plain = write(tmp_path, "")
    loaded = load_config(plain, ENV)
    assert (loaded.headset_records_dir, loaded.tapes_dir) == (None, None)
    (tmp_path / "headsets.d").mkdir()
    assert load_config(plain, ENV).headset_records_dir == tmp_path / "headsets.d"


def test_pins_of_a_headset_are_read(tmp_path: Path) -> None:
    text = "[[headset]]\nid = 'h'\nbackend = 'hidraw'\nserial = 'A1'\nplace = '1-1.2'\n"
    (headset,) = load_config(write(tmp_path, text), ENV).headsets
    assert (headset.serial, headset.place, headset.vendor_id) == ("A1", "1-1.2", None)


def test_the_busy_light_is_none_until_it_is_asked_for(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, ""), ENV).busy_light is BusyLightBackend.NONE
    for backend in BusyLightBackend:
        path = write(tmp_path, f'[busy_light]\nbackend = "{backend.value}"\n')
        assert load_config(path, ENV).busy_light is backend
    (problem,) = check(write(tmp_path, '[busy_light]\nbackend = "libary"\n'))
    assert "did you mean library?" in problem

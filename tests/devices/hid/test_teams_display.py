"""Displays of page FF99: found by the descriptor alone, filled as Teams fills them, asked what they have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.hid.controls import read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.display_page import Area, is_phone, read_page
from devices.hid.display_text import PAGE_S, Pager, columns, rows_of
from devices.hid.engine import HeadsetEngine
from devices.hid.extension import make_extension
from devices.hid.fields import Descriptor, ReportKind
from devices.hid.score import capability
from devices.hid.teams_display import CONNECT, WIDTH
from devices.models.record import Extension
from devices.simulated.headset_display import SimulatedDisplay
from devices.simulated.headset_models import HEADSETS, simulate_headset
from prompts import phrases_en, phrases_zh_cn
from prompts.phrase import Phrase
from state.commands import Identify, Lamps, SetDisplay, SetLamps
from state.engine import NOTHING, Write
from state.ids import DeviceId
from tests.devices.hid.built import INPUT, OUTPUT, TEAMS, array, bits, collection, pad, report
from tests.devices.hid.descriptors import ALL, BRIO, BT700, CX300, D1, WH66, load
from tests.support import ROOT

ME = DeviceId("base")
IN_CALL = Lamps(off_hook=True, microphone=True)


def layout(name: str) -> Descriptor:
    return parse_descriptor(load(name).descriptor)


def base() -> HeadsetEngine:
    return HeadsetEngine(ME, load(WH66).descriptor, load(WH66).model)


def hexes(writes: tuple[Write, ...]) -> list[str]:
    return [write.data.hex(" ") for write in writes]


class Bench:
    """An engine and the display it writes to."""

    def __init__(self, areas: frozenset[int] | None = None) -> None:
        self.engine = base()
        self.display = SimulatedDisplay(layout(WH66), *(() if areas is None else (areas,)))
        self.at = 1.0
        self.take(self.engine.advance(self.at).writes)

    def take(self, writes: tuple[Write, ...]) -> tuple[Write, ...]:
        for write in writes:
            self.display.feed(write.data, write.via, self.at)
        return writes

    def ask(self) -> None:
        question = self.engine.question
        assert question is not None
        self.engine.told(self.display.answer(question[0]) or b"")

    def shows(self, lamps: Lamps, *lines: str) -> tuple[int, tuple[str, ...]]:
        self.at += 1.0
        self.take(self.engine.request(SetLamps(lamps), self.at).writes)
        self.take(self.engine.request(SetDisplay(lines), self.at).writes)
        return self.display.screen, self.display.lines


# who has one ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_a_display_is_found_by_its_fields(name: str) -> None:
    """BT700, IMPACT D1 and MX Brio have the page for a Teams button alone: no display, nothing written."""
    page = read_page(layout(name))
    assert (page is not None) is (name in {CX300, WH66})
    assert is_phone(layout(name)) is (name == CX300)


@pytest.mark.parametrize("name", [BT700, D1, BRIO])
def test_a_teams_button_is_no_display(name: str) -> None:
    assert any(field.usage >> 16 == 0xFF99 for field in layout(name).fields)
    extension = make_extension(layout(name), Extension.NONE)
    assert (extension.features, extension.question, extension.advance(1.0)) == (frozenset(), None, [])
    assert extension.show_lines(("hello",), 1.0) is None


@pytest.mark.parametrize("name", ALL)
def test_a_display_changes_the_judgement_by_itself_alone(name: str) -> None:
    descriptor = layout(name)
    controls = read_controls(descriptor, load(name).model)
    plain = capability(controls)
    more = capability(controls, make_extension(descriptor, Extension.NONE).features)
    assert (more.call_control, plain.why.split(";")[0]) == (plain.call_control, more.why.split(";")[0])
    added = {each.feature for each in more.abilities} - {each.feature for each in plain.abilities}
    lamps = {"lamp_ring", "lamp_mute", "lamp_message_waiting"}
    assert added == ({"display"} if name == WH66 else {"display"} | lamps if name == CX300 else set())


def test_nothing_is_written_to_it_before_there_is_a_text() -> None:
    engine = base()
    written = engine.request(SetLamps(IN_CALL), 1.0).writes
    assert {write.data[0] for write in written} == {0x02}


def test_both_known_pages_are_laid_out_alike() -> None:
    phone, headset = read_page(layout(CX300)), read_page(layout(WH66))
    assert phone is not None
    assert headset is not None
    assert dict(phone.areas) == dict(headset.areas) == {area: area for area in range(1, 11)}
    assert phone.text(Area.NUMBER, "110") == headset.text(Area.NUMBER, "110")
    assert phone.control(2) == headset.control(2) == Write(bytes.fromhex("13 15"))
    assert phone.control(1) == Write(bytes.fromhex("13 0d"))
    assert phone.control(None) == Write(bytes.fromhex("13 00"))


# built from the published usages -------------------------------------------------------------------


def published(
    *, characters: int = 8, size: int = 16, selector: int = OUTPUT, last: tuple[int, ...] = (0xFF24,)
) -> bytes:
    """The page with report ids, order and a length that no known device has."""
    return collection(
        TEAMS,
        0x01,
        report(0x33),
        bits(OUTPUT, TEAMS, (0xFF2C,) * characters, size=size),
        bits(OUTPUT, TEAMS, last),
        pad(OUTPUT, 8 - len(last)),
        report(0x31),
        bits(OUTPUT, TEAMS, (0xFF11,), size=4),
        bits(OUTPUT, TEAMS, (0xFF10, 0x26)),
        pad(OUTPUT, 2),
        report(0x32),
        bits(OUTPUT, TEAMS, (0xFF22,)),
        pad(OUTPUT, 7),
        array(selector, TEAMS, 0x81, 0x8C, size=8, low=1, high=12),
    )


def test_a_page_of_another_shape_is_written_in_its_own() -> None:
    page = read_page(parse_descriptor(published(characters=4)))
    assert page is not None
    assert page.control(5) == Write(bytes.fromhex("31 35"))
    assert page.text(Area.CONVERSATION, "hello") == [
        Write(bytes.fromhex("32 01 0c")),
        Write(bytes.fromhex("33 68 00 65 00 6c 00 6c 00 00")),
        Write(bytes.fromhex("33 6f 00 00 00 00 00 00 00 01")),
    ]
    assert page.icons(3, voice_mail=True, muted=True) == []
    assert page.notify(0x10) == page.language(0x0409, 0) == []
    assert page.question is None


LACKING: list[dict[str, Any]] = [
    {"size": 8},
    {"characters": 130},
    {"selector": INPUT},
    {"last": ()},
]


@pytest.mark.parametrize("what", LACKING)
def test_a_page_that_cannot_carry_a_text_is_no_display(what: dict[str, Any]) -> None:
    assert read_page(parse_descriptor(published(**what))) is None


# what is written -----------------------------------------------------------------------------------


def test_a_call_on_the_screens_and_in_the_areas_gonnect_uses() -> None:
    bench = Bench()
    assert bench.shows(Lamps(), "1001 ready") == (1, ("1001 ready", ""))
    assert bench.shows(Lamps(ring=True), "1001 ready", "Ringing 110") == (4, ("1001 ready", "Ringing 110"))
    assert bench.shows(IN_CALL, "1001 talking", "Connected 110") == (5, ("1001 talking", "Connected 110"))
    held = replace(IN_CALL, hold=True)
    assert bench.shows(held, "1001 talking", "Held 110") == (6, ("1001 talking", "Held 110"))
    assert bench.shows(Lamps(), "1001 ready") == (1, ("1001 ready", ""))
    assert bench.shows(Lamps()) == (0, ())


def test_a_text_is_there_before_its_screen_so_no_old_customer_is_seen() -> None:
    engine = base()
    engine.request(SetLamps(Lamps(ring=True)), 1.0)
    written = [write.data[0] for write in engine.request(SetDisplay(("Ringing 110",)), 1.0).writes]
    assert written == [0x16, 0x14, 0x15, 0x15, 0x14, 0x15, 0x13]


def test_icons_follow_the_call_once_there_is_a_text() -> None:
    engine = base()
    assert hexes(engine.request(SetDisplay(("x",)), 1.0).writes)[0] == "16 01 30"
    assert "16 03 30" in hexes(engine.request(SetLamps(IN_CALL), 2.0).writes)
    assert "16 03 10" in hexes(engine.request(SetLamps(replace(IN_CALL, mute=True)), 3.0).writes)
    assert "16 01 32" in hexes(engine.request(SetLamps(Lamps(message_waiting=True)), 4.0).writes)


def test_the_teams_button_is_woken_at_the_start_at_the_declared_length() -> None:
    engine = base()
    assert engine.next_deadline() == 0.0
    woken = engine.advance(1.0).writes
    assert woken == tuple(Write(bytes((0x9A, code, *bytes(62))), via="feature") for code in CONNECT)
    assert engine.next_deadline() is None
    assert engine.advance(99.0) == NOTHING


def test_every_write_has_the_declared_length() -> None:
    engine, descriptor = base(), layout(WH66)
    writes = [*engine.advance(0.0).writes]
    for at, lamps in enumerate((Lamps(ring=True), IN_CALL, Lamps(off_hook=True, mute=True), Lamps())):
        writes += engine.request(SetLamps(lamps), float(at)).writes
        writes += engine.request(SetDisplay((f"line {at}", "x" * 60)), float(at)).writes
    for write in (*writes, *engine.farewell()):
        declared = descriptor.report(ReportKind(write.via), write.data[0])
        assert declared is not None
        assert len(write.data) == declared.payload_bytes + 1


def test_it_is_left_without_a_text() -> None:
    engine = base()
    engine.request(SetLamps(IN_CALL), 1.0)
    engine.request(SetDisplay(("Connected 110",)), 1.0)
    assert hexes(engine.farewell()) == ["02 11 00", "13 00"]


def test_identified_on_its_home_screen() -> None:
    bench = Bench()
    bench.shows(Lamps(), "1001 ready")
    bench.take(bench.engine.request(Identify(), 10.0).writes)
    assert (bench.display.screen, bench.display.lines) == (1, ("#" * WIDTH, "#" * WIDTH))
    while (due := bench.engine.next_deadline()) is not None:
        bench.take(bench.engine.advance(due).writes)
    assert (bench.display.screen, bench.display.lines) == (1, ("1001 ready", ""))


# what it says of itself ----------------------------------------------------------------------------


def test_it_is_asked_for_its_attributes_and_the_cx300_is_not() -> None:
    assert base().question == bytes.fromhex("12 00 00 00 00")
    assert HeadsetEngine(ME, load(CX300).descriptor, load(CX300).model).question is None


def test_areas_it_lacks_give_way_to_those_it_has() -> None:
    """Name, status, other name, other title: the areas of the public gadget."""
    bench = Bench(areas=frozenset({1, 2, 6, 7}))
    assert "display_4x24" in bench.engine.features
    bench.ask()
    assert "display_4x24" in bench.engine.features
    bench.shows(IN_CALL, "1001 talking", "Connected 110")
    assert bench.display.lines[1] == "1001 talking"
    before = [write.data for write in bench.engine.request(SetDisplay(("new", "text")), 9.0).writes]
    assert [data[1] for data in before if data[0] == 0x14] == [Area.OTHER_NAME, Area.OTHER_TITLE]


def test_a_narrow_display_of_one_row_gets_pages_of_its_own() -> None:
    engine = base()
    engine.told(bytes.fromhex("12 01 10 ff 03"))
    assert {name for name in engine.features if name.startswith("display")} == {"display", "display_2x16"}
    writes = engine.request(SetDisplay(("Open: greet, centre",)), 1.0).writes
    texts = [write.data[2:].decode("utf-16-le") for write in writes if write.data[0] == 0x15]
    assert "".join(texts).replace("\0", "") == "Open: greet,"
    assert engine.next_deadline() == 0.0
    engine.advance(1.0)
    assert engine.next_deadline() == 1.0 + PAGE_S


NO_ANSWERS = ["", "12", "12 02 30 ff", "12 00 30 ff 03", "12 02 00 ff 03", "12 02 30 00 00", "11 5e 04 00 02"]


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_an_answer_that_says_nothing_changes_nothing(answer: str) -> None:
    engine, silent = base(), base()
    engine.told(bytes.fromhex(answer))
    shown = (SetDisplay(("a line of text", "another one")), 1.0)
    assert engine.request(*shown) == silent.request(*shown)


@given(st.binary(max_size=8))
def test_any_answer_is_survived(answer: bytes) -> None:
    engine = base()
    engine.told(answer)
    assert engine.request(SetDisplay(("hello",)), 1.0).events == ()


def test_the_simulated_one_is_asked_and_answers_as_it_is() -> None:
    display = simulate_headset(HEADSETS["yealink_wh66"]).display
    assert display.answer(0x12) == bytes.fromhex("12 02 30 ff 03")
    assert display.answer(0x11) is None


# text ----------------------------------------------------------------------------------------------

ROWS = [
    ("", [""]),
    ("one", ["one"]),
    ("You may hang up; call-back is noted", ["You may hang up;", "call-back is noted"]),
    ("Open: greet, sorry, centre, number, name", ["Open: greet, sorry,", "centre, number, name"]),
    ("客户无声：再次问候，请问有什么可以帮您", ["客户无声：再次问候，请问", "有什么可以帮您"]),
    ("一二三四五六七八九十一二，三", ["一二三四五六七八九十一", "二，三"]),
    ("来电 13800138000 王先生的电话", ["来电 13800138000 王先生", "的电话"]),
    ("来电号码为十二三四五13800138000", ["来电号码为十二三四五", "13800138000"]),
    ("a" * 50, ["a" * 24, "a" * 24, "aa"]),
    ("e\u0301" * 24, ["e\u0301" * 24]),
]


@pytest.mark.parametrize(("text", "rows"), ROWS)
def test_rows_end_between_words(text: str, rows: list[str]) -> None:
    assert rows_of(text, 24) == rows


@pytest.mark.parametrize("phrases", [phrases_en.PHRASES, phrases_zh_cn.PHRASES])
def test_every_cue_that_is_shipped_fits_without_a_page(phrases: tuple[Phrase, ...]) -> None:
    shown = [phrase.show for phrase in phrases if phrase.show and "{" not in phrase.show]
    assert len(shown) > 20
    assert [text for text in shown if len(rows_of(text, WIDTH)) > 2] == []


@given(st.text(max_size=200), st.integers(2, 40))
def test_rows_fit_and_lose_nothing_but_blanks(text: str, width: int) -> None:
    rows = rows_of(text, width)
    assert all(columns(row) <= width for row in rows)
    plain = "".join(char if char.isprintable() and ord(char) <= 0xFFFF else "?" for char in text)
    assert "".join("".join(rows).split()) == "".join(plain.split())


def test_news_come_first_and_what_stays_is_not_lost() -> None:
    pager = Pager(2, 24)
    pager.put(("agent", "call"), 0.0)
    assert (pager.shown, pager.next_deadline()) == (("agent", "call"), None)
    pager.put(("agent", "call", "muted", "cue"), 1.0)
    assert pager.shown == ("muted", "cue")
    pager.put(("agent", "call", "cue"), 2.0)
    assert pager.shown == ("call", "cue")
    pager.put(("agent", "call", "cue one", "cue two", "cue three"), 3.0)
    assert (pager.shown, pager.next_deadline()) == (("cue one", "cue two"), 3.0 + PAGE_S)
    assert not pager.advance(5.9)
    assert pager.advance(6.0)
    assert pager.shown == ("cue three", "")
    pager.put(("agent", "call"), 7.0)
    assert (pager.shown, pager.next_deadline()) == (("agent", "call"), None)
    pager.put((), 8.0)
    assert pager.shown == ("", "")


# the page of the documents -------------------------------------------------------------------------


def test_the_table_of_descriptors_is_what_they_say() -> None:
    text = (ROOT / "docs/usb-phones.md").read_text(encoding="utf-8")
    table = text.split("<!-- pages -->")[1].split("<!-- end -->")[0]
    told = {row.split("`")[1]: row.rsplit("|", 2)[1].strip() for row in table.splitlines() if "`" in row}
    have = [name for name in ALL if any(field.usage >> 16 == 0xFF99 for field in layout(name).fields)]
    assert told == {name: "yes" if read_page(layout(name)) else "no" for name in have}

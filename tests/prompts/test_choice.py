"""Greeting and wish by civil time: the hours, holidays, make-up working days, an unsynced clock."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from prompts.calendar import HolidayCalendar
from prompts.choice import (
    HELLO,
    PLAIN_WISH,
    WEEKENDS,
    Holiday,
    greeting_key,
    local_time,
    wish_key,
)
from prompts.phrasebook import Context, Phrasebook
from state.cues import Cue, CueId
from state.events import CivilTimeKnown
from state.words import Direction

BEIJING = timezone(timedelta(hours=8))
CALENDAR = HolidayCalendar()


def civil(text: str, at: float = 0.0, synced: bool = True) -> CivilTimeKnown:
    """Beijing time `text` (ISO) at monotonic `at`."""
    wall = datetime.fromisoformat(text).replace(tzinfo=BEIJING).timestamp()
    return CivilTimeKnown(at, "clock", wall_s=wall, utc_offset_s=8 * 3600, synced=synced)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("time", "key"),
    [
        ("00:00", HELLO),
        ("08:59:59", HELLO),
        ("09:00", "greeting.morning"),
        ("11:59:59", "greeting.morning"),
        ("12:00", "greeting.afternoon"),
        ("17:59:59", "greeting.afternoon"),
        ("18:00", "greeting.evening"),
        ("23:59:59", "greeting.evening"),
    ],
)
def test_greeting_by_hour_of_a_working_day(time: str, key: str) -> None:
    assert greeting_key(local(f"2025-03-12T{time}"), CALENDAR) == key


@pytest.mark.parametrize(
    ("day", "holiday"),
    [
        ("2025-01-01", "new_year"),
        ("2025-01-28", "spring_festival"),
        ("2025-01-29", "spring_festival"),
        ("2025-02-04", "spring_festival"),
        ("2025-04-04", "tomb_sweeping"),
        ("2025-05-01", "labour_day"),
        ("2025-05-31", "dragon_boat"),
        ("2025-10-01", "national_day"),
        ("2025-10-06", "mid_autumn"),
        ("2020-10-01", "national_day"),
        ("2026-02-15", "spring_festival"),
        ("2026-09-25", "mid_autumn"),
    ],
)
@pytest.mark.parametrize("time", ["07:00", "10:00", "15:00", "20:00"])
def test_holiday_beats_every_hour(day: str, holiday: str, time: str) -> None:
    assert greeting_key(local(f"{day}T{time}"), CALENDAR) == f"greeting.{holiday}"


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2025-01-26", "a Sunday worked for Spring Festival"),
        ("2025-02-08", "a Saturday worked for Spring Festival"),
        ("2025-04-27", "a Sunday worked for Labour Day"),
        ("2025-09-28", "a Sunday worked for National Day"),
        ("2025-10-11", "a Saturday worked for National Day"),
        ("2026-02-14", "a Saturday worked for Spring Festival"),
        ("2025-03-12", "a plain Wednesday"),
    ],
)
def test_a_make_up_working_day_is_no_holiday_and_no_weekend(day: str, why: str) -> None:
    assert CALENDAR.holiday_on(date.fromisoformat(day)) is None, why
    assert not CALENDAR.rests_on(date.fromisoformat(day)), why
    assert greeting_key(local(f"{day}T10:00"), CALENDAR) == "greeting.morning"


@pytest.mark.parametrize(
    ("day", "holiday"),
    [
        ("2025-02-01", Holiday.SPRING_FESTIVAL),  # Saturday inside
        ("2025-02-03", Holiday.SPRING_FESTIVAL),  # day off in lieu
        ("2025-05-03", Holiday.LABOUR_DAY),  # Saturday inside
        ("2025-05-05", Holiday.LABOUR_DAY),  # day off in lieu at the end
        ("2025-10-08", Holiday.NATIONAL_DAY),  # the run is National Day's, though Mid-Autumn lies in it
        ("2026-01-02", Holiday.NEW_YEAR),
        ("2023-12-30", Holiday.NEW_YEAR),  # the run begins in the year before
        ("2025-04-06", Holiday.TOMB_SWEEPING),  # Sunday that ends the run
        ("2025-03-15", None),  # a weekend by itself
        ("2015-09-03", None),  # a single memorial day has no greeting
    ],
)
def test_days_of_one_run_share_its_holiday(day: str, holiday: Holiday | None) -> None:
    assert CALENDAR.rests_on(date.fromisoformat(day))
    assert CALENDAR.holiday_on(date.fromisoformat(day)) is holiday


@pytest.mark.parametrize(
    ("moment", "key"),
    [
        ("2025-03-12T16:00", PLAIN_WISH),  # Wednesday
        ("2025-03-14T16:00", "wish.weekend"),  # Friday
        ("2025-03-15T16:00", "wish.weekend"),  # Saturday
        ("2025-03-16T16:00", "wish.weekend"),  # Sunday
        ("2025-02-07T16:00", PLAIN_WISH),  # Friday before a worked Saturday
        ("2025-02-08T16:00", "wish.weekend"),  # worked Saturday before a free Sunday
        ("2025-10-11T16:00", "wish.weekend"),
        ("2025-09-30T16:00", "wish.national_day"),  # the eve
        ("2025-10-06T16:00", "wish.mid_autumn"),
        ("2025-10-09T16:00", PLAIN_WISH),
        ("2024-12-31T16:00", "wish.new_year"),  # the eve is in another year
    ],
)
def test_wish(moment: str, key: str) -> None:
    assert wish_key(local(moment), CALENDAR) == key


def test_without_time_greeting_and_wish_are_neutral() -> None:
    assert greeting_key(None, CALENDAR) == HELLO
    assert wish_key(None, CALENDAR) == PLAIN_WISH


def test_without_a_calendar_there_are_weekends_only() -> None:
    assert greeting_key(local("2025-10-01T10:00"), WEEKENDS) == "greeting.morning"
    assert wish_key(local("2025-10-01T10:00"), WEEKENDS) == PLAIN_WISH
    assert wish_key(local("2025-10-04T10:00"), WEEKENDS) == "wish.weekend"


def test_local_time_is_carried_forward_on_the_monotonic_base() -> None:
    known = civil("2025-03-12T08:59:50", at=1000.0)
    assert local_time(known, 1000.0) == local("2025-03-12T08:59:50")
    assert local_time(known, 1010.0) == local("2025-03-12T09:00:00")
    assert local_time(known, 990.0) == local("2025-03-12T08:59:40")


def test_local_time_uses_the_offset_not_the_machines_zone() -> None:
    noon = datetime(2025, 3, 12, 12, tzinfo=UTC).timestamp()
    for hours, hour in ((8, 20), (0, 12), (-5, 7)):
        known = CivilTimeKnown(0.0, "clock", noon, hours * 3600, synced=True)
        moment = local_time(known, 0.0)
        assert moment is not None
        assert moment.hour == hour


def test_an_unsynced_or_unknown_clock_is_no_time() -> None:
    assert local_time(None, 5.0) is None
    assert local_time(civil("2025-10-01T10:00", synced=False), 5.0) is None


@pytest.mark.parametrize(
    ("moment", "synced", "chinese", "english"),
    [
        ("2025-03-12T10:00", True, "上午好！", "Good morning."),
        ("2025-03-12T10:00", False, "您好！", "Hello."),
        ("2025-03-12T15:00", True, "您好！", "Hello."),
        ("2025-03-12T20:00", True, "您好！", "Hello."),
        ("2025-03-12T08:00", True, "您好！", "Hello."),
        ("2025-10-01T10:00", True, "国庆节好！", "Happy National Day."),
        ("2025-10-01T10:00", False, "您好！", "Hello."),
        ("2025-01-29T15:00", True, "新春好！", "Happy Spring Festival."),
        ("2025-02-08T10:00", True, "上午好！", "Good morning."),
    ],
)
def test_one_greeting_opens_the_call(moment: str, synced: bool, chinese: str, english: str) -> None:
    book = Phrasebook()
    for language, greeting in (("zh-CN", chinese), ("en", english)):
        here = Context(language, "ABC", civil=civil(moment, at=50.0, synced=synced), calendar=CALENDAR)
        said = book.words(Cue(CueId.OPENING, 60.0, direction=Direction.INBOUND), here).say
        assert said.startswith(greeting)
        greetings = {book.render(key, here).say for key in book.keys(language) if key.startswith("greeting.")}
        assert sum(said.count(each) for each in greetings) == 1


def test_every_holiday_has_a_greeting_and_a_wish_in_every_language() -> None:
    book = Phrasebook()
    for language in book.languages:
        for holiday in Holiday:
            for kind in ("greeting", "wish"):
                assert book.render(f"{kind}.{holiday}", Context(language)).say


def test_closing_words_carry_the_wish() -> None:
    here = Context("zh-CN", civil=civil("2025-03-14T17:00"), calendar=CALENDAR)
    book = Phrasebook()
    assert book.render("closing.goodbye.inbound", here).say == "感谢您的来电，祝您周末愉快，再见！"
    assert (
        book.render("closing.goodbye.outbound", here, at=86400.0 * 5).say
        == "感谢您接听电话，祝您一切顺利，再见！"
    )


def test_the_holiday_library_is_not_imported_before_a_year_is_loaded() -> None:
    """In a fresh interpreter, because here it is already loaded."""
    code = (
        "import sys; from prompts.calendar import HolidayCalendar; import prompts.phrasebook; "
        "calendar = HolidayCalendar(); before = 'holidays' in sys.modules; "
        "calendar.load((2025,)); print(before, 'holidays' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]

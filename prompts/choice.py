"""Choice by civil time: which greeting opens a call, which wish closes it.

May not read a clock: civil time arrives as an event and is carried forward on the monotonic base.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Protocol

from state.events import CivilTimeKnown


class Holiday(StrEnum):
    """Statutory holidays that have their own greeting and wish."""

    NEW_YEAR = "new_year"
    SPRING_FESTIVAL = "spring_festival"
    TOMB_SWEEPING = "tomb_sweeping"
    LABOUR_DAY = "labour_day"
    DRAGON_BOAT = "dragon_boat"
    MID_AUTUMN = "mid_autumn"
    NATIONAL_DAY = "national_day"


class Calendar(Protocol):
    """Which days are holidays and which are days of rest."""

    def holiday_on(self, day: date) -> Holiday | None:
        """The holiday people are on that day, or None; a make-up working day is none."""
        ...

    def rests_on(self, day: date) -> bool:
        """Whether people are off: a weekend or holiday, and not a make-up working day."""
        ...


class PlainCalendar:
    """Weekends only: for a centre without holidays, and until a calendar is loaded."""

    def holiday_on(self, day: date) -> Holiday | None:
        """No day is a holiday."""
        return None

    def rests_on(self, day: date) -> bool:
        """Saturday and Sunday."""
        return day.weekday() >= 5


WEEKENDS = PlainCalendar()
HELLO = "greeting.hello"
PLAIN_WISH = "wish.plain"

_GREETING_FROM_HOUR = (
    (18, "greeting.evening"),  # ours: people say "evening" after the usual end of work
    (12, "greeting.afternoon"),
    (9, "greeting.morning"),  # training documents: "good morning" from 09:00 to 12:00 only
    (0, HELLO),  # ours: before 09:00 the plain hello
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


def local_time(known: CivilTimeKnown | None, at: float) -> datetime | None:
    """Local civil time at monotonic `at`; None where unknown or nobody vouches for it."""
    if known is None or not known.synced:
        return None
    zone = timezone(timedelta(seconds=known.utc_offset_s))
    return (_EPOCH + timedelta(seconds=known.wall_s + (at - known.at))).astimezone(zone)


def greeting_key(local: datetime | None, calendar: Calendar) -> str:
    """The one greeting: holiday beats the time of day, unknown time is the neutral hello."""
    if local is None:
        return HELLO
    holiday = calendar.holiday_on(local.date())
    if holiday is not None:
        return f"greeting.{holiday}"
    return next(key for hour, key in _GREETING_FROM_HOUR if local.hour >= hour)


def wish_key(local: datetime | None, calendar: Calendar) -> str:
    """The closing wish: a holiday of today or tomorrow, else the weekend, else a plain one."""
    if local is None:
        return PLAIN_WISH
    today = local.date()
    holiday = calendar.holiday_on(today) or calendar.holiday_on(today + _DAY)
    if holiday is not None:
        return f"wish.{holiday}"
    if calendar.rests_on(today) or calendar.rests_on(today + _DAY):
        return "wish.weekend"
    return PLAIN_WISH

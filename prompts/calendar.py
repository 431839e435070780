"""The statutory calendar of mainland China, from the `holidays` library.

May not know today's date: days are asked about. Load the years in use before calls come, see `load`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from prompts.choice import Holiday

_NAMES = {
    "New Year's Day": Holiday.NEW_YEAR,
    "Chinese New Year (Spring Festival)": Holiday.SPRING_FESTIVAL,
    "Chinese New Year's Eve": Holiday.SPRING_FESTIVAL,
    "Chinese New Year Extended Holiday": Holiday.SPRING_FESTIVAL,
    "Tomb-Sweeping Day": Holiday.TOMB_SWEEPING,
    "Labor Day": Holiday.LABOUR_DAY,
    "Dragon Boat Festival": Holiday.DRAGON_BOAT,
    "Mid-Autumn Festival": Holiday.MID_AUTUMN,
    "National Day": Holiday.NATIONAL_DAY,
}
"""Names as the library gives them in en_US; days off in lieu carry none and take the name of their run."""

_LONGEST_RUN_DAYS = 20
"""No run of days off is longer (2020, the longest, had 10): a bound on walking, not a rule."""

_DAY = timedelta(days=1)


class HolidayCalendar:
    """Holidays and days of rest; a year that was not loaded is loaded when it is first asked for."""

    def __init__(self) -> None:
        self._days_off: dict[date, Holiday | None] = {}
        self._work: set[date] = set()
        self._years: set[int] = set()

    def load(self, years: Iterable[int]) -> None:
        """Load years now; the first load imports the library, so do it at start-up."""
        missing = set(years) - self._years
        if not missing:
            return
        # Imported here: the library takes 40 ms and its China tables 50 ms on a desktop machine (measured;
        # several times that on a Pi), and a command that greets nobody must not pay for them.
        import holidays

        china = holidays.country_holidays("CN", years=sorted(missing), language="en_US")
        for day, name in china.items():
            self._days_off[day] = _named(name)
        self._work |= china.weekend_workdays
        self._years |= missing

    def holiday_on(self, day: date) -> Holiday | None:
        """The holiday of that day: its own, else the first one in its unbroken run of days off."""
        if not self.rests_on(day):
            return None
        own = self._days_off.get(day)
        if own is not None:
            return own
        first = day
        while self.rests_on(first - _DAY) and (day - first).days < _LONGEST_RUN_DAYS:
            first -= _DAY
        while self.rests_on(first) and (first - day).days < _LONGEST_RUN_DAYS:
            named = self._days_off.get(first)
            if named is not None:
                return named
            first += _DAY
        return None

    def rests_on(self, day: date) -> bool:
        """Whether people are off: a weekend or holiday, and not a make-up working day."""
        self.load((day.year,))
        return day in self._days_off or (day.weekday() >= 5 and day not in self._work)


def _named(names: str) -> Holiday | None:
    """The holiday a day is called by; of two on one day National Day before Mid-Autumn."""
    found = {_NAMES.get(name.removesuffix(" (observed)")) for name in names.split("; ")}
    return next((holiday for holiday in reversed(Holiday) if holiday in found), None)

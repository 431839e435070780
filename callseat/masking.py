"""What journal and log may say of a number: its last two digits. Keyed digits: nothing.

May not be used for records: those keep the number.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

KEPT_DIGITS = 2
MASK = "*"
HIDDEN = "?"
"""Stands for keyed digits, whatever their count: a count alone narrows a code down."""

OURS: Mapping[str, object] = {"ours": True}
"""`extra` of a log record whose digits are of our own making (configuration, process ids): not masked."""

_NUMBER = re.compile(r"(?<![\d.])\d(?:[ \-()/]{0,2}\d){4,}")
"""In free text, five digits or more are a number (10086, 95588 are the shortest service numbers)."""


def mask_number(number: str) -> str:
    """The number with every digit but the last two hidden; a number of two digits is hidden whole."""
    digits = sum(character.isdigit() for character in number)
    hide = digits if digits <= KEPT_DIGITS else digits - KEPT_DIGITS
    masked: list[str] = []
    for character in number:
        hidden = character.isdigit() and hide > 0
        hide -= hidden
        masked.append(MASK if hidden else character)
    return "".join(masked)


def mask_text(text: str) -> str:
    """Free text with every number in it masked."""
    return _NUMBER.sub(lambda found: mask_number(found.group()), text)


class MaskNumbers(logging.Filter):
    """A log filter for the root handler: numbers are masked whoever wrote the message, OURS are not."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the finished message; never drops it."""
        if not getattr(record, "ours", False):
            record.msg = mask_text(record.getMessage())
            record.args = ()
        return True

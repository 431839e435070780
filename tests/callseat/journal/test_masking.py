from __future__ import annotations

import logging
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callseat.masking import OURS, MaskNumbers, mask_number, mask_text


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13800138000", "*********00"),
        ("+86 138-0013-8012", "+** ***-****-**12"),
        ("110", "*10"),
        ("12", "**"),
        ("7", "*"),
        ("", ""),
        ("anonymous", "anonymous"),
        ("１３８００", "***００"),
    ],
)
def test_two_digits_of_a_number_are_kept(number: str, masked: str) -> None:
    assert mask_number(number) == masked
    assert mask_number(masked) in (masked, mask_number(masked))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("ATD13800138000; failed", "ATD*********00; failed"),
        ("call 10086 or (020) 8765-4321", "call ***86 or (***) ****-**21"),
        ("level -63.12345 dBFS for 12.000001 s", "level -63.12345 dBFS for 12.000001 s"),
        ("3 calls in 1200 ms", "3 calls in 1200 ms"),
        ("客户13800138000，", "客户*********00，"),
    ],
)
def test_numbers_in_a_text_are_masked_and_measures_are_not(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@given(st.from_regex(r"\A[0-9]{5,15}\Z"), st.text(alphabet="abc 客户,;:", max_size=5))
def test_no_number_survives_whole(number: str, around: str) -> None:
    masked = mask_text(f"{around}{number}{around}")
    assert number not in masked
    assert masked.count("*") == len(number) - 2


def test_a_log_record_is_masked_whoever_wrote_it() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "dialled %s on %s", ("13800138000", "desk"), None)
    assert MaskNumbers().filter(record)
    assert record.getMessage() == "dialled *********00 on desk"


@pytest.mark.parametrize(("extra", "told"), [(OURS, "near_rate_hz = 16000"), (None, "near_rate_hz = ***00")])
def test_a_measure_of_our_own_stays_readable_in_the_log(
    extra: Mapping[str, object] | None, told: str
) -> None:
    make = logging.getLogger("callseat").makeRecord
    record = make("callseat", logging.INFO, "f", 1, "near_rate_hz = %d", (16000,), None, extra=extra)
    assert MaskNumbers().filter(record)
    assert record.getMessage() == told

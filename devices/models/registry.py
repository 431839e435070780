"""Records by the ids a device reports; those of a site lie over the shipped ones.

May not read a file or judge a device.
"""

from __future__ import annotations

from collections.abc import Iterable

from devices.models.record import ModelRecord


class ModelRegistry:
    """Model records by USB ids; immutable, and where two have the same ids the later one holds."""

    __slots__ = ("_by_id",)

    def __init__(self, records: Iterable[ModelRecord]) -> None:
        self._by_id = {(record.vendor_id, record.product_id): record for record in records}

    @property
    def records(self) -> tuple[ModelRecord, ...]:
        """Every record in force."""
        return tuple(self._by_id.values())

    def find(self, vendor_id: int, product_id: int) -> ModelRecord | None:
        """The record of a model, None when nobody has recorded it."""
        return self._by_id.get((vendor_id, product_id))

    def overlaid(self, records: Iterable[ModelRecord]) -> ModelRegistry:
        """A registry in which these records hold over its own, whole: fields of two are never mixed."""
        return ModelRegistry((*self.records, *records))

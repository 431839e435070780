"""Model records and their registry.

May not hold behaviour of a device: engines read a record and act.
"""

from __future__ import annotations

from devices.models.headsets import RECORDS
from devices.models.record import ModelRecord
from devices.models.registry import ModelRegistry

__all__ = ["REGISTRY", "ModelRegistry", "find_model"]

REGISTRY = ModelRegistry(RECORDS)
"""The records that are shipped."""


def find_model(vendor_id: int, product_id: int) -> ModelRecord | None:
    """The shipped record of a model by its USB ids, None when nobody has recorded it."""
    return REGISTRY.find(vendor_id, product_id)

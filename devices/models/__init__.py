"""Model records and their registry.

May not hold behaviour of a device: engines read a record and act.
"""

from __future__ import annotations

from devices.models.headsets import RECORDS
from devices.models.record import ModelRecord

_BY_ID = {(record.vendor_id, record.product_id): record for record in RECORDS}


def find_model(vendor_id: int, product_id: int) -> ModelRecord | None:
    """The record of a model by its USB ids, None when nobody has recorded it."""
    return _BY_ID.get((vendor_id, product_id))

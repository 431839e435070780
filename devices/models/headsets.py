"""Every record that is shipped, maker by maker; a new model on a known protocol is one record in their files.

May not hold behaviour. Ids are those the device reports over USB.
"""

from __future__ import annotations

from devices.models import decoys, epos, jabra, makers, poly
from devices.models.record import ModelRecord

RECORDS: tuple[ModelRecord, ...] = (
    *jabra.RECORDS,
    *poly.RECORDS,
    *epos.RECORDS,
    *makers.RECORDS,
    *decoys.RECORDS,
)

"""The pure composition of one seat: regions, arbiter, phrasebook, lamps and display.

May not import asyncio, a clock, a device or a file.
"""

from callseat.core.core import Core

__all__ = ["Core"]

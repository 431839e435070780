"""Simulated devices: shipped backends that speak the real protocols and misbehave like real devices.

May not be test doubles: the daemon runs them through the same engines as hardware.
"""

"""Scenarios: a call, or a day of them, as a file; played against the real daemon in virtual time and judged.

May not decide anything about calls: a scenario only plays the people and the devices.
"""

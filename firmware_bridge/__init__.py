"""Every byte to and from a device's firmware: transports, tapes, and later flashing.

May not interpret bytes: engines in `devices` do; may not import `callseat` or `audio`.
"""

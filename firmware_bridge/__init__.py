"""Every byte to and from a device's firmware: transports, and later tapes and flashing.

May not interpret bytes: engines in `devices` do; may not import `callseat` or `audio`.
"""

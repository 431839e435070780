"""HID call control: report descriptor, controls and lamps, and the request/acknowledge engine.

May not open a device: reports are handed in whole, writes are handed out whole.
"""

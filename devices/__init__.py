"""What each device says and hears: report and dialogue engines, model records, simulated devices.

May not read a clock or touch a transport: bytes and times are handed in, bytes and events are handed out.
"""

"""The vocabulary and the decisions of one call-centre seat.

May not read a clock, touch a device, a file, a thread or a socket: time and facts are handed in.
"""

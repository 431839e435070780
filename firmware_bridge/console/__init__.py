"""Reference firmware of a console: MicroPython for a Raspberry Pi Pico (docs/console-protocol.md).

May not import anything of callseat, nor what MicroPython lacks: this folder is copied to the board as it is.
"""

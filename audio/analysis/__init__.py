"""Pure push analysers of one sound channel: sample blocks and their times in, events out.

May not import threads, clocks, files, asyncio or a detection engine: engines are handed in.
"""

"""Live sound: one killable child process per card, sample rings in shared memory, streams by stable names.

May not decide what is listened to or said, and never waits for a sound card in this process.
"""

"""What can be wrong with the sound of a channel or of a pair: one small analyser per fault.

May not know devices, calls or words for people; thresholds are in `thresholds` alone.
"""

"""Running one program many times under other legal orders of events, on this machine or on a cluster.

A case is a seed of the emulator. Cases are handed to a ``concurrent.futures.Executor``, whichever, and every outcome is
written down as soon as it is known, so that an exploration can be stopped, resumed, split and merged.
"""

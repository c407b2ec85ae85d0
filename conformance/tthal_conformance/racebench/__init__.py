"""The calibrated suite: pairs of a faulty and a fixed program whose faults are known, to score whatever looks for them.

A pair is one file, ``pairs/KIND/NAME.cpp``: it holds the kernels of one program, the faulty and the fixed lines side
by side, and says in its head what the fault is, on which public report it is modelled, and which host program runs it.
Lines that end in ``// site`` are the truth: a report that names one of them has found the fault.
"""

"""Checks of kernels while they run: mistakes that give wrong bytes, or right ones by luck, become errors and warnings.

They listen to a device that can be observed (tthal/observer.py) and never touch it. The work is done in compiled code
(``compiled/``); this package sets it up for each launch and puts what it finds into words.
"""

"""The replay backend: answers a program's calls from a trace, strictly, with no compiler and no card."""

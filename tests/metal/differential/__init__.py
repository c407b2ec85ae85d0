"""Random programs on the vendor's library and on tthal, compared; see run.py."""

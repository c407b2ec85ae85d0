"""The card as a tthal backend: a C++ shim over the vendor's libtt_metal.so, built on the user's machine."""

"""A program of somebody else's, in Python: consumer.py LIBRARY VERSION."""

import ctypes
import sys

fleck = ctypes.CDLL(sys.argv[1])
for name in ("fleck_version", "fleck_error"):
    getattr(fleck, name).restype = ctypes.c_char_p
assert fleck.fleck_version().decode() == sys.argv[2]
detector = ctypes.c_void_p()
assert fleck.fleck_create(ctypes.byref(detector)) == 0
assert fleck.fleck_error(detector) == b""
assert fleck.fleck_load_backbone(detector, b"none", ctypes.c_size_t(4)) != 0
print("fleck in Python:", fleck.fleck_error(detector).decode())
fleck.fleck_destroy(detector)

"""The pieces of scripts/beds/make.py, and the names of the sets that it draws."""

NAMES = (
    "angles",
    "boards",
    "grain",
    "light_tail",
    "long",
    "repeated",
    "screens",
    "specks",
    "two_products",
)

"""The sixteen keys as an enumeration of strings."""

from enum import StrEnum


class DtmfEvent(StrEnum):
    """One key; its value is its character, letters in upper case."""

    ONE = "1"
    TWO = "2"
    THREE = "3"
    FOUR = "4"
    FIVE = "5"
    SIX = "6"
    SEVEN = "7"
    EIGHT = "8"
    NINE = "9"
    ZERO = "0"
    STAR = "*"
    POUND = "#"
    A = "A"
    B = "B"
    C = "C"
    D = "D"

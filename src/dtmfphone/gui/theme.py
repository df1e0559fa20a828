"""The window's colours, light and dark, and how they get into Qt."""

from dataclasses import dataclass
from typing import Final, Literal

ThemeName = Literal["dark", "light"]
ThemeChoice = Literal["system", "dark", "light"]


@dataclass(frozen=True)
class Theme:
    """Named colours as `#rrggbb`; every text colour reaches WCAG AA (4.5:1) on the surfaces it is used on."""

    name: ThemeName
    bg: str
    """The window behind everything."""
    panel: str
    """Cards, tables and plots."""
    raised: str
    """Keys, inputs and chips on a panel."""
    hover: str
    border: str
    grid: str
    """Lines of plots and tables: visible, never loud."""
    text: str
    muted: str
    """Secondary text and axis labels."""
    accent: str
    on_accent: str
    """Text on an accent surface."""
    low: str
    """The low frequency group, 697 to 941 Hz."""
    high: str
    """The high frequency group, 1209 to 1633 Hz."""
    good: str
    warn: str
    bad: str
    call: str
    """Surface of the Call button."""
    hang_up: str
    """Surface of the Hang up button."""
    on_call: str
    """Text on the Call and Hang up surfaces."""
    sent: str
    received: str

    @property
    def dark(self) -> bool:
        """Whether light text stands on dark surfaces."""
        return self.name == "dark"


DARK: Final = Theme(
    name="dark",
    bg="#11161c",
    panel="#1a2129",
    raised="#252e38",
    hover="#303b47",
    border="#323d49",
    grid="#2a343f",
    text="#dfe6ed",
    muted="#9aa8b6",
    accent="#4cc2ff",
    on_accent="#06202e",
    low="#ffb454",
    high="#7fd962",
    good="#7fd962",
    warn="#ffc35c",
    bad="#ff8080",
    call="#1f7a3d",
    hang_up="#b3343b",
    on_call="#ffffff",
    sent="#4cc2ff",
    received="#c9a6ff",
)
LIGHT: Final = Theme(
    name="light",
    bg="#eef1f4",
    panel="#ffffff",
    raised="#f1f4f7",
    hover="#e3e9ef",
    border="#cdd6de",
    grid="#dfe5ea",
    text="#1c2630",
    muted="#55626f",
    accent="#0068b5",
    on_accent="#ffffff",
    low="#8f5100",
    high="#1b701b",
    good="#1b701b",
    warn="#8a5300",
    bad="#b3262d",
    call="#1f7a3d",
    hang_up="#b3343b",
    on_call="#ffffff",
    sent="#0068b5",
    received="#7338b8",
)
THEMES: Final = {theme.name: theme for theme in (DARK, LIGHT)}


def contrast(a: str, b: str) -> float:
    """Return the WCAG 2 contrast ratio of two `#rrggbb` colours, 1 to 21."""
    bright, dim = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

import dataclasses
import re

import pytest

from dtmfphone.gui.theme import THEMES, Theme, contrast


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
class TestContrast:
    @pytest.mark.parametrize("colour", ["text", "muted", "accent", "low", "high", "good", "warn", "bad"])
    @pytest.mark.parametrize("surface", ["bg", "panel", "raised"])
    def test_text_is_readable(self, theme: Theme, colour: str, surface: str) -> None:
        assert contrast(getattr(theme, colour), getattr(theme, surface)) >= 4.5

    @pytest.mark.parametrize("colour", ["sent", "received"])
    def test_directions_are_readable_in_the_log(self, theme: Theme, colour: str) -> None:
        assert contrast(getattr(theme, colour), theme.panel) >= 4.5

    @pytest.mark.parametrize(
        ("text", "surface"),
        [("on_accent", "accent"), ("on_call", "call"), ("on_call", "hang_up"), ("text", "hover"), ("muted", "hover")],
    )
    def test_buttons_are_readable(self, theme: Theme, text: str, surface: str) -> None:
        assert contrast(getattr(theme, text), getattr(theme, surface)) >= 4.5

    def test_colours_are_written_in_one_way(self, theme: Theme) -> None:
        values = dataclasses.asdict(theme)
        assert all(re.fullmatch("#[0-9a-f]{6}", value) for key, value in values.items() if key != "name")


def test_contrast_of_black_and_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1

import pytest

from dtmfphone.ivr.text_width import text_width


@pytest.mark.parametrize(
    ("text", "ems"),
    [
        ("wrong key, no key", 9.1),  # in DejaVu Sans, one of the widest fonts of user interfaces
        ("*, #, 0 (2)", 4.97),
        ("MAMMWM", 5.1),
        ("illicit", 2.3),
        ("größte Übung", 6.85),
        ("漢字かな", 4.0),
        ("Щука", 2.9),
    ],
)
def test_text_is_not_wider_and_not_much_narrower_than_it_says(text: str, ems: float) -> None:
    assert ems <= text_width(text, 1.0) <= 1.6 * ems


def test_accents_take_no_room_and_bold_takes_more() -> None:
    assert text_width("e\u0301\u0302", 11) == text_width("e", 11)
    assert text_width("abc", 12, bold=True) > text_width("abc", 12) == 12 * text_width("abc", 1)
    assert text_width("", 12) == 0

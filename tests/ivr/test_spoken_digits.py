import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtmfphone.dtmf.keys import CODES
from dtmfphone.ivr.language import LANGUAGES
from dtmfphone.ivr.spoken_digits import spoken_keys

KEYS = st.text(st.sampled_from(list(CODES)), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("four oh seven one", "4071"),
        ("Four, oh... seven; ONE!", "4071"),
        ("double five oh pound", "550#"),
        ("triple zero", "000"),
        ("treble 7", "777"),
        ("twenty three", "23"),
        ("twenty-three", "23"),
        ("twenty", "20"),
        ("nineteen eighty", "1980"),
        ("nineteen oh five", "1905"),
        ("nought o zero", "000"),
        ("hash", "#"),
        ("number sign", "#"),
        ("pound sign", "#"),
        ("asterisk star star key", "***"),
        ("4071#", "4071#"),
        ("4-0-7-1", "4071"),
        ("(030) 12 34", "0301234"),
        ("A", "A"),
        ("press A, then 1", "A1"),
        ("letter a letter d b", "ADB"),
        ("um, my number is four and then pound please", "4#"),
        ("It's 4 0 7 1.", "4071"),
        ("double 5 5", "555"),
    ],
)
def test_what_english_words_mean(text: str, keys: str) -> None:
    assert spoken_keys(text) == keys


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ... ",
        "please",
        "my number is",
        "double",
        "four double",
        "double twenty",
        "double 55",
        "double double five",
        "double um five",
        "four hundred",
        "for to",
        "twenty and three",
        "four appointments",
        "4 + 5",
        "½",
        "4²",
        "٤",
        "bad",
        "5_6",
        "it's a 4",
        "à quatre",
        "four a",
    ],
)
def test_what_might_mean_anything_else_is_not_guessed(text: str) -> None:
    assert spoken_keys(text) is None


@pytest.mark.parametrize(
    ("language", "text", "keys"),
    [
        ("de", "null eins zwo drei", "0123"),
        ("de", "Doppel fünf, Raute", "55#"),
        ("de", "zweimal die fünf", None),
        ("de", "dreimal fuenf und dann die Sterntaste", "555*"),
        ("de", "dreiundzwanzig einundneunzig dreißig zwölf", "23913012"),
        ("de", "ein und vierzig", "41"),
        ("es", "cero doble cinco almohadilla", "055#"),
        ("es", "treinta y tres, veintitrés, dieciséis", "332316"),
        ("es", "mi número es uno asterisco por favor", "1*"),
        ("fr", "zéro double cinq dièse étoile", "055#*"),
        ("fr", "vingt et un, soixante-dix, soixante et onze", "217071"),
        ("fr", "quatre-vingts quatre-vingt-dix-sept quatre vingt deux", "809782"),
        ("fr", "c'est le sept s'il vous plaît", "7"),
        ("it", "zero cancelletto", "0#"),
        ("it", "zero pippo", None),
        ("de", "four", None),
        ("tlh", "four", "4"),
    ],
)
def test_what_words_of_other_languages_mean(language: str, text: str, keys: str | None) -> None:
    assert spoken_keys(text, language) == keys


@pytest.mark.parametrize("code", LANGUAGES)
@given(KEYS)
def test_keys_spoken_word_by_word_come_back(code: str, keys: str) -> None:
    words = " ".join(LANGUAGES[code].keys[key] for key in keys)
    assert spoken_keys(words, code) == keys
    assert spoken_keys(words.upper(), code) == keys


@given(st.text(st.sampled_from("0123456789*#"), min_size=1, max_size=20))
def test_characters_are_keys(keys: str) -> None:
    assert spoken_keys(keys) == spoken_keys("-".join(keys)) == keys


@given(st.integers(20, 99), KEYS)
def test_a_number_of_two_digits_is_its_digits(number: int, keys: str) -> None:
    english = LANGUAGES["en"].keys
    tens = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
    words = tens[number // 10 - 2] + (f" {english[str(number % 10)]}" if number % 10 else "")
    assert spoken_keys(words) == str(number)
    assert spoken_keys(f"star {words} {' '.join(english[key] for key in '*' + keys)}") == f"*{number}*{keys}"


@given(st.text(max_size=30))
def test_any_text_is_keys_or_nothing(text: str) -> None:
    keys = spoken_keys(text)
    assert keys is None or (keys and set(keys) <= set(CODES))

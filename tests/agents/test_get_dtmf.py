"""Collecting digits by `await GetDtmfTask(call, ...)`, on a clock whose time passes at once."""

import asyncio
from typing import Any

import pytest
from scripted_dtmf_call import ScriptedCall, run

from dtmfphone.agents import DtmfEvent, GetDtmfTask, ToolError


def collect(script: str, words: dict[float, str] | None = None, **settings: Any) -> tuple[str, float, int]:
    """Return the result, or the error and its digits, when it came, and how often the agent was interrupted."""

    async def job() -> tuple[str, float, int]:
        call = ScriptedCall(script, words=words)
        try:
            text = (await GetDtmfTask(call, **settings)).user_input
        except ToolError as error:
            text = f"{error} [{error.digits}]"
        assert not call._listeners
        return text, round(asyncio.get_running_loop().time(), 6), call.interruptions

    return run(job())


def test_the_stop_key_ends_at_once() -> None:
    assert collect("12#", num_digits=2) == ("1 2", 3.0, 1)


def test_enough_digits_do_not_end_but_the_pause_after_them() -> None:
    assert collect("12", num_digits=2) == ("1 2", 6.0, 1)
    assert collect("10", num_digits=2, dtmf_input_timeout=1.5) == ("1 0", 3.5, 1)


def test_another_stop_key_makes_pound_a_digit() -> None:
    assert collect("1#*", num_digits=2, dtmf_stop_event=DtmfEvent.STAR) == ("1 #", 3.0, 1)


def test_a_wrong_count_fails_with_the_digits() -> None:
    text = "Digits input not fully received. Expect 2 digits, got 3 [123]"
    assert collect("123#", num_digits=2) == (text, 4.0, 1)


def test_speech_of_the_user_puts_the_end_off() -> None:
    assert collect("1u    l", num_digits=1) == ("1", 11.0, 1)


def test_the_end_of_the_call_fails_with_the_digits() -> None:
    assert collect("12!", num_digits=4) == ("The far end hung up. [12]", 3.0, 0)


def test_an_agreed_read_back_is_the_result_and_a_refused_one_begins_anew() -> None:
    heard: list[str] = []

    async def read_back(digits: str) -> bool:
        heard.append(digits)
        await asyncio.sleep(1.5)
        return digits == "3 4"

    result = collect("12# 34#", num_digits=2, ask_for_confirmation=True, read_back=read_back)
    assert result == ("3 4", 8.5, 2)
    assert heard == ["1 2", "3 4"]


def test_an_error_of_the_read_back_comes_out() -> None:
    async def read_back(digits: str) -> bool:
        raise OSError("no voice")

    with pytest.raises(OSError, match="no voice"):
        collect("1#", num_digits=1, ask_for_confirmation=True, read_back=read_back)


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("four oh seven one", "4 0 7 1"),
        ("my number is double five", "5 5"),  # fewer than are wanted
        ("one two three four five pound", "1 2 3 4 5 #"),  # more, and the stop key is one of them
    ],
)
def test_spoken_digits_are_the_result_at_once(said: str, result: str) -> None:
    assert collect("", {2.0: said}, num_digits=4) == (result, 2.0, 0)


def test_words_that_are_no_digits_have_no_effect() -> None:
    assert collect("12#", {0.5: "hello", 1.5: "four or five"}, num_digits=2) == ("1 2", 3.0, 1)


def test_keys_and_spoken_digits_are_not_joined() -> None:
    assert collect("12", {2.5: "three four"}, num_digits=4) == ("3 4", 2.5, 0)


def test_spoken_digits_are_read_back_and_collected_anew_after_a_refusal() -> None:
    heard: list[str] = []

    async def read_back(digits: str) -> bool:
        heard.append(digits)
        await asyncio.sleep(1.0)
        return digits != "1 2"

    # What is said or pressed during a read-back (from 0.5 s and from 4.2 s) is for that alone.
    words = {0.5: "one two", 1.2: "seven", 4.2: "three four"}
    result = collect("99  5", words, num_digits=2, ask_for_confirmation=True, read_back=read_back)
    assert heard == ["1 2", "3 4"]
    assert result == ("3 4", 5.2, 2)


def test_keys_after_a_refused_read_back_of_spoken_digits_count_from_the_first() -> None:
    heard: list[str] = []

    async def read_back(digits: str) -> bool:
        heard.append(digits)
        return digits == "8 7"

    result = collect("1 87#", {1.5: "one two"}, num_digits=2, ask_for_confirmation=True, read_back=read_back)
    assert heard == ["1 2", "8 7"]
    assert result == ("8 7", 5.0, 2)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"num_digits": 0}, "num_digits"),
        ({"num_digits": 1, "dtmf_input_timeout": -1.0}, "dtmf_input_timeout is -1"),
        ({"num_digits": 1, "dtmf_stop_event": "x"}, "dtmf_stop_event is 'x'"),
        ({"num_digits": 1, "ask_for_confirmation": True}, "read_back"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}"):
        collect("", **settings)

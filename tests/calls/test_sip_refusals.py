"""Statuses in plain words."""

import pytest

from dtmfphone.calls.sip.refusals import refused, registration_refused
from dtmfphone.sip.digest import AuthenticationError


@pytest.mark.parametrize("status", range(300, 700))
def test_every_final_status_is_one_sentence_with_a_remedy(status: int) -> None:
    for error in (
        refused("sip:bob@pbx.test", status, "Phrase", "", password=True),
        registration_refused("pbx.test", status, "Phrase", password=True),
    ):
        assert error.reason.endswith(f"({status} Phrase).")
        assert error.reason.count(". ") == 0
        assert error.remedy.endswith(".")
        assert error.remedy[0].isupper()


def test_the_far_end_s_own_words_are_quoted_once() -> None:
    assert refused("bob", 486, "Busy Here", "On the phone.", password=False).reason == (
        "bob is busy (486 Busy Here; it says: On the phone)."
    )
    assert refused("bob", 486, "Busy Here", "Busy Here", password=False).reason == "bob is busy (486 Busy Here)."


def test_a_wrong_password_is_one_sentence_and_one_remedy() -> None:
    why = AuthenticationError("does not take the user name and password for its realm 'pbx'", "Check them.")
    for error in (
        refused("sip:bob@pbx.test", 401, "Unauthorized", "", password=True, unproved=why),
        registration_refused("pbx.test", 401, "Unauthorized", password=True, unproved=why),
    ):
        name = error.reason.partition(" does")[0]
        assert name in ("sip:bob@pbx.test", "The registrar pbx.test")
        assert (
            error.reason == f"{name} does not take the user name and password for its realm 'pbx' (401 Unauthorized)."
        )
        assert error.remedy == "Check them."


@pytest.mark.parametrize("status", [401, 407])
def test_a_missing_password_is_not_a_wrong_one(status: int) -> None:
    assert "does not take" in refused("bob", status, "Unauthorized", "", password=True).reason
    assert "wants a user name" in refused("bob", status, "Unauthorized", "", password=False).reason
    assert "wants a password" in registration_refused("pbx", status, "Unauthorized", password=False).reason

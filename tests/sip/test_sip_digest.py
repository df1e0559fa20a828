"""Digest authentication: the vectors of the standards, odd challenges, and what is remembered."""

import hashlib
import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.sip.digest import ALGORITHMS, AuthenticationError, Authenticator, Challenge, challenges, credentials
from dtmfphone.sip.message import Headers, Request, Response

NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def request(method: str = "INVITE", uri: str = "sip:bob@biloxi.com", body: bytes = b"") -> Request:
    return Request(Headers([("To", f"<{uri}>")]), body, method, uri)


def challenge(*values: str, status: int = 401, header: str = "WWW-Authenticate") -> Response:
    return Response(Headers((header, value) for value in values), b"", status, "")


def part(value: str, name: str) -> str:
    found = re.search(rf'\b{name}="?([^",]*)', value)
    return found[1] if found else ""


def authenticator(user: str = "alice") -> Authenticator:
    count = itertools.count()
    return Authenticator(user, "secret", token=lambda: f"client{next(count)}")


@pytest.mark.parametrize(
    ("asked", "user", "password", "uri", "cnonce", "response"),
    [
        (
            Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", qop="auth"),
            "Mufasa",
            "Circle Of Life",
            "/dir/index.html",
            "0a4f113b",
            "6629fae49393a05397450978507c4ef1",
        ),
        (
            Challenge("http-auth@example.org", NONCE, "MD5", "auth"),
            "Mufasa",
            "Circle of Life",
            "/dir/index.html",
            CNONCE,
            "8ca523f5e9506fed4657c9700eebdbec",
        ),
        (
            Challenge("http-auth@example.org", NONCE, "SHA-256", "auth"),
            "Mufasa",
            "Circle of Life",
            "/dir/index.html",
            CNONCE,
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
        (
            Challenge("api@example.org", "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", "SHA-512-256", "auth"),
            "Jäsøn Doe",
            "Secret, or not?",
            "/doe.json",
            "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
            "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
        ),
    ],
    ids=["RFC 2617 3.5", "RFC 7616 3.9.1 MD5", "RFC 7616 3.9.1 SHA-256", "RFC 7616 3.9.2 as corrected"],
)
def test_vectors(asked: Challenge, user: str, password: str, uri: str, cnonce: str, response: str) -> None:
    value = credentials(asked, user, password, request("GET", uri), count=1, client_nonce=cnonce)
    assert part(value, "response") == response


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def test_without_qop() -> None:
    value = credentials(Challenge("r", "n"), "u", "p", request(), count=3, client_nonce="c")
    assert part(value, "response") == md5(f"{md5('u:r:p')}:n:{md5('INVITE:sip:bob@biloxi.com')}")
    assert (
        value
        == f'Digest username="u", realm="r", nonce="n", uri="sip:bob@biloxi.com", response="{part(value, "response")}"'
    )


def test_session_key_and_integrity_of_the_body() -> None:
    asked = Challenge("r", "n", "MD5-sess", "auth-int", "o")
    value = credentials(asked, "u", "p", request(body=b"v=0"), count=17, client_nonce="c")
    a1 = md5(f"{md5('u:r:p')}:n:c")
    a2 = md5(f"INVITE:sip:bob@biloxi.com:{md5('v=0')}")
    assert part(value, "response") == md5(f"{a1}:n:00000011:c:auth-int:{a2}")
    assert value.endswith('algorithm=MD5-sess, cnonce="c", opaque="o", qop=auth-int, nc=00000011')


def test_challenges_of_all_kinds() -> None:
    values = [
        'Digest realm="a, \\"b\\"", nonce = "n1" , qop="auth-int,auth", algorithm=md5, stale=TRUE, opaque="", '
        'Basic realm="x", Digest realm="a", nonce="n2",algorithm=SHA-256',
        'digest\trealm=bare,nonce=n3,qop=auth-int,domain="sip:a,sip:b"',
        'NTLM TlRMTVNTUAAB==, Digest realm="z",nonce="n4",qop=""',
    ]
    assert challenges(values) == [
        Challenge(r"a, \"b\"", "n1", "MD5", "auth", "", True),
        Challenge("a", "n2", "SHA-256"),
        Challenge("bare", "n3", "", "auth-int"),
        Challenge("z", "n4"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Digest",
        'Basic realm="x"',
        'Digest realm="x"',
        'Digest nonce="x"',
        'Digest realm="x", nonce="n", algorithm=AKAv1-MD5',
        'Digest realm="x", nonce="n", qop="strange"',
        '"',
    ],
)
def test_challenges_that_we_cannot_meet_are_left_out(value: str) -> None:
    assert challenges([value]) == []


@settings(max_examples=100, deadline=None)
@given(
    st.text(st.sampled_from('Digest realm="a",nonce=qop\\; \t'), max_size=60).map(
        'Digest realm="r", nonce="n",'.__add__
    )
)
def test_any_challenge_is_answered_or_left_out(value: str) -> None:
    for each in challenges([value]):
        bytes(
            request().with_headers(
                Headers([("Authorization", credentials(each, "u", "p", request(), count=1, client_nonce="c"))])
            )
        )


def test_the_better_algorithm_is_taken_and_each_realm_answered() -> None:
    asked = challenge(
        'Digest realm="a", nonce="1", algorithm=MD5',
        'Digest realm="a", nonce="2", algorithm=SHA-256, qop="auth"',
        'Digest realm="b", nonce="3"',
    )
    values = authenticator().answer(request(), asked).headers.get_all("Authorization")
    assert [(part(value, "realm"), part(value, "nonce")) for value in values] == [("a", "2"), ("b", "3")]
    assert ALGORITHMS[0] == "SHA-256"


def test_proxy_and_far_end_one_after_the_other() -> None:
    phone = authenticator()
    first = phone.answer(
        request(), challenge('Digest realm="p", nonce="1", qop="auth"', status=407, header="Proxy-Authenticate")
    )
    second = phone.answer(first, challenge('Digest realm="u", nonce="2"'))
    assert part(second.headers.get("Proxy-Authorization"), "nc") == "00000002"
    assert part(second.headers.get("Authorization"), "realm") == "u"
    assert len(second.headers.get_all("Proxy-Authorization")) == 1


def test_credentials_go_along_unasked_once_a_nonce_is_known_and_each_use_is_counted() -> None:
    phone = authenticator()
    assert "Authorization" not in phone.authorise(request()).headers
    phone.answer(request(), challenge('Digest realm="a", nonce="1", qop="auth"'))
    for count in (2, 3):
        value = phone.authorise(request("BYE")).headers.get("Authorization")
        assert part(value, "nc") == f"0000000{count}"
    assert "Authorization" not in phone.authorise(request(uri="sip:bob@elsewhere.org")).headers


def test_a_proxy_is_known_by_its_route() -> None:
    phone = authenticator()
    routed = request().with_headers(Headers([("Route", "<sip:proxy.net;lr>, <sip:second.net;lr>")]))
    phone.answer(routed, challenge('Digest realm="p", nonce="1"', status=407, header="Proxy-Authenticate"))
    other = Request(routed.headers, b"", "BYE", "sip:1.2.3.4")
    assert "Proxy-Authorization" in phone.authorise(other).headers
    assert "Proxy-Authorization" not in phone.authorise(request()).headers


def test_a_wrong_password_is_not_tried_again() -> None:
    phone = authenticator()
    tried = phone.answer(request(), challenge('Digest realm="a", nonce="1", qop="auth"'))
    with pytest.raises(
        AuthenticationError, match="does not take the user name and password for its realm 'a'"
    ) as error:
        phone.answer(tried, challenge('Digest realm="a", nonce="2", qop="auth"'))
    assert error.value.remedy
    assert "Authorization" not in phone.authorise(request()).headers


@pytest.mark.parametrize("qop", ["", ', qop="auth"'])
def test_a_nonce_that_became_stale_is_replaced(qop: str) -> None:
    phone = authenticator()
    first = phone.answer(request(), challenge(f'Digest realm="a", nonce="1"{qop}'))
    again = phone.answer(first, challenge(f'Digest realm="a", nonce="2", stale=true{qop}'))
    assert part(again.headers.get("Authorization"), "nonce") == "2"


def test_an_old_nonce_may_be_refused_without_being_called_stale() -> None:
    phone = authenticator()
    phone.answer(request(), challenge('Digest realm="a", nonce="1", qop="auth"'))
    later = phone.authorise(request("BYE"))
    again = phone.answer(later, challenge('Digest realm="a", nonce="2", qop="auth"'))
    assert part(again.headers.get("Authorization"), "nonce") == "2"
    assert part(again.headers.get("Authorization"), "nc") == "00000001"


@pytest.mark.parametrize(
    "template",
    [
        'realm="a", nonce="{}", stale=true',
        'realm="{}", nonce="1"',
        'realm="a", nonce="{}"',
        'realm="a", nonce="1", qop="auth"',
    ],
)
def test_no_server_can_make_us_try_for_ever(template: str) -> None:
    phone = authenticator()

    def ask_and_ask() -> None:
        tried = request()
        for attempt in range(10):
            tried = phone.answer(tried, challenge("Digest " + template.format(attempt)))

    with pytest.raises(AuthenticationError):
        ask_and_ask()


def test_what_cannot_be_answered_is_said() -> None:
    with pytest.raises(AuthenticationError, match="asks for a user name"):
        authenticator("").answer(request(), challenge('Digest realm="a", nonce="1"'))
    with pytest.raises(AuthenticationError, match="not known here") as error:
        authenticator().answer(request(), challenge('Basic realm="a"'))
    assert "SHA-256" in error.value.remedy


def test_nothing_of_the_password_is_shown() -> None:
    phone = authenticator()
    assert "secret" not in repr(phone)
    assert "secret" not in repr(phone.answer(request(), challenge('Digest realm="a", nonce="1"')))

"""Via: reading, writing, splitting."""

import pytest

from dtmfphone.sip.via import Via


@pytest.mark.parametrize(
    ("text", "transport", "sent_by", "branch", "written"),
    [
        (
            "SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7",
            "UDP",
            "erlang.bell-telephone.com:5060",
            "z9hG4bK87asdks7",
            "SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7",
        ),
        ("SIP  / 2.0\t/ tcp   host : 5061 ; branch = x", "TCP", "host:5061", "x", "SIP/2.0/TCP host:5061;branch=x"),
        (
            "SIP/2.0/TLS [2001:db8::9];received=2001:db8::9;rport",
            "TLS",
            "[2001:db8::9]",
            "",
            "SIP/2.0/TLS [2001:db8::9];received=2001:db8::9;rport",
        ),
        ('SIP/2.0/UDP my_host;rport=5;x="a,b;c"', "UDP", "my_host", "", 'SIP/2.0/UDP my_host;rport=5;x="a,b;c"'),
    ],
)
def test_reading_and_writing(text: str, transport: str, sent_by: str, branch: str, written: str) -> None:
    via = Via.parse(text)
    assert (via.transport, via.sent_by, via.branch) == (transport, sent_by, branch)
    assert str(via) == written


@pytest.mark.parametrize(
    "text", ["", "SIP/2.0/UDP", "SIP/2.0 host", "SIP/2.0/UDP ::1", "SIP/2.0/UDP h:70000", "SIP/2.0/UDP a b", "x"]
)
def test_what_is_no_via(text: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read\.$"):
        Via.parse(text)


def test_several() -> None:
    values = ['SIP/2.0/UDP a;x="1,2", SIP/2.0/UDP b', "SIP/2.0/TCP c,"]
    assert Via.split_list(values) == ['SIP/2.0/UDP a;x="1,2"', "SIP/2.0/UDP b", "SIP/2.0/TCP c"]

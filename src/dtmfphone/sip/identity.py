"""Who a user agent is."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Identity:
    """The address of record of a user agent, and what it needs to prove that it may use it."""

    address: str
    """`sip:alice@example.com`"""
    display_name: str = ""
    user: str = ""
    """For authentication (RFC 8760); empty: the user part of the address."""
    password: str = field(default="", repr=False)
    route: tuple[str, ...] = ()
    """Route header values that requests outside of dialogs begin with: an outbound proxy as `<sip:host;lr>`."""
    instance: str = ""
    """URN that tells this device from others of the same address (RFC 5626); empty: none."""

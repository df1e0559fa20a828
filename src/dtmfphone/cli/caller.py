"""Who calls by SIP, as the flags of a command say: a kept account, an account of the moment, or both."""

import argparse
import getpass
import os
import sys
from typing import Any, Final, get_args

import msgspec

from dtmfphone.accounts import AccountError, Accounts, NoKeyring
from dtmfphone.engine.commands import Account, Codec

CODECS: Final[tuple[Codec, ...]] = get_args(Codec)
SIP_TARGETS: Final = ("sip:", "sips:", "tel:")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    sip = parser.add_argument_group("SIP")
    sip.add_argument("--account", metavar="NAME", help="an account that is kept (dtmfphone account)")
    sip.add_argument("--user", metavar="U", help="who calls, U or U@DOMAIN; the password is asked for in a terminal")
    password = sip.add_mutually_exclusive_group()
    password.add_argument("--password-env", metavar="VAR", help="environment variable that holds the password")
    password.add_argument("--password", help="the password itself; other users can see it in the process list")
    sip.add_argument("--proxy", metavar="H:P", help="outbound proxy")
    sip.add_argument("--transport", choices=("auto", "udp", "tcp", "tls"))
    sip.add_argument("--insecure", action="store_true", help="accept any TLS certificate")
    sip.add_argument("--ca-file", metavar="F", help="PEM file with certificates to trust besides the system's")
    sip.add_argument("--srtp", choices=("off", "optional", "required"), help="encrypted audio (SDES)")
    sip.add_argument("--local", metavar="HOST[:PORT]", help="own address")
    sip.add_argument("--trace", action="store_true", help="print each SIP message, secrets hidden")


def codecs(text: str) -> tuple[Codec, ...]:
    """Return the codecs of a comma list, in its order."""
    found: list[Codec] = []
    for name in text.lower().split(","):
        known = next((codec for codec in CODECS if codec == name.strip()), None)
        if known is None:
            raise argparse.ArgumentTypeError(f"{name!r} is no codec: use {', '.join(CODECS)}")
        found.append(known)
    if len(set(found)) != len(found) or ("auto" in found and len(found) > 1):
        raise argparse.ArgumentTypeError(f"{text!r} names a codec twice, or auto beside others")
    return tuple(found)


def account_for_call(args: argparse.Namespace, parser: argparse.ArgumentParser) -> Account | None:
    """Return who calls, or None for targets that no account calls; wrong usage ends the program."""
    if not args.target.strip().lower().startswith(SIP_TARGETS):
        given = [name for name in ("account", "user", "proxy", "srtp") if getattr(args, name)]
        if given:
            parser.error(f"--{given[0]} is for sip: and tel: targets")
        if len(args.codec) > 1:
            parser.error("--codec: several codecs are for sip: and tel: targets")
        return None
    password = _password(args, parser)
    account = kept_account(args.account, parser, password) if args.account else Account(register=False)
    if args.codec != ("auto",):
        account = msgspec.structs.replace(account, codecs=args.codec)
    return msgspec.structs.replace(account, **_given(args, password))


def kept_account(name: str, parser: argparse.ArgumentParser, password: str | None = None) -> Account:
    """Return a kept account with its password, asked for where none is kept; wrong usage ends the program.

    `password`: takes the place of the one that is kept.
    """
    accounts = Accounts()
    try:
        account = accounts.find(name)
    except AccountError as error:
        parser.error(f"--account: {error.reason} {error.remedy}")
    if account is None:
        parser.error(f"--account: there is no account called {name!r}; dtmfphone account list names them")
    if password is not None:
        return msgspec.structs.replace(account, password=password)
    try:
        account = accounts.with_password(account)
    except NoKeyring as error:
        print(f"dtmfphone: {error.reason} {error.remedy}", file=sys.stderr)
    return msgspec.structs.replace(account, password=account.password or _asked_for(account.name) or "")


def _given(args: argparse.Namespace, password: str | None) -> dict[str, Any]:
    """Return the fields of the account that flags name."""
    fields: dict[str, Any] = {
        "proxy": args.proxy,
        "transport": args.transport,
        "insecure": args.insecure or None,
        "ca_file": args.ca_file,
        "security": args.srtp,
        "local": args.local,
        "password": password,
    }
    if args.user:
        user, at, domain = args.user.removeprefix("sip:").partition("@")
        fields |= {"user": user, "address": f"sip:{user}@{domain}" if at else None}
    return {name: value for name, value in fields.items() if value is not None}


def _password(args: argparse.Namespace, parser: argparse.ArgumentParser) -> str | None:
    if args.password_env is not None:
        return from_environment(args.password_env, parser)
    if args.password is not None:
        return str(args.password)
    return _asked_for(args.user) if args.user and not args.account else None


def from_environment(variable: str, parser: argparse.ArgumentParser) -> str:
    """Return the password that an environment variable holds; where it holds none, that ends the program."""
    password = os.environ.get(variable, "")
    if not password:
        parser.error(f"--password-env: the environment variable {variable} is empty or not set")
    return password


def _asked_for(who: str) -> str | None:
    """Return a password from the terminal, or None where nobody can be asked."""
    return getpass.getpass(f"Password of {who}: ") if sys.stdin is not None and sys.stdin.isatty() else None

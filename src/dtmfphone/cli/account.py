"""`dtmfphone account`: the accounts that calls are made with and come in on."""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable
from typing import Any, Final, get_args

import msgspec

from dtmfphone.accounts import (
    DEFAULT_EXPIRES,
    LONGEST_EXPIRES,
    SHORTEST_EXPIRES,
    Account,
    AccountError,
    Accounts,
    Codec,
    MediaSecurity,
    Method,
    SignallingTransport,
)
from dtmfphone.passwords import NoKeyring

OK: Final = 0
FAILED: Final = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the commands of `dtmfphone account`."""
    commands = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = commands.add_parser("add", help="keep an account; its password goes to the keyring")
    add.add_argument("name", help="what you call it")
    add.add_argument("address", nargs="?", default="", help="sip:alice@example.com")
    add.add_argument("--display-name", default="", metavar="TEXT", help="what the far end shows")
    add.add_argument("--registrar", default="", metavar="HOST[:PORT]", help="default: the domain of the address")
    add.add_argument("--no-register", action="store_true", help="only call, do not take calls")
    add.add_argument(
        "--expires",
        type=int,
        default=DEFAULT_EXPIRES,
        metavar="S",
        help=f"how long a registration lasts, {SHORTEST_EXPIRES} to {LONGEST_EXPIRES} s (default: %(default)s)",
    )
    add.add_argument("--user", default="", help="name for authentication (default: the user part of the address)")
    password = add.add_mutually_exclusive_group()
    password.add_argument("--password-env", metavar="NAME", help="environment variable that holds the password")
    password.add_argument("--no-password", action="store_true", help="do not ask for a password")
    add.add_argument("--proxy", default="", metavar="HOST[:PORT]", help="outbound proxy, or a SIP URI")
    add.add_argument("--transport", choices=get_args(SignallingTransport), default="auto")
    add.add_argument("--insecure", action="store_true", help="accept any TLS certificate")
    add.add_argument("--ca-file", default="", metavar="FILE", help="PEM file with certificates to trust")
    add.add_argument("--srtp", choices=get_args(MediaSecurity), default="off", help="encryption of the audio (SDES)")
    add.add_argument(
        "--codec", default=",".join(Account().codecs), metavar="LIST", help="in order (default: %(default)s)"
    )
    add.add_argument("--method", choices=get_args(Method), default="auto", help="how keys are sent")
    add.add_argument("--local", default="", metavar="HOST[:PORT]", help="own address to use")
    add.add_argument("--replace", action="store_true", help="overwrite the account of that name")
    _json(commands.add_parser("list", help="name the accounts"))
    show = commands.add_parser("show", help="show all of an account but its password")
    show.add_argument("name")
    _json(show)
    remove = commands.add_parser("remove", help="forget an account and its password")
    remove.add_argument("name")


def run(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Run `dtmfphone account`; returns the exit code."""
    accounts = Accounts()
    actions: dict[str, Callable[[], int]] = {
        "add": lambda: _add(accounts, args, parser),
        "list": lambda: _list(accounts, json_lines=args.json),
        "show": lambda: _show(accounts, args.name, json_lines=args.json),
        "remove": lambda: _remove(accounts, args.name),
    }
    try:
        code = actions[args.action]()
    except AccountError as error:
        _say(error.reason, error.remedy)
        return FAILED
    for problem in accounts.problems:
        _say(problem)
    return code


def _add(accounts: Accounts, args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    codecs = tuple(args.codec.split(","))
    if unknown := [codec for codec in codecs if codec not in get_args(Codec)]:
        parser.error(f"--codec: {unknown[0]!r} is none of {', '.join(get_args(Codec))}")
    account = Account(
        name=args.name,
        address=args.address,
        display_name=args.display_name,
        registrar=args.registrar,
        user=args.user,
        password=_password(args, parser),
        proxy=args.proxy,
        transport=args.transport,
        insecure=args.insecure,
        ca_file=args.ca_file,
        security=args.srtp,
        codecs=codecs,
        method=args.method,
        register=not args.no_register,
        expires=args.expires,
        local=args.local,
    )
    try:
        accounts.save(account, replaces=account.name if args.replace else None)
    except NoKeyring as error:
        _say(f"The account is kept, its password is not. {error.reason}", error.remedy)
    return OK


def _password(args: argparse.Namespace, parser: argparse.ArgumentParser) -> str:
    if args.no_password:
        return ""
    if args.password_env is not None:
        password = os.environ.get(args.password_env, "")
        if not password:
            parser.error(f"--password-env: the environment variable {args.password_env} is empty or not set")
        return password
    if not sys.stdin.isatty():
        parser.error("there is no terminal to ask for the password: use --password-env NAME or --no-password")
    return getpass.getpass(f"Password of {args.name} (empty: none): ")


def _list(accounts: Accounts, *, json_lines: bool) -> int:
    found = accounts.all()
    if json_lines:
        for account in found:
            print(json.dumps(_public(account)))
        return OK
    width = max((len(account.name) for account in found), default=0)
    for account in found:
        registers = "registers" if account.register else "does not register"
        print(f"{account.name:{width}}  {account.address or '(no address)'}  {account.transport}, {registers}")
    if not found and not accounts.problems:
        print("There is no account. dtmfphone account add NAME sip:alice@example.com keeps one.")
    return OK


def _show(accounts: Accounts, name: str, *, json_lines: bool) -> int:
    account = accounts.find(name)
    if account is None:
        raise AccountError(f"There is no account called {name!r}.", "dtmfphone account list names them.")
    facts = _public(account)
    try:
        facts["password"] = "in the keyring" if accounts.with_password(account).password else "none"
    except NoKeyring as error:
        facts["password"] = f"none: {error.reason}"
    if json_lines:
        print(json.dumps(facts))
        return OK
    for field, value in facts.items():
        text = ", ".join(value) if isinstance(value, tuple) else value
        print(f"{field:14}{'yes' if value is True else 'no' if value is False else text}".rstrip())
    return OK


def _remove(accounts: Accounts, name: str) -> int:
    try:
        accounts.remove(name)
    except NoKeyring as error:
        _say(f"The account is forgotten. {error.reason}", "Look there for its password once the keyring works.")
    return OK


def _public(account: Account) -> dict[str, Any]:
    return {field: value for field, value in msgspec.structs.asdict(account).items() if field != "password"}


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object per account")


def _say(reason: str, remedy: str = "") -> None:
    print(f"dtmfphone: {reason} {remedy}".rstrip(), file=sys.stderr)

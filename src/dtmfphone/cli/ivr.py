"""`dtmfphone ivr`: examine IVR scripts without a call."""

import argparse
import sys

import msgspec


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the commands of `dtmfphone ivr`."""
    jobs = parser.add_subparsers(dest="job", metavar="JOB", required=True)
    check = jobs.add_parser("check", help="say all that is wrong in scripts, with line and column")
    check.add_argument("scripts", nargs="+", metavar="FILE", help="YAML file, or the name of a built-in script")
    jobs.add_parser("schema", help="print the JSON schema of scripts, for editors")


def run(args: argparse.Namespace) -> int:
    """Run `dtmfphone ivr`; returns the exit code: 1 where a script cannot run."""
    match args.job:
        case "check":
            return max([_check(name) for name in args.scripts])
        case _:
            from dtmfphone.ivr.schema import schema

            print(msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode())
            return 0


def _check(name: str) -> int:
    from dtmfphone.ivr.script import ScriptError, load

    try:
        script = load(name)
    except ScriptError as error:
        for one in error.all:
            print(one, file=sys.stderr)
        return 1
    count = sum(1 for _ in script.all_nodes())
    print(f"{name}: {script.title}: {count} nodes, nothing is wrong.")
    return 0

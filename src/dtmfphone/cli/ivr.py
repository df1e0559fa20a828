"""`dtmfphone ivr`: examine IVR scripts without a call."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from dtmfphone.ivr.document import Script


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the commands of `dtmfphone ivr`."""
    jobs = parser.add_subparsers(dest="job", metavar="JOB", required=True)
    check = jobs.add_parser("check", help="say all that is wrong in scripts, with line and column")
    check.add_argument("scripts", nargs="+", metavar="FILE", help="YAML file, or the name of a built-in script")
    graph = jobs.add_parser("graph", help="draw a script as SVG")
    graph.add_argument("script", metavar="FILE", help="YAML file, or the name of a built-in script")
    graph.add_argument("-o", "--output", metavar="FILE", help="SVG file; default: print it")
    jobs.add_parser("schema", help="print the JSON schema of scripts, for editors")


def run(args: argparse.Namespace) -> int:
    """Run `dtmfphone ivr`; returns the exit code: 1 where a script cannot run."""
    match args.job:
        case "check":
            return max([_check(name) for name in args.scripts])
        case "graph":
            return _graph(args.script, args.output)
        case _:
            from dtmfphone.ivr.schema import schema

            print(msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode())
            return 0


def _load(name: str) -> "Script | None":
    """Return a script, or print all that is wrong."""
    from dtmfphone.ivr.script import ScriptError, load

    try:
        return load(name)
    except ScriptError as error:
        for one in error.all:
            print(one, file=sys.stderr)
        return None


def _graph(name: str, output: str | None) -> int:
    from dtmfphone.ivr.graph import graph_of
    from dtmfphone.ivr.graph_svg import svg
    from dtmfphone.ivr.layout import draw

    script = _load(name)
    if script is None:
        return 1
    picture = svg(draw(graph_of(script)))
    if output is None:
        print(picture, end="")
        return 0
    try:
        Path(output).write_text(picture, encoding="utf-8")
    except OSError as error:
        print(f"dtmfphone: {output}: {error.strerror}. Name a file that can be written.", file=sys.stderr)
        return 1
    return 0


def _check(name: str) -> int:
    script = _load(name)
    if script is None:
        return 1
    count = sum(1 for _ in script.all_nodes())
    print(f"{name}: {script.title}: {count} nodes, nothing is wrong.")
    return 0

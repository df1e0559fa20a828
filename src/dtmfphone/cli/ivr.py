"""`dtmfphone ivr`: examine IVR scripts and hear voices without a call."""

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
    voices = jobs.add_parser("voices", help="list what a script may name as its `voice`")
    voices.add_argument("--language", metavar="CODE", default="", help="only voices of a language, such as en or de-ch")
    say = jobs.add_parser("say", help="speak a text into a sound file, as an IVR would")
    say.add_argument("text", metavar="TEXT")
    say.add_argument("-o", "--output", metavar="FILE", required=True, help="WAV or FLAC file; - is standard output")
    say.add_argument(
        "--voice", metavar="VOICE", default="", help="as `dtmfphone ivr voices` lists them; default: en-us+f3"
    )
    say.add_argument(
        "--words-per-minute", metavar="N", type=int, default=150, help="how fast, 80 to 450; default: %(default)s"
    )


def run(args: argparse.Namespace) -> int:
    """Run `dtmfphone ivr`; returns the exit code: 1 where a script cannot run."""
    match args.job:
        case "check":
            return max([_check(name) for name in args.scripts])
        case "graph":
            return _graph(args.script, args.output)
        case "voices":
            return _voices(args.language.lower())
        case "say":
            return _say(args.text, args.voice, args.words_per_minute, args.output)
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
        return _fail(f"{output}: {error.strerror}. Name a file that can be written.")
    return 0


def _check(name: str) -> int:
    script = _load(name)
    if script is None:
        return 1
    count = sum(1 for _ in script.all_nodes())
    print(f"{name}: {script.title}: {count} nodes, nothing is wrong.{_unknown_voice(script)}")
    return 0


def _unknown_voice(script: "Script") -> str:
    """Return what to say of a voice that nobody could look for; empty: it is there."""
    from dtmfphone.ivr import espeak

    try:
        if script.voice:
            espeak.check_voice(script.voice)
    except espeak.EspeakError as error:
        return f" Whether there is a voice {script.voice!r} is not known: {error}."
    return ""


def _voices(language: str) -> int:
    from dtmfphone.ivr import espeak

    try:
        found = [voice for voice in espeak.voices() if f"{voice.name}-".startswith(language and f"{language}-")]
        variants = ", ".join(espeak.variants())
    except espeak.EspeakError as error:
        return _fail(f"{error}. {error.remedy}.")
    if not found:
        return _fail(f"espeak-ng has no voice of the language {language!r}. See: dtmfphone ivr voices")
    width = max(len(voice.name) for voice in found)
    for voice in found:
        print(f"{voice.name:{width}}  {voice.description}")
    print(f"\nVariants, as in {found[0].name}+f3: {variants}")
    return 0


def _say(text: str, voice: str, words_per_minute: int, output: str) -> int:
    from dtmfphone.cli.wave_writer import STANDARD_OUTPUT, SUFFIXES, write_audio
    from dtmfphone.ivr import espeak

    if output != STANDARD_OUTPUT and not output.lower().endswith(SUFFIXES):
        return _fail(f"{output} is no sound file. Name one that ends in {' or '.join(SUFFIXES)}.", 2)
    if not 80 <= words_per_minute <= 450:
        return _fail(f"--words-per-minute is {words_per_minute}. Use 80 to 450.", 2)
    try:
        pcm = espeak.synthesize(text, voice, words_per_minute)
    except espeak.EspeakError as error:
        return _fail(f"{error}. {error.remedy}.")
    try:
        write_audio(output, [pcm], len(pcm), espeak.RATE)
    except OSError as error:
        return _fail(f"{output}: {error.strerror}. Name a file that can be written.")
    if output != STANDARD_OUTPUT:
        print(f"{output}: {len(pcm) / espeak.RATE:.1f} s in the voice {voice or espeak.VOICE}.")
    return 0


def _fail(text: str, code: int = 1) -> int:
    print(f"dtmfphone: {text}", file=sys.stderr)
    return code

"""With what IVRs of ours listen, as the flags of a command say."""

import argparse

from dtmfphone.engine.commands import SetSpeech


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument(
        "--listen-with",
        metavar="NAME",
        help="what recognises words that callers say to the IVR: pocketsphinx, vosk or whisper, where installed",
    )
    parser.add_argument("--model", default="", metavar="DIR", help="folder of its model, where it needs one")


def chosen(args: argparse.Namespace, parser: argparse.ArgumentParser) -> SetSpeech | None:
    """Return what is to listen, or None; wrong usage ends the program."""
    if args.listen_with is None:
        if args.model:
            parser.error("--model is for --listen-with")
        return None
    from dtmfphone.ivr.recognizers import names

    if args.listen_with not in names():
        parser.error(f"--listen-with: there is no recognizer {args.listen_with!r}, but {', '.join(names())}")
    return SetSpeech(recognizer=args.listen_with, model=args.model)

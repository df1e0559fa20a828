"""Render the prompts of the built-in scripts into resources/prompts: what is missing is made, what is unused removed.

With `--all` everything is made anew, as after a change of voice. Needs the speech extra.
"""

import json
import sys
from pathlib import Path
from typing import NamedTuple

from dtmfphone.ivr import script
from dtmfphone.ivr.espeak import RATE, VOICE, WORDS_PER_MINUTE, synthesize
from dtmfphone.ivr.prompt import read_back_words
from dtmfphone.ivr.shipped import encode, file_name
from dtmfphone.ivr.voice import texts_of

FOLDER = Path(__file__).parents[1] / "resources" / "prompts"


class Prompt(NamedTuple):
    """What is in a file."""

    text: str
    voice: str = VOICE
    words_per_minute: int = WORDS_PER_MINUTE


def main(*, everything: bool) -> None:
    prompts = {Prompt(text) for text in read_back_words()}
    for name in script.names():
        one = script.load(name)
        prompts |= {Prompt(text, one.voice or VOICE, one.words_per_minute) for text in texts_of(one)}
    files = {file_name(*prompt): prompt for prompt in sorted(prompts)}
    for file in FOLDER.glob("*.ogg"):
        if everything or file.name not in files:
            file.unlink()
    made = 0
    for name, prompt in files.items():
        file = FOLDER / name
        if not file.exists():
            pcm = synthesize(*prompt)
            file.write_bytes(encode(pcm))
            made += 1
            print(f"{name}  {len(pcm) / RATE:5.2f} s  {prompt.voice}  {prompt.text}")
    (FOLDER / "index.json").write_text(
        json.dumps({name: prompt._asdict() for name, prompt in files.items()}, indent=1, ensure_ascii=False) + "\n"
    )
    size = sum(file.stat().st_size for file in FOLDER.iterdir())
    print(f"{len(files)} prompts, {made} made, {size / 1024:.0f} KiB")


if __name__ == "__main__":
    main(everything="--all" in sys.argv[1:])

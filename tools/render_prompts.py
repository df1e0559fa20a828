"""Render the prompts of the built-in scripts into resources/prompts: what is missing is made, what is unused removed.

With `--all` everything is made anew, as after a change of voice. Needs the speech extra.
"""

import json
import sys
from pathlib import Path

from dtmfphone.ivr import script
from dtmfphone.ivr.espeak import RATE, VOICE, WORDS_PER_MINUTE, synthesize
from dtmfphone.ivr.prompt import read_back_words
from dtmfphone.ivr.shipped import encode, file_name
from dtmfphone.ivr.voice import texts_of

FOLDER = Path(__file__).parents[1] / "resources" / "prompts"


def main(*, everything: bool) -> None:
    texts = dict.fromkeys(read_back_words())
    for name in script.names():
        texts |= dict.fromkeys(texts_of(script.load(name)))
    files = {file_name(text): text for text in sorted(texts)}
    for file in FOLDER.glob("*.ogg"):
        if everything or file.name not in files:
            file.unlink()
    made = 0
    for name, text in files.items():
        file = FOLDER / name
        if not file.exists():
            pcm = synthesize(text)
            file.write_bytes(encode(pcm))
            made += 1
            print(f"{name}  {len(pcm) / RATE:5.2f} s  {text}")
    index = {"voice": VOICE, "words_per_minute": WORDS_PER_MINUTE, "prompts": files}
    (FOLDER / "index.json").write_text(json.dumps(index, indent=1) + "\n")
    size = sum(file.stat().st_size for file in FOLDER.iterdir())
    print(f"{len(files)} prompts, {made} made, {size / 1024:.0f} KiB")


if __name__ == "__main__":
    main(everything="--all" in sys.argv[1:])

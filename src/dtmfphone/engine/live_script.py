"""A script that is served: when its file has changed, the next call runs the new one."""

import asyncio
from typing import Final

from dtmfphone.engine.events import Notice
from dtmfphone.engine.leg import Clock, Emit
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.script import ScriptError, file_of, load
from dtmfphone.ivr.voice import Voice

LOOK_SECONDS: Final = 0.5
"""How often files are looked at; one that goes on changing is read when it stays for so long."""


class LiveScript:
    """The last version of a script that can run; `look` brings it up to date."""

    def __init__(self, name: str, script: Script, voice: Voice, emit: Emit, clock: Clock) -> None:
        self.script = script
        self._name = name
        self._voice = voice
        self._emit = emit
        self._clock = clock
        self._file = file_of(name)
        self._read = self._last = self._facts()

    @property
    def has_file(self) -> bool:
        """Whether it can change: built-in scripts do not."""
        return self._file is not None

    async def look(self) -> None:
        """Read the file if it has changed and is still the same as at the last look; a faulty one changes nothing."""
        facts = await asyncio.to_thread(self._facts)
        settled, self._last = facts == self._last, facts
        if not settled or facts == self._read:
            return
        self._read = facts
        try:
            script = await asyncio.to_thread(load, self._name)
        except ScriptError as error:
            more = f" ({len(error.all) - 1} more)" if len(error.all) > 1 else ""
            problem = str(error).removesuffix(f": {error.remedy}")
            text = f"The IVR was changed but cannot run: {problem}{more}. Calls get the version before."
            remedy = error.remedy[:1].upper() + error.remedy[1:]
            self._emit(Notice(t=self._clock(), level="error", text=text, remedy=remedy))
            return
        await self._voice.prepare(script)
        self.script = script
        self._emit(
            Notice(t=self._clock(), level="info", text=f"The IVR {script.name} was changed: the next call gets it.")
        )

    def _facts(self) -> tuple[int, int, int] | None:
        if self._file is None:
            return None
        try:
            facts = self._file.stat()
        except OSError:
            return None
        return facts.st_mtime_ns, facts.st_size, facts.st_ino

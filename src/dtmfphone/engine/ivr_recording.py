"""The recording of a call that a script begins and ends, in the data folder."""

from dtmfphone.calls.media import Pcm
from dtmfphone.engine.call_recorder import FOLDER, CallRecorder
from dtmfphone.engine.leg import CallLeg
from dtmfphone.places import data_folder


class IvrRecording:
    """Records the call of a leg while the script wants it, and says where, or why not."""

    def __init__(self, leg: CallLeg) -> None:
        self._leg = leg
        self._recorder: CallRecorder | None = None

    def start(self) -> None:
        """Begin; harmless when it has begun."""
        if self._recorder is not None:
            return
        try:
            self._recorder = CallRecorder(data_folder() / FOLDER, self._leg.id)
        except OSError as error:
            text = f"The call cannot be recorded ({error.strerror})."
            self._leg.notice("error", text, "Mend the data folder's rights.")
        else:
            self._leg.notice("info", f"The call is recorded with the caller's consent, to {self._recorder.path}")

    async def stop(self) -> None:
        """Write what is left; harmless when nothing is recorded."""
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        try:
            await recorder.close()
        except OSError as error:
            self._leg.notice("error", f"The recording is not whole ({error.strerror}).", "Make room on the disk.")

    def spoken(self, pcm: Pcm, rate: int) -> None:
        """Take a frame of ours."""
        if self._recorder is not None:
            self._recorder.spoken(pcm, rate)

    def heard(self, pcm: Pcm, rate: int) -> None:
        """Take a frame of the caller."""
        if self._recorder is not None:
            self._recorder.heard(pcm, rate)

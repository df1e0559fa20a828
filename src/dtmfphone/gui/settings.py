"""What the window remembers: never digits, never tokens."""

from collections.abc import Iterable
from typing import Any, Final, Protocol, TypeVar, cast, get_args
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from PySide6.QtCore import QByteArray, QSettings

from dtmfphone.engine.commands import Codec, Method
from dtmfphone.gui.shadow_choice import ShadowChoice, read_choice, written_choice
from dtmfphone.gui.theme import ThemeChoice

T = TypeVar("T")
HISTORY_LENGTH: Final = 12
_SECRET_WORDS: Final = ("token", "key", "secret", "password", "passwd", "auth", "sig", "jwt")


class Backend(Protocol):
    """Where values are kept; `QSettings` is one."""

    def value(self, key: str, default: Any = None) -> Any:
        """Return what was kept, or the default."""
        ...

    def setValue(self, key: str, value: Any) -> None:
        """Keep a value."""
        ...


class MemoryBackend:
    """Keeps values for as long as it lives."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def value(self, key: str, default: Any = None) -> Any:
        """Return what was kept, or the default."""
        return self.values.get(key, default)

    def setValue(self, key: str, value: Any) -> None:
        """Keep a value."""
        self.values[key] = value


class Settings:
    """Typed values over a backend; what does not fit its type reads as the default."""

    def __init__(self, backend: Backend | None = None) -> None:
        self._backend = backend if backend is not None else cast(Backend, QSettings())

    @property
    def theme(self) -> ThemeChoice:
        """Light, dark or the system's."""
        return self._choice("theme", get_args(ThemeChoice), "system")

    @theme.setter
    def theme(self, value: ThemeChoice) -> None:
        self._backend.setValue("theme", value)

    @property
    def method(self) -> Method:
        """How keys are sent."""
        return self._choice("method", get_args(Method), "auto")

    @method.setter
    def method(self, value: Method) -> None:
        self._backend.setValue("method", value)

    @property
    def codec(self) -> Codec:
        """The audio codec to offer."""
        return self._choice("codec", get_args(Codec), "auto")

    @codec.setter
    def codec(self, value: Codec) -> None:
        self._backend.setValue("codec", value)

    @property
    def duration_ms(self) -> int:
        """Length of a dialled tone."""
        return int(self._number("duration_ms", 100, 40, 6000))

    @duration_ms.setter
    def duration_ms(self, value: int) -> None:
        self._backend.setValue("duration_ms", value)

    @property
    def gap_ms(self) -> int:
        """Silence between dialled tones."""
        return int(self._number("gap_ms", 70, 30, 6000))

    @gap_ms.setter
    def gap_ms(self, value: int) -> None:
        self._backend.setValue("gap_ms", value)

    @property
    def sidetone(self) -> float:
        """Loudness of pressed keys in the loudspeaker, 0 to 1."""
        return self._number("sidetone", 0.3, 0.0, 1.0)

    @sidetone.setter
    def sidetone(self, value: float) -> None:
        self._backend.setValue("sidetone", value)

    @property
    def input_device(self) -> str:
        """Name of the microphone; empty is the system's default."""
        return self._text("input_device")

    @input_device.setter
    def input_device(self, value: str) -> None:
        self._backend.setValue("input_device", value)

    @property
    def output_device(self) -> str:
        """Name of the loudspeaker; empty is the system's default."""
        return self._text("output_device")

    @output_device.setter
    def output_device(self, value: str) -> None:
        self._backend.setValue("output_device", value)

    @property
    def mask_digits(self) -> bool:
        """Whether digits are hidden in log, copies and exports."""
        return self._flag("mask_digits")

    @mask_digits.setter
    def mask_digits(self, value: bool) -> None:
        self._backend.setValue("mask_digits", value)

    @property
    def folded(self) -> bool:
        """Whether the analyzer and the log are folded away."""
        return self._flag("folded")

    @folded.setter
    def folded(self, value: bool) -> None:
        self._backend.setValue("folded", value)

    @property
    def geometry(self) -> QByteArray:
        """Place and size of the window, as Qt saves it; empty when unknown."""
        return self._bytes("geometry")

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._backend.setValue("geometry", value)

    @property
    def splitter(self) -> QByteArray:
        """Shares of analyzer and log, as Qt saves them; empty when unknown."""
        return self._bytes("splitter")

    @splitter.setter
    def splitter(self, value: QByteArray) -> None:
        self._backend.setValue("splitter", value)

    @property
    def account(self) -> str:
        """Name of the account to call from; empty: none."""
        return self._text("account")

    @account.setter
    def account(self, value: str) -> None:
        self._backend.setValue("account", value)

    @property
    def pane(self) -> str:
        """Which of log, trace, history and graph is shown."""
        return self._choice("pane", ("log", "trace", "history", "ivr"), "log")

    @pane.setter
    def pane(self, value: str) -> None:
        self._backend.setValue("pane", value)

    @property
    def listen(self) -> tuple[str, ...]:
        """Where the IVR answers when it is let; empty: where it does unless told otherwise."""
        return tuple(self._texts("listen"))

    @listen.setter
    def listen(self, value: tuple[str, ...]) -> None:
        self._backend.setValue("listen", list(value))

    @property
    def ivr(self) -> str:
        """Name of the IVR that answers; empty: the usual one."""
        return self._text("ivr")

    @ivr.setter
    def ivr(self, value: str) -> None:
        self._backend.setValue("ivr", value)

    @property
    def shadows(self) -> ShadowChoice:
        """Which shadow collectors watch the calls."""
        return read_choice(self._text("shadows"))

    @shadows.setter
    def shadows(self, value: ShadowChoice) -> None:
        self._backend.setValue("shadows", written_choice(value))

    @property
    def voice(self) -> str:
        """Name of the voice that says words; empty: the usual one."""
        return self._text("voice")

    @voice.setter
    def voice(self, value: str) -> None:
        self._backend.setValue("voice", value)

    @property
    def recognizer(self) -> str:
        """Name of what recognises the words of callers; empty: nothing."""
        return self._text("recognizer")

    @recognizer.setter
    def recognizer(self, value: str) -> None:
        self._backend.setValue("recognizer", value)

    @property
    def model_folders(self) -> dict[str, str]:
        """Folders of models, by recognizer."""
        pairs = (text.partition("=") for text in self._texts("model_folders"))
        return {name: folder for name, _, folder in pairs if folder}

    @model_folders.setter
    def model_folders(self, value: dict[str, str]) -> None:
        self._backend.setValue("model_folders", [f"{name}={folder}" for name, folder in value.items() if folder])

    @property
    def phone_listens(self) -> bool:
        """Whether the far ends of the phone's calls are listened to, too."""
        return self._flag("phone_listens")

    @phone_listens.setter
    def phone_listens(self, value: bool) -> None:
        self._backend.setValue("phone_listens", value)

    @property
    def targets(self) -> list[str]:
        """Targets called before, latest first."""
        return self._texts("targets")

    def remember_target(self, target: str) -> None:
        """Put a target first in the history, unless it carries a secret."""
        target = without_secrets(target)
        if target:
            others = [old for old in self.targets if old != target]
            self._backend.setValue("targets", [target, *others][:HISTORY_LENGTH])

    def _choice(self, key: str, choices: tuple[T, ...], default: T) -> T:
        value: T = self._backend.value(key, default)
        return value if value in choices else default

    def _number(self, key: str, default: float, low: float, high: float) -> float:
        try:
            value = float(self._backend.value(key, default))
        except (TypeError, ValueError):
            return default
        return value if low <= value <= high else default

    def _text(self, key: str) -> str:
        value = self._backend.value(key, "")
        return value if isinstance(value, str) else ""

    def _texts(self, key: str) -> list[str]:
        value = self._backend.value(key, [])
        if isinstance(value, str):
            value = [value]
        return [text for text in value if isinstance(text, str)] if isinstance(value, Iterable) else []

    def _flag(self, key: str) -> bool:
        return self._backend.value(key, False) in (True, "true")

    def _bytes(self, key: str) -> QByteArray:
        value = self._backend.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()


def without_secrets(target: str) -> str:
    """Return the target without user name and password; empty when its query carries what looks like a secret."""
    try:
        parts = urlsplit(target.strip())
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return ""
    if any(word in name.lower() for name, _ in query for word in _SECRET_WORDS):
        return ""
    if not parts.netloc:
        return target.strip()
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

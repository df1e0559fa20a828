"""Every command of the window, once: id, title, shortcut, tip."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class ActionSpec:
    """What a person is told about a command."""

    id: str
    title: str
    tip: str
    shortcut: str = ""
    checkable: bool = False
    menu: str = ""


ACTIONS: Final = (
    ActionSpec("call", "&Call", "Call the target", "Ctrl+Return", menu="Call"),
    ActionSpec("hang-up", "&Hang up", "End the call", "Ctrl+Shift+H", menu="Call"),
    ActionSpec("target", "Edit &target", "Put the cursor into the target", "Ctrl+T", menu="Call"),
    ActionSpec(
        "serve",
        "&Answer calls by HTTP",
        "Let the built-in IVR answer browsers and other phones at http://127.0.0.1:8080",
        checkable=True,
        menu="Call",
    ),
    ActionSpec("restart", "&Restart the engine", "End all calls and start the engine anew", menu="Call"),
    ActionSpec("quit", "&Quit", "Hang up and close the window", "Ctrl+Q", menu="Call"),
    ActionSpec("dial-string", "Edit &dial string", "Put the cursor into the dial string", "Ctrl+L", menu="Dial"),
    ActionSpec("paste", "&Paste into dial string", "Replace the dial string by what was copied", "Ctrl+V", menu="Dial"),
    ActionSpec("send", "&Send", "Send the dial string", "Ctrl+D", menu="Dial"),
    ActionSpec("stop", "S&top", "End the tone and drop what is queued", "Esc", menu="Dial"),
    ActionSpec("continue", "&Continue", "Go on without waiting for the far end", "Ctrl+G", menu="Dial"),
    ActionSpec("filter", "&Filter", "Put the cursor into the log's filter", "Ctrl+F", menu="Log"),
    ActionSpec(
        "keys-only",
        "&Keys only",
        "Show key presses alone, without calls and the IVR's steps",
        "Ctrl+K",
        checkable=True,
        menu="Log",
    ),
    ActionSpec(
        "all-refused",
        "All &refused bursts",
        "Show also what was refused as speech or noise: it was hardly meant as a key",
        "Ctrl+Shift+K",
        checkable=True,
        menu="Log",
    ),
    ActionSpec(
        "mask",
        "&Hide digits",
        "Hide digits in the window and in all that is copied or exported",
        "Ctrl+Shift+P",
        checkable=True,
        menu="Log",
    ),
    ActionSpec("copy", "&Copy rows", "Copy the selected rows, or all that are shown", "Ctrl+C", menu="Log"),
    ActionSpec("export", "&Export…", "Save the rows that are shown as CSV or JSON lines", "Ctrl+E", menu="Log"),
    ActionSpec("clear", "C&lear", "Empty the log; this can be undone", "Ctrl+Shift+Backspace", menu="Log"),
    ActionSpec(
        "mute",
        "&Mute microphone",
        "Send silence instead of the microphone",
        "Ctrl+M",
        checkable=True,
        menu="Sound",
    ),
    ActionSpec("pause", "&Pause analyzer", "Freeze the picture; the call goes on", "Ctrl+P", menu="View"),
    ActionSpec(
        "fold",
        "&Fold away analyzer and log",
        "Leave only the phone",
        "Ctrl+B",
        checkable=True,
        menu="View",
    ),
    ActionSpec("theme-system", "&System colours", "Light or dark as the system is", checkable=True, menu="View"),
    ActionSpec("theme-light", "&Light", "Light colours", checkable=True, menu="View"),
    ActionSpec("theme-dark", "&Dark", "Dark colours", checkable=True, menu="View"),
    ActionSpec("shortcuts", "&Keyboard shortcuts", "All shortcuts", "F1", menu="Help"),
    ActionSpec("about", "&About dtmfphone", "Version and licence", menu="Help"),
)
MENUS: Final = ("Call", "Dial", "Log", "Sound", "View", "Help")


class Actions:
    """The `QAction` of every command, by id."""

    def __init__(self, parent: QWidget) -> None:
        self._actions: dict[str, QAction] = {}
        for spec in ACTIONS:
            action = QAction(spec.title, parent)
            action.setObjectName(spec.id)
            action.setCheckable(spec.checkable)
            shortcut = QKeySequence(spec.shortcut)
            if spec.shortcut:
                action.setShortcut(shortcut)
            keys = f" ({shortcut.toString(QKeySequence.SequenceFormat.NativeText)})" if spec.shortcut else ""
            action.setToolTip(f"{spec.tip}{keys}")
            action.setStatusTip(spec.tip)
            self._actions[spec.id] = action
            parent.addAction(action)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def connect(self, **slots: Callable[[], object]) -> None:
        """Connect actions to what they do: `theme_dark=...` is the action `theme-dark`."""
        for name, slot in slots.items():
            self[name.replace("_", "-")].triggered.connect(slot)

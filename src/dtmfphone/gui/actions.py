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
    ActionSpec("answer", "&Answer", "Take the call that rings", "Ctrl+Shift+A", menu="Call"),
    ActionSpec("reject", "Re&ject", "Refuse the call that rings", "Ctrl+Shift+R", menu="Call"),
    ActionSpec("hold", "H&old", "Put the call on hold, or go on with it", "Ctrl+H", menu="Call"),
    ActionSpec(
        "transfer",
        "T&ransfer…",
        "Ask the far end to call somebody else, and leave when it did",
        "Ctrl+Shift+T",
        menu="Call",
    ),
    ActionSpec("target", "Edit &target", "Put the cursor into the target", "Ctrl+T", menu="Call"),
    ActionSpec("accounts", "Accou&nts…", "Add, edit and remove SIP accounts", "Ctrl+,", menu="Call"),
    ActionSpec(
        "serve",
        "Let the &IVR answer calls",
        "Let the built-in IVR answer other phones and browsers, at the addresses that were chosen",
        checkable=True,
        menu="Call",
    ),
    ActionSpec(
        "serve-where", "Answer &where…", "Choose the IVR and the addresses at which it answers", "Ctrl+I", menu="Call"
    ),
    ActionSpec(
        "shadows",
        "&Shadow collectors…",
        "Put digit collectors on all calls that only watch, to see what a LiveKit agent would make of the keys",
        "Ctrl+Shift+S",
        menu="Call",
    ),
    ActionSpec(
        "speech", "Speech &recognition…", "Choose what recognises the words of those who call the IVR", menu="Call"
    ),
    ActionSpec("restart", "R&estart the engine", "End all calls and start the engine anew", menu="Call"),
    ActionSpec("quit", "&Quit", "Hang up and close the window", "Ctrl+Q", menu="Call"),
    ActionSpec("dial-string", "Edit &dial string", "Put the cursor into the dial string", "Ctrl+L", menu="Dial"),
    ActionSpec("say", "Sa&y words", "Put the cursor into the words to say", "Ctrl+S", menu="Dial"),
    ActionSpec("paste", "&Paste into dial string", "Replace the dial string by what was copied", "Ctrl+V", menu="Dial"),
    ActionSpec("send", "&Send", "Send the dial string", "Ctrl+D", menu="Dial"),
    ActionSpec("stop", "S&top", "End the tone or the words, and drop what is queued", "Esc", menu="Dial"),
    ActionSpec("continue", "&Continue", "Go on without waiting for the far end", "Ctrl+G", menu="Dial"),
    ActionSpec("filter", "&Filter", "Put the cursor into the filter of log, trace or history", "Ctrl+F", menu="Log"),
    ActionSpec(
        "keys-only",
        "&Keys only",
        "Show key presses alone, without calls, words and the IVR's steps",
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
    ActionSpec(
        "follow",
        "&Follow",
        "Keep the latest SIP message, or the IVR's present node, in sight",
        "Ctrl+Shift+F",
        checkable=True,
        menu="Log",
    ),
    ActionSpec("call-again", "Call a&gain", "Call the far end of the selected call", menu="Log"),
    ActionSpec("copy", "&Copy rows", "Copy the selected rows, or all that are shown", "Ctrl+C", menu="Log"),
    ActionSpec("export", "&Export…", "Save the rows, or the picture, that are shown to a file", "Ctrl+E", menu="Log"),
    ActionSpec(
        "clear", "C&lear", "Empty log, trace or history; this can be undone", "Ctrl+Shift+Backspace", menu="Log"
    ),
    ActionSpec(
        "mute",
        "&Mute microphone",
        "Send silence instead of the microphone",
        "Ctrl+M",
        checkable=True,
        menu="Sound",
    ),
    ActionSpec("show-log", "&Event log", "Show the event log", "Ctrl+1", checkable=True, menu="View"),
    ActionSpec("show-trace", "SIP &trace", "Show the SIP messages", "Ctrl+2", checkable=True, menu="View"),
    ActionSpec("show-history", "&History", "Show earlier calls", "Ctrl+3", checkable=True, menu="View"),
    ActionSpec("show-ivr", "&IVR graph", "Show where in its script the IVR is", "Ctrl+4", checkable=True, menu="View"),
    ActionSpec("zoom-in", "Zoom &in", "Show the IVR graph larger", "Ctrl++", menu="View"),
    ActionSpec("zoom-out", "Zoom &out", "Show the IVR graph smaller", "Ctrl+-", menu="View"),
    ActionSpec("zoom-whole", "&100 %", "Show the IVR graph in its own size", "Ctrl+0", menu="View"),
    ActionSpec("zoom-fit", "&Whole graph", "Show all of the IVR graph, or at least its width", "Ctrl+9", menu="View"),
    ActionSpec("nodes", "Go to &node…", "Look at a node of the IVR graph, from a list", "Ctrl+J", menu="View"),
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
ALSO: Final = {"zoom-in": ("Ctrl+=",)}
"""More shortcuts: the same key where `+` needs Shift."""
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
                action.setShortcuts([shortcut, *(QKeySequence(more) for more in ALSO.get(spec.id, ()))])
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

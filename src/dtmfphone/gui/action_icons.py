"""Icons of actions, in the colours of the theme; that of *Hold* also shows what it does next."""

from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence

from dtmfphone.gui.actions import Actions
from dtmfphone.gui.call_model import CallModel
from dtmfphone.gui.icons import themed_icon
from dtmfphone.gui.look import Look

ICONS: Final = (
    "transfer",
    "keys-only",
    "mask",
    "follow",
    "copy",
    "export",
    "clear",
    "call-again",
    "zoom-in",
    "zoom-out",
    "zoom-fit",
    "shadows",
    "nodes",
)


class ActionIcons(QObject):
    """Draws the icons anew when the theme changes."""

    def __init__(self, actions: Actions, call: CallModel, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions
        self._call = call
        self._look = look
        self._hold_shown: tuple[bool, str] | None = None
        look.changed.connect(self._draw)
        call.changed.connect(self._show_hold)
        self._draw()

    def _draw(self) -> None:
        for name in ICONS:
            self._actions[name].setIcon(themed_icon(name, self._look.theme))
        self._show_hold()

    def _show_hold(self) -> None:
        held = self._call.held_here
        action = self._actions["hold"]
        if (held, self._look.theme.name) != self._hold_shown:
            self._hold_shown = (held, self._look.theme.name)
            action.setIcon(themed_icon("resume" if held else "hold", self._look.theme))
            action.setText("Res&ume" if held else "H&old")
            words = "Go on with the call" if held else "Put the call on hold"
            action.setToolTip(f"{words} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")

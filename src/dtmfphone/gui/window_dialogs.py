"""The dialogs that the window's actions open, one of each kind at a time."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtWidgets import QDialog, QWidget

from dtmfphone.gui.accounts_dialog import AccountsDialog
from dtmfphone.gui.dialogs import AboutDialog, ShortcutsDialog
from dtmfphone.gui.look import Look
from dtmfphone.gui.serve_dialog import ServeDialog
from dtmfphone.gui.session import Session
from dtmfphone.gui.settings import Settings
from dtmfphone.gui.shadow_dialog import ShadowDialog
from dtmfphone.gui.speech_dialog import SpeechDialog
from dtmfphone.gui.transfer_dialog import TransferDialog

D = TypeVar("D", bound=QDialog)


class WindowDialogs:
    """Opens dialogs over a window; each method brings an open one to the top."""

    def __init__(self, window: QWidget, session: Session, settings: Settings, look: Look) -> None:
        self._window = window
        self._session = session
        self._settings = settings
        self._look = look

    def transfer(self) -> None:
        """Ask whom to transfer the call to."""
        session, targets = self._session, self._settings.targets
        self._bring_up(TransferDialog, lambda: TransferDialog(session.call, targets, self._window))

    def accounts(self, name: str | bool = "") -> None:
        """Show the accounts, this one first."""
        accounts = self._session.accounts
        dialog = self._bring_up(AccountsDialog, lambda: AccountsDialog(accounts, self._look, self._window))
        if isinstance(name, str) and name:
            dialog.edit(name)

    def serve(self) -> None:
        """Choose where an IVR answers."""
        self._bring_up(ServeDialog, lambda: ServeDialog(self._session.serve, self._look, self._window))

    def shadows(self) -> None:
        """Choose shadow collectors."""
        self._bring_up(ShadowDialog, lambda: ShadowDialog(self._session.shadows, self._window))

    def speech(self) -> None:
        """Choose what recognises words."""
        self._bring_up(SpeechDialog, lambda: SpeechDialog(self._session.speech, self._window))

    def shortcuts(self) -> None:
        """Show all shortcuts."""
        self._bring_up(ShortcutsDialog, lambda: ShortcutsDialog(self._window))

    def about(self) -> None:
        """Say what this is."""
        self._bring_up(AboutDialog, lambda: AboutDialog(self._window))

    def _bring_up(self, kind: type[D], make: Callable[[], D]) -> D:
        shown = (dialog for dialog in self._window.findChildren(kind) if dialog.isVisible())
        dialog = next(shown, None) or make()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

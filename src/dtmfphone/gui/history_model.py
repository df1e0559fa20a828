"""Earlier calls as a table, the latest first."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QIcon

from dtmfphone.engine.events import AnyEvent, CallChanged, Started
from dtmfphone.gui.history_rows import TITLES, Column, cell, result
from dtmfphone.gui.icons import themed_icon
from dtmfphone.gui.status_model import Message
from dtmfphone.gui.theme import DARK, Theme
from dtmfphone.history import History, Outcome, PastCall

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
LIMIT: Final = 500


class HistoryModel(QAbstractTableModel):
    """Follows the phone's calls and keeps each when it is over; digits of far ends are no secret and stay."""

    message = Signal(object)
    missed = Signal(object)
    """A call that nobody took (a `PastCall`)."""

    def __init__(
        self,
        store: History | None = None,
        parent: QObject | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone(),
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._now = now
        self._calls: list[PastCall] = []
        """The latest first."""
        self._visible: list[int] = []
        self._words: tuple[str, ...] = ()
        self._cleared: list[PastCall] = []
        self._open: dict[str, _OpenCall] = {}
        self.set_theme(DARK)

    @property
    def total(self) -> int:
        """The number of calls, those included that do not pass the filter."""
        return len(self._calls)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of calls that pass the filter."""
        return 0 if parent.isValid() else len(self._visible)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid() or index.row() >= len(self._visible):
            return None
        call, column = self.at(index.row()), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell(call, column)
            case Qt.ItemDataRole.DecorationRole if column == Column.DIRECTION:
                return self._icon(call)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ForegroundRole:
                if column in (Column.RESULT, Column.TIME, Column.ACCOUNT):
                    return self._colours["bad" if column == Column.RESULT and _sad(call) else "muted"]
                return self._colours["text"]
            case Qt.ItemDataRole.ToolTipRole:
                return f"{call.direction}: {call.far_end}\n{call.began:%Y-%m-%d %H:%M:%S}\n{result(call)}"
            case Qt.ItemDataRole.AccessibleTextRole:
                words = call.direction if column == Column.DIRECTION else cell(call, column)
                return f"{TITLES[column] or 'Direction'} {words or 'empty'}"
        return None

    def at(self, row: int) -> PastCall:
        """Return the call in a visible row."""
        return self._calls[self._visible[row]]

    def shown(self) -> list[PastCall]:
        """Return the visible calls from top to bottom."""
        return [self.at(row) for row in range(len(self._visible))]

    def load(self) -> None:
        """Read what was kept."""
        if self._store is not None:
            try:
                calls = self._store.all()
            except OSError as error:
                text = f"The history cannot be read: {error.strerror or error}."
                self.message.emit(Message("warning", text, f"Mend the access rights of {self._store.path}."))
                return
            self.beginResetModel()
            self._calls = list(reversed(calls))
            self._visible = self._matching()
            self.endResetModel()

    def set_filter(self, text: str) -> None:
        """Show only calls in which every word occurs."""
        words = tuple(text.lower().split())
        if words != self._words:
            self.beginResetModel()
            self._words = words
            self._visible = self._matching()
            self.endResetModel()

    def set_theme(self, theme: Theme) -> None:
        """Take colours from a theme."""
        self._colours = {"muted": QColor(theme.muted), "text": QColor(theme.text), "bad": QColor(theme.bad)}
        self._icons = {name: themed_icon(name, theme, 16) for name in ("call-out", "call-in", "call-missed")}
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(TITLES) - 1))

    def clear(self) -> int:
        """Forget all calls and return their number; `restore` brings them back."""
        self.beginResetModel()
        self._cleared, self._calls, self._visible = self._calls, [], []
        self.endResetModel()
        if self._store is not None:
            try:
                self._store.clear()
            except OSError as error:
                self._tell(error)
        return len(self._cleared)

    def restore(self) -> None:
        """Bring back what was cleared last."""
        later, back = self._calls, self._cleared
        self._cleared = []
        self.beginResetModel()
        self._calls = [*later, *back][:LIMIT]
        self._visible = self._matching()
        self.endResetModel()
        if self._store is not None:
            try:
                self._store.clear()
                for call in reversed(self._calls):
                    self._store.append(call)
            except OSError as error:
                self._tell(error)

    def give_up(self) -> None:
        """Note that a person refuses the call that rings, or hangs up."""
        for open_call in self._open.values():
            open_call.given_up = True

    def on_event(self, event: AnyEvent) -> None:
        """Follow the engine."""
        match event:
            case Started():
                self._open.clear()
            case CallChanged(leg="phone"):
                self._follow(event)

    def on_lost(self) -> None:
        """The engine is gone: what was open is over."""
        for open_call in list(self._open.values()):
            self._close(open_call, "The engine stopped.", open_call.last)
        self._open.clear()

    def _follow(self, event: CallChanged) -> None:
        open_call = self._open.get(event.call)
        if open_call is None:
            open_call = _OpenCall(event, self._now())
            self._open[event.call] = open_call
        open_call.follow(event)
        if event.state in ("ended", "failed"):
            del self._open[event.call]
            self._close(open_call, event.reason, event.t)

    def _close(self, open_call: "_OpenCall", reason: str, t: float) -> None:
        if not open_call.far_end:
            return
        call = PastCall(
            began=open_call.began,
            direction="incoming" if open_call.incoming else "outgoing",
            far_end=open_call.far_end,
            account=open_call.account,
            outcome=open_call.outcome,
            reason=reason,
            duration=t - open_call.up_at if open_call.up_at is not None else 0.0,
        )
        self._add(call)
        if call.outcome == "missed":
            self.missed.emit(call)

    def _add(self, call: PastCall) -> None:
        self._calls.insert(0, call)
        self._visible = [number + 1 for number in self._visible]
        if self._passes(call):
            self.beginInsertRows(QModelIndex(), 0, 0)
            self._visible.insert(0, 0)
            self.endInsertRows()
        if self._store is not None:
            try:
                self._store.append(call)
            except OSError as error:
                self._tell(error)

    def _matching(self) -> list[int]:
        return [number for number, call in enumerate(self._calls) if self._passes(call)]

    def _passes(self, call: PastCall) -> bool:
        hay = f"{call.direction} {call.far_end} {call.account} {result(call)} {call.began:%Y-%m-%d}".lower()
        return all(word in hay for word in self._words)

    def _icon(self, call: PastCall) -> QIcon:
        if call.outcome == "missed":
            return self._icons["call-missed"]
        return self._icons["call-in" if call.direction == "incoming" else "call-out"]

    def _tell(self, error: OSError) -> None:
        text = f"The history was not saved: {error.strerror or error}."
        self.message.emit(Message("warning", text, "It stays until the window is closed."))


class _OpenCall:
    """A call that is not over."""

    def __init__(self, event: CallChanged, began: datetime) -> None:
        self.began = began
        self.incoming = False
        self.far_end = self.account = ""
        self.up_at: float | None = None
        self.last = event.t
        self.given_up = False

    def follow(self, event: CallChanged) -> None:
        """Learn from a change."""
        self.incoming = self.incoming or event.direction == "incoming"
        self.far_end = event.target or self.far_end
        self.account = event.account or self.account
        self.last = event.t
        if event.state == "up" and self.up_at is None:
            self.up_at = event.t

    @property
    def outcome(self) -> Outcome:
        """Return how the call came out."""
        if self.up_at is not None:
            return "answered"
        if self.incoming:
            return "rejected" if self.given_up else "missed"
        return "cancelled" if self.given_up else "failed"


def _sad(call: PastCall) -> bool:
    return call.outcome in ("failed", "missed")


def _alignment(column: int) -> int:
    side = Qt.AlignmentFlag.AlignRight if column == Column.DURATION else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)

"""The SIP messages of this session as a list: bounded, filtered by call and by text."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from dtmfphone.engine.events import AnyEvent, SignallingMessage
from dtmfphone.engine.masking import mask
from dtmfphone.gui.trace_rows import TraceRow, trace_row

LIMIT: Final = 5000
"""Messages that are kept; beyond it the oldest go."""
DROP: Final = 500
"""How many go at once."""
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class TraceModel(QAbstractListModel):
    """Rows of messages, and the lanes of those that pass the filter."""

    lanes_changed = Signal()
    dialogs_changed = Signal()

    def __init__(self, parent: QObject | None = None, limit: int = LIMIT) -> None:
        super().__init__(parent)
        self._limit = limit
        self._rows: list[TraceRow] = []
        self._visible: list[int] | None = None
        """Row numbers that pass the filter; None: all."""
        self._seen: Counter[tuple[str, str, str]] = Counter()
        self._lanes: Counter[str] = Counter()
        self._words: tuple[str, ...] = ()
        self._masked = False
        self._cleared: list[TraceRow] = []
        self.dialog = ""
        """Call-ID of the only call that is shown; empty: all."""
        self.dialogs: dict[str, str] = {}
        """What each Call-ID began with."""

    @property
    def total(self) -> int:
        """The number of messages, those included that do not pass the filter."""
        return len(self._rows)

    @property
    def lanes(self) -> tuple[str, ...]:
        """The far ends' addresses among the visible rows, in the order in which they came."""
        return tuple(self._lanes)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of messages that pass the filter."""
        if parent.isValid():
            return 0
        return len(self._rows) if self._visible is None else len(self._visible)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row says."""
        if not index.isValid() or index.row() >= self.rowCount():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.at(index.row()).spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            row = self.at(index.row())
            return f"{row.label}{' (sent again)' if row.repeated else ''}"
        return None

    def at(self, row: int) -> TraceRow:
        """Return a visible row, digits hidden when they shall be."""
        kept = self._rows[row if self._visible is None else self._visible[row]]
        return trace_row(mask(kept.message), repeated=kept.repeated) if self._masked else kept

    def pause_before(self, row: int) -> float | None:
        """Return the seconds since the visible row before; None for the first, also of another engine."""
        pause = self._raw(row).message.t - self._raw(row - 1).message.t if row else -1.0
        return pause if pause >= 0 else None

    def shown(self) -> list[SignallingMessage]:
        """Return the visible messages from top to bottom."""
        return [self.at(row).message for row in range(self.rowCount())]

    def append(self, batch: Iterable[AnyEvent]) -> None:
        """Take a batch of events; all but SIP messages are passed over."""
        if fresh := [self._row(event) for event in batch if isinstance(event, SignallingMessage)]:
            self._extend(fresh[-self._limit :])
        if len(self._rows) > self._limit:
            self._drop(max(len(self._rows) - self._limit, min(DROP, self._limit // 2)))

    def set_filter(self, text: str) -> None:
        """Show only messages in which every word occurs."""
        words = tuple(text.lower().split())
        if words != self._words:
            self._words = words
            self._refilter()

    def set_dialog(self, dialog: str) -> None:
        """Show only the messages of one Call-ID; empty: of all."""
        if dialog != self.dialog:
            self.dialog = dialog
            self._refilter()

    def set_masked(self, masked: bool) -> None:
        """Hide digits in the view and in all that is copied or exported from it."""
        if masked != self._masked:
            self._masked = masked
            self._refilter()

    def clear(self) -> int:
        """Empty the trace and return the number of messages that went; `restore` brings them back."""
        gone, self._rows = self._rows, []
        self._cleared, self.dialog = gone, ""
        self._recount()
        self._refilter()
        return len(gone)

    def restore(self) -> None:
        """Bring back what was cleared last, before the messages that came since."""
        kept = self._cleared[max(0, len(self._cleared) + len(self._rows) - self._limit) :]
        self._rows, self._cleared = kept + self._rows, []
        self._recount()
        self._refilter()

    def _raw(self, row: int) -> TraceRow:
        return self._rows[row if self._visible is None else self._visible[row]]

    def _row(self, message: SignallingMessage) -> TraceRow:
        way = (message.direction, message.remote, message.text)
        self._seen[way] += 1
        return trace_row(message, repeated=self._seen[way] > 1)

    def _extend(self, fresh: list[TraceRow]) -> None:
        first = len(self._rows)
        passing = [number for number, row in enumerate(fresh, first) if self._passes(row)]
        if passing:
            count = self.rowCount()
            self.beginInsertRows(QModelIndex(), count, count + len(passing) - 1)
        self._rows += fresh
        if self._visible is not None:
            self._visible += passing
        if passing:
            self.endInsertRows()
        self._count_lanes(self._rows[number] for number in passing)
        self._name_dialogs(fresh)

    def _drop(self, count: int) -> None:
        gone, going = self._rows[:count], count
        if self._visible is not None:
            going = sum(number < count for number in self._visible)
        if going:
            self.beginRemoveRows(QModelIndex(), 0, going - 1)
        del self._rows[:count]
        if self._visible is not None:
            self._visible = [number - count for number in self._visible[going:]]
        if going:
            self.endRemoveRows()
        for row in gone:
            way = (row.message.direction, row.message.remote, row.message.text)
            self._seen[way] -= 1
            if self._seen[way] <= 0:
                del self._seen[way]
        self._lanes.clear()
        self._count_lanes(self._raw(row) for row in range(self.rowCount()))
        self.dialogs.clear()
        self._name_dialogs(self._rows)

    def _refilter(self) -> None:
        self.beginResetModel()
        if self._words or self.dialog:
            self._visible = [number for number, row in enumerate(self._rows) if self._passes(row)]
        else:
            self._visible = None
        self._lanes.clear()
        self.endResetModel()
        self._count_lanes(self._raw(row) for row in range(self.rowCount()))

    def _passes(self, row: TraceRow) -> bool:
        if self.dialog and row.message.dialog != self.dialog:
            return False
        if not self._words:
            return True
        hay = trace_row(mask(row.message)).haystack if self._masked else row.haystack
        return all(word in hay for word in self._words)

    def _recount(self) -> None:
        self._seen = Counter((row.message.direction, row.message.remote, row.message.text) for row in self._rows)
        self.dialogs.clear()
        self._name_dialogs(self._rows)

    def _count_lanes(self, rows: Iterable[TraceRow]) -> None:
        before = len(self._lanes)
        self._lanes.update(row.lane for row in rows)
        if len(self._lanes) != before or not before:
            self.lanes_changed.emit()

    def _name_dialogs(self, rows: Iterable[TraceRow]) -> None:
        before = len(self.dialogs)
        for row in rows:
            if row.message.dialog:
                self.dialogs.setdefault(row.message.dialog, row.label)
        if len(self.dialogs) != before or not before:
            self.dialogs_changed.emit()

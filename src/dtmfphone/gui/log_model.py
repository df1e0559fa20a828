"""The event log as a table: fast at 100 000 rows."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from dtmfphone.engine.events import AnyEvent, CallChanged, IvrStep, Sighting, SightingStarted, Utterance
from dtmfphone.engine.masking import MASK, mask
from dtmfphone.gui.log_rows import (
    PLAIN_MARK,
    PRESS_MARK,
    TITLES,
    UNITS,
    Column,
    KeyEvent,
    LogEvent,
    cell,
    details,
    haystack,
    key_needle,
    log_event,
    set_key,
)
from dtmfphone.gui.theme import DARK, Theme

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_RIGHT = {Column.TIME, Column.DURATION, Column.LEVEL, Column.TWIST}
_ONE_KEY = frozenset("0123456789*#abcd")


class LogModel(QAbstractTableModel):
    """Rows of events, a filter over them as an array of row numbers, digits hidden on demand.

    A sighting's row appears with its confirmed `SightingStarted` and is completed in place by its `Sighting`.
    """

    def __init__(self, parent: QObject | None = None, theme: Theme = DARK) -> None:
        super().__init__(parent)
        self._events: list[LogEvent] = []
        self._haystacks: list[str] = []
        self._visible: list[int] | None = []
        """Row numbers that pass the filter; None: all."""
        self._open: dict[str, int] = {}
        """Rows of sightings that have not ended, by id."""
        self._filter: tuple[str, ...] = ()
        self._keys_only = False
        self._all_refused = False
        self._background = 0
        """Rows of what was refused as speech or noise."""
        self._masked = False
        self._cleared: list[LogEvent] = []
        self._key_font = QFont()
        self._key_font.setBold(True)
        self.set_theme(theme)

    @property
    def total(self) -> int:
        """The number of rows, those included that do not pass the filter."""
        return len(self._events) - (0 if self._all_refused else self._background)

    @property
    def masked(self) -> bool:
        """Whether digits are hidden."""
        return self._masked

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of rows that pass the filter."""
        if parent.isValid():
            return 0
        return len(self._events) if self._visible is None else len(self._visible)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return UNITS.get(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid() or index.row() >= self.rowCount():
            return None
        column = index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.FontRole:
            return self._key_font if column == Column.KEY else None
        event = self.at(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return cell(event, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(event, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return details(event) or (cell(event, column) if column == Column.NOTE else None)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{TITLES[column]} {cell(event, column) or 'empty'}"
        return None

    def at(self, row: int) -> LogEvent:
        """Return what stands in a visible row, digits hidden when they shall be."""
        event = self._events[row if self._visible is None else self._visible[row]]
        return _hide(event) if self._masked else event

    def shown(self) -> list[LogEvent]:
        """Return the visible rows from top to bottom."""
        return [self.at(row) for row in range(self.rowCount())]

    def append(self, batch: Iterable[AnyEvent]) -> None:
        """Take a batch of events; those that the log does not show are passed over."""
        fresh: list[LogEvent] = []
        first = len(self._events)
        for event in batch:
            kept = log_event(event)
            if kept is None:
                continue
            if isinstance(kept, Sighting) and (row := self._open.pop(kept.id, None)) is not None:
                if row >= first:
                    fresh[row - first] = kept
                else:
                    self._replace(row, kept)
                continue
            if isinstance(kept, SightingStarted):
                self._open[kept.id] = first + len(fresh)
            fresh.append(kept)
        if fresh:
            self._extend(fresh)

    def set_filter(self, text: str) -> None:
        """Show only rows in which every word occurs; a word of one key finds that key alone."""
        words = tuple(key_needle(word) if word in _ONE_KEY else word for word in text.lower().split())
        if words != self._filter:
            self._filter = words
            self._refilter()

    def set_keys_only(self, keys_only: bool) -> None:
        """Show key presses alone, or calls, words, the IVR's steps and refused bursts too."""
        if keys_only != self._keys_only:
            self._keys_only = keys_only
            self._refilter()

    def set_all_refused(self, all_refused: bool) -> None:
        """Show what was refused as speech or noise too."""
        if all_refused != self._all_refused:
            self._all_refused = all_refused
            self._refilter()

    def set_masked(self, masked: bool) -> None:
        """Hide digits in the view and in all that is copied or exported from it."""
        if masked != self._masked:
            self.beginResetModel()
            self._masked = masked
            self._haystacks = [
                set_key(hay, MASK if masked else event.key)
                if isinstance(event, KeyEvent)
                else haystack(_hide(event) if masked else event)
                for event, hay in zip(self._events, self._haystacks, strict=True)
            ]
            self._visible = self._matching()
            self.endResetModel()

    def set_theme(self, theme: Theme) -> None:
        """Take colours from a theme."""
        self._colours = {
            "muted": QColor(theme.muted),
            "text": QColor(theme.text),
            "sent": QColor(theme.sent),
            "received": QColor(theme.received),
            "bad": QColor(theme.bad),
        }
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(TITLES) - 1))

    def clear(self) -> int:
        """Empty the log and return the number of rows that went; `restore` brings them back."""
        self.beginResetModel()
        self._cleared = self._events
        self._events, self._haystacks, self._open, self._background = [], [], {}, 0
        self._visible = self._matching()
        self.endResetModel()
        return len(self._cleared)

    def restore(self) -> None:
        """Bring back what was cleared last, before the rows that came since."""
        cleared, self._cleared = self._cleared, []
        if not cleared:
            return
        self.beginResetModel()
        ended = {event.id: event for event in self._events if isinstance(event, Sighting)}
        started = {event.id for event in cleared if isinstance(event, SightingStarted)}
        rows = [ended.get(event.id, event) if isinstance(event, SightingStarted) else event for event in cleared]
        rows += [event for event in self._events if not isinstance(event, Sighting) or event.id not in started]
        self._events = rows
        self._open = {event.id: row for row, event in enumerate(rows) if isinstance(event, SightingStarted)}
        self._haystacks = [haystack(_hide(event) if self._masked else event) for event in rows]
        self._background = len([hay for hay in self._haystacks if PLAIN_MARK not in hay])
        self._visible = self._matching()
        self.endResetModel()

    def _extend(self, fresh: list[LogEvent]) -> None:
        haystacks = [haystack(_hide(event) if self._masked else event) for event in fresh]
        self._background += len([hay for hay in haystacks if PLAIN_MARK not in hay])
        first = len(self._events)
        if self._visible is None:
            self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
            self._events += fresh
            self._haystacks += haystacks
            self.endInsertRows()
            return
        words = self._words()
        rows = [row for row, hay in enumerate(haystacks, first) if all(word in hay for word in words)]
        if rows:
            self.beginInsertRows(QModelIndex(), len(self._visible), len(self._visible) + len(rows) - 1)
        self._events += fresh
        self._haystacks += haystacks
        if rows:
            self._visible += rows
            self.endInsertRows()

    def _replace(self, row: int, event: LogEvent) -> None:
        hay = haystack(_hide(event) if self._masked else event)
        self._events[row], self._haystacks[row] = event, hay
        if self._visible is None:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(TITLES) - 1))
            return
        place = bisect_left(self._visible, row)
        was_visible = place < len(self._visible) and self._visible[place] == row
        match was_visible, all(word in hay for word in self._words()):
            case True, True:
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(TITLES) - 1))
            case True, False:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._visible[place]
                self.endRemoveRows()
            case False, True:
                self.beginInsertRows(QModelIndex(), place, place)
                self._visible.insert(place, row)
                self.endInsertRows()

    def _refilter(self) -> None:
        self.beginResetModel()
        self._visible = self._matching()
        self.endResetModel()

    def _matching(self) -> list[int] | None:
        words, hays = self._words(), self._haystacks
        if not words:
            return None
        rows = [row for row, hay in enumerate(hays) if words[0] in hay]
        for word in words[1:]:
            rows = [row for row in rows if word in hays[row]]
        return rows

    def _words(self) -> tuple[str, ...]:
        needed = [PRESS_MARK] if self._keys_only else [] if self._all_refused else [PLAIN_MARK]
        return (*needed, *self._filter)

    def _colour(self, event: LogEvent, column: int) -> QColor:
        match event:
            case Sighting() | SightingStarted() | Utterance() if column == Column.DIRECTION:
                return self._colours[event.direction]
            case Sighting() | SightingStarted():
                return self._colours["muted" if column in (Column.TIME, Column.NOTE) else "text"]
            case Utterance() | IvrStep(action="key"):
                return self._colours["muted" if column == Column.TIME else "text"]
            case CallChanged(state="failed"):
                return self._colours["bad"]
            case _:  # refused bursts are as quiet as the steps of a call
                return self._colours["muted"]


def _hide(event: LogEvent) -> LogEvent:
    hidden = log_event(mask(event))
    assert hidden is not None
    return hidden


def _alignment(column: int) -> int:
    if column == Column.KEY:
        return int(Qt.AlignmentFlag.AlignCenter)
    side = Qt.AlignmentFlag.AlignRight if column in _RIGHT else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)

"""Event log, SIP trace, history and IVR graph in one place: a tab each, with the tools of the one that is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from dtmfphone.gui.look import scaled
from dtmfphone.gui.widgets import Card, set_kind

PADDING: Final = 20


@dataclass(frozen=True)
class Page:
    """A pane with what belongs into the row of the tabs."""

    id: str
    title: str
    body: QWidget
    head: QWidget


class PaneTabs(Card):
    """One page at a time."""

    changed = Signal(str)

    def __init__(self, pages: Sequence[Page], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages = tuple(pages)
        self._heads = QStackedWidget()
        self._heads.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._bodies = QStackedWidget()
        self._group = QButtonGroup(self)
        self.tabs: dict[str, QPushButton] = {}
        row = QHBoxLayout()
        row.setContentsMargins(2, 0, 6, 0)
        row.setSpacing(2)
        for number, page in enumerate(self._pages):
            tab = QPushButton(page.title)
            set_kind(tab, "tab")
            tab.setCheckable(True)
            tab.setAccessibleName(page.title)
            tab.setMinimumWidth(_bold_width(tab, page.title))
            self._group.addButton(tab, number)
            self.tabs[page.id] = tab
            row.addWidget(tab)
            self._heads.addWidget(page.head)
            self._bodies.addWidget(page.body)
        row.addSpacing(4)
        row.addWidget(self._heads, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 7, 4, 4)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self._bodies, 1)
        self._group.idClicked.connect(lambda number: self.show_page(self._pages[number].id))
        self.show_page(self._pages[0].id)

    @property
    def current(self) -> str:
        """The page that is shown."""
        return self._pages[self._bodies.currentIndex()].id

    def show_page(self, name: str) -> None:
        """Show a page."""
        number = next(number for number, page in enumerate(self._pages) if page.id == name)
        self._heads.setCurrentIndex(number)
        self._bodies.setCurrentIndex(number)
        self.tabs[name].setChecked(True)
        self.changed.emit(name)

    def mark(self, name: str, text: str) -> None:
        """Say something beside a tab's title, such as a number of missed calls."""
        page = next(page for page in self._pages if page.id == name)
        title = f"{page.title} {text}" if text else page.title
        self.tabs[name].setText(title)
        self.tabs[name].setMinimumWidth(_bold_width(self.tabs[name], title))


def _bold_width(tab: QPushButton, title: str) -> int:
    font = scaled(tab.font(), 1.0, weight=QFont.Weight.DemiBold)
    return QFontMetrics(font).horizontalAdvance(title) + PADDING

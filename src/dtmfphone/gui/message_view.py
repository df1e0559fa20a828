"""One SIP message as it passed on the wire."""

import re
from typing import Final

from PySide6.QtGui import QColor, QFont, QFontDatabase, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.trace_rows import TraceRow, heading
from dtmfphone.gui.widgets import ElidedLabel, set_tone

_HEADER: Final = re.compile(r"([\w!%*+'`~.-]+)[ \t]*:")
_BODY: Final = 1
"""Block state: past the empty line that ends the headers."""


class MessageColours(QSyntaxHighlighter):
    """Start line and header names stand out; the body is as it is."""

    def __init__(self, document: QTextDocument, look: Look) -> None:
        super().__init__(document)
        self._look = look
        self._first = ""
        look.changed.connect(self.rehighlight)

    def set_tone(self, tone: str) -> None:
        """Colour the start line."""
        self._first = tone

    def highlightBlock(self, text: str) -> None:
        theme = self._look.theme
        if self.currentBlock().blockNumber() == 0:
            style = QTextCharFormat()
            style.setForeground(QColor(getattr(theme, self._first or "text")))
            style.setFontWeight(QFont.Weight.DemiBold)
            self.setFormat(0, len(text), style)
            self.setCurrentBlockState(0)
            return
        body = self.previousBlockState() == _BODY or not text
        self.setCurrentBlockState(_BODY if body else 0)
        if not body and (match := _HEADER.match(text)):
            style = QTextCharFormat()
            style.setForeground(QColor(theme.muted))
            self.setFormat(0, match.end(), style)


class MessageView(QFrame):
    """Heading and text; the text can be selected and copied."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = ElidedLabel()
        self.heading.setFont(scaled(self.font(), 0.88, tabular=True))
        set_tone(self.heading, "quiet")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("SIP message")
        self.text.setPlaceholderText("Select a message to read it.")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(scaled(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont), 0.95))
        self.text.setTabChangesFocus(True)
        self._colours = MessageColours(self.text.document(), look)
        self._shown: TraceRow | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 2, 6, 4)
        layout.setSpacing(3)
        layout.addWidget(self.heading)
        layout.addWidget(self.text, 1)

    def show_row(self, row: TraceRow | None) -> None:
        """Show a message, or none."""
        if row == self._shown:
            return
        self._shown = row
        self._colours.set_tone(row.tone if row else "")
        self.heading.set_whole(heading(row.message) if row else "")
        self.text.setPlainText(row.message.text.replace("\r\n", "\n") if row else "")

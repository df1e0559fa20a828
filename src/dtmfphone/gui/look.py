"""Puts a theme on the application: palette first, a short style sheet for the rest."""

from PySide6.QtCore import QDir, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from dtmfphone.assets import assets
from dtmfphone.gui.theme import DARK, LIGHT, Theme, ThemeChoice

_SEARCH_PREFIX = "dtmfphoneicons"


class Look(QObject):
    """The theme in use; follows the system's colour scheme when told to."""

    changed = Signal(object)

    def __init__(self, app: QApplication, choice: ThemeChoice = "system") -> None:
        super().__init__(app)
        self._app = app
        self.choice: ThemeChoice = choice
        QDir.setSearchPaths(_SEARCH_PREFIX, [str(assets() / "icons")])
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.theme = self._wanted()
        self._apply()

    def choose(self, choice: ThemeChoice) -> None:
        """Use a theme from now on."""
        self.choice = choice
        self._follow_system()

    def _follow_system(self) -> None:
        if (theme := self._wanted()) != self.theme:
            self.theme = theme
            self._apply()
            self.changed.emit(theme)

    def _wanted(self) -> Theme:
        if self.choice == "system":
            return LIGHT if self._app.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK
        return LIGHT if self.choice == "light" else DARK

    def _apply(self) -> None:
        self._app.setPalette(palette(self.theme))
        self._app.setStyleSheet(style_sheet(self.theme))


def palette(theme: Theme) -> QPalette:
    """Return the theme in Qt's colour roles."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    result = QPalette()
    for each, colour in {
        role.Window: theme.bg,
        role.WindowText: theme.text,
        role.Base: theme.panel,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.bad,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Link: theme.accent,
        role.Light: theme.hover,
        role.Midlight: theme.raised,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Shadow: theme.bg,
    }.items():
        result.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(group.Disabled, each, QColor(theme.muted))
    result.setColor(group.Disabled, role.Highlight, QColor(theme.border))
    return result


def scaled(font: QFont, factor: float, *, weight: QFont.Weight | None = None, tabular: bool = False) -> QFont:
    """Return a font of another size, with digits of equal width on demand."""
    result = QFont(font)
    if font.pointSizeF() > 0:
        result.setPointSizeF(font.pointSizeF() * factor)
    else:
        result.setPixelSize(round(font.pixelSize() * factor))
    if weight is not None:
        result.setWeight(weight)
    if tabular:
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


def style_sheet(theme: Theme) -> str:
    """Return the rules that a palette cannot express."""
    t = theme
    return f"""
QFrame[card="true"] {{ background: {t.panel}; border: 1px solid {t.grid}; border-radius: 10px; }}
QFrame[card="true"][rings="true"] {{ border: 2px solid {t.accent}; }}
QLabel[quiet="true"] {{ color: {t.muted}; }}
QLabel[tone="bad"] {{ color: {t.bad}; }}
QLabel[tone="warn"] {{ color: {t.warn}; }}
QLabel[tone="accent"] {{ color: {t.accent}; }}
QLabel[tone="good"] {{ color: {t.good}; }}

QPushButton {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.border}; border-radius: 7px;
  padding: 0 12px; min-height: 30px; }}
QPushButton:hover {{ background: {t.hover}; }}
QPushButton:pressed {{ background: {t.border}; }}
QPushButton:disabled {{ color: {t.muted}; background: transparent; border-color: {t.grid}; }}
QPushButton:focus {{ border: 2px solid {t.accent}; padding: 0 11px; }}
QPushButton[kind="call"] {{ background: {t.call}; color: {t.on_call}; border-color: {t.call}; font-weight: 600; }}
QPushButton[kind="hang-up"] {{ background: {t.hang_up}; color: {t.on_call}; border-color: {t.hang_up};
  font-weight: 600; }}
QPushButton[kind="call"]:focus, QPushButton[kind="hang-up"]:focus {{ border: 2px solid {t.text}; }}
QPushButton[kind="call"]:disabled {{ background: {t.raised}; color: {t.muted}; border-color: {t.grid}; }}
QPushButton[kind="primary"]:enabled {{ background: {t.accent}; color: {t.on_accent}; border-color: {t.accent};
  font-weight: 600; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {t.text}; }}
QPushButton[compact="true"] {{ min-height: 24px; }}
QPushButton[kind="tab"] {{ background: transparent; border: 1px solid transparent; border-radius: 7px; padding: 0 9px;
  min-height: 24px; color: {t.muted}; }}
QPushButton[kind="tab"]:hover {{ background: {t.hover}; }}
QPushButton[kind="tab"]:checked {{ background: {t.raised}; color: {t.text}; border-color: {t.border};
  font-weight: 600; }}
QPushButton[kind="tab"]:focus {{ border-color: {t.accent}; padding: 0 9px; }}
QPushButton[kind="small"] {{ min-height: 20px; border-radius: 6px; padding: 0 8px; }}

QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }}
QToolButton:hover {{ background: {t.hover}; }}
QCheckBox {{ spacing: 7px; }}
QCheckBox::indicator, QListWidget::indicator {{ width: 14px; height: 14px; border: 1px solid {t.muted};
  border-radius: 4px; background: {t.raised}; }}
QCheckBox::indicator:checked, QListWidget::indicator:checked {{ background: {t.accent}; border-color: {t.accent};
  image: url({_SEARCH_PREFIX}:check-{t.name}.svg); }}
QCheckBox::indicator:focus {{ border: 2px solid {t.text}; }}

QRadioButton {{ spacing: 7px; }}
QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {t.muted}; border-radius: 7px;
  background: {t.raised}; }}
QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 4px solid {t.accent}; }}
QRadioButton::indicator:focus {{ border-color: {t.text}; }}

QToolButton:checked {{ background: {t.hover}; border-color: {t.accent}; }}
QToolButton:focus {{ border-color: {t.accent}; }}
QToolButton[line="true"] {{ padding: 0 4px; color: {t.muted}; }}
QToolButton[fold="true"] {{ padding: 3px 8px 3px 2px; }}
QToolButton[fold="true"]:checked {{ background: transparent; border-color: transparent; }}
QToolButton[fold="true"]:focus {{ border-color: {t.accent}; }}
QToolButton:disabled {{ color: {t.muted}; }}

QLineEdit, QComboBox, QAbstractSpinBox {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.border};
  border-radius: 7px; min-height: 30px; padding: 0 8px; selection-background-color: {t.accent};
  selection-color: {t.on_accent}; }}
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {{ border-color: {t.accent}; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {t.muted}; background: transparent; border-color: {t.grid}; }}
QLineEdit[problem="true"], QAbstractSpinBox[problem="true"] {{ border-color: {t.bad}; }}
QComboBox QLineEdit, QAbstractSpinBox QLineEdit {{ border: none; background: transparent; padding: 0; min-height: 0; }}
QComboBox {{ padding-right: 2px; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url({_SEARCH_PREFIX}:chevron-down-{t.name}.svg); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{ background: {t.panel}; border: 1px solid {t.border}; padding: 4px; outline: none; }}
QComboBox[compact="true"], QAbstractSpinBox[compact="true"], QLineEdit[compact="true"] {{ min-height: 24px; }}
QAbstractSpinBox {{ padding-right: 18px; }}
QAbstractSpinBox[compact="true"] {{ max-height: 24px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; background: transparent; width: 18px; }}
QAbstractSpinBox::up-button {{ subcontrol-position: top right; margin-top: 2px; }}
QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; margin-bottom: 2px; }}
QAbstractSpinBox::up-arrow {{ image: url({_SEARCH_PREFIX}:chevron-up-{t.name}.svg); width: 10px; height: 10px; }}
QAbstractSpinBox::down-arrow {{ image: url({_SEARCH_PREFIX}:chevron-down-{t.name}.svg); width: 10px; height: 10px; }}

QPlainTextEdit {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.border}; border-radius: 7px;
  padding: 3px; selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
QPlainTextEdit:focus {{ border-color: {t.accent}; }}
QListWidget {{ background: {t.panel}; border: 1px solid {t.border}; border-radius: 7px; padding: 3px; outline: none; }}
QListWidget:focus {{ border-color: {t.accent}; }}
QListWidget::item {{ padding: 3px 5px; border-radius: 5px; color: {t.text}; }}
QListWidget::item:selected {{ background: {t.hover}; color: {t.text}; }}
QListView {{ background: transparent; outline: none; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; }}
QTableView {{ background: transparent; border: none; selection-background-color: {t.hover};
  selection-color: {t.text}; }}
QTableView::item {{ padding: 0 5px; border: none; border-bottom: 1px solid {t.grid}; }}
QTableView::item:selected {{ background: {t.hover}; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{ background: transparent; color: {t.muted}; border: none; padding: 4px 8px;
  border-bottom: 1px solid {t.border}; }}

QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 11px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 11px; margin: 2px; }}
QScrollBar::handle {{ background: {t.border}; border-radius: 3px; min-height: 28px; min-width: 28px; }}
QScrollBar::handle:hover {{ background: {t.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

QMenuBar {{ background: {t.bg}; padding: 1px 6px; }}
QMenuBar::item {{ padding: 4px 9px; border-radius: 6px; background: transparent; }}
QMenuBar::item:selected {{ background: {t.hover}; }}
QMenu {{ background: {t.panel}; border: 1px solid {t.border}; padding: 5px; }}
QMenu::item {{ padding: 6px 26px 6px 26px; border-radius: 5px; }}
QMenu::item:selected {{ background: {t.hover}; }}
QMenu::item:disabled {{ color: {t.muted}; }}
QMenu::separator {{ height: 1px; background: {t.grid}; margin: 5px 8px; }}
QMenu::indicator {{ width: 12px; height: 12px; left: 8px; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.border}; padding: 4px 6px; }}
QSplitter::handle {{ background: transparent; }}
"""

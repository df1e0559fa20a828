"""Icons from `resources/icons`, in the colours of a theme."""

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from dtmfphone.assets import assets
from dtmfphone.gui.theme import Theme

_SCALES = (1, 2, 3)


def icon(name: str, colour: str, size: int = 18) -> QIcon:
    """Return an icon drawn in one colour, sharp on screens of up to triple density."""
    return _draw(_read(name).replace("currentColor", colour), size)


def themed_icon(name: str, theme: Theme) -> QIcon:
    """Return an icon for a button: quieter while the button is off."""
    both = icon(name, theme.text)
    for scale in _SCALES:
        both.addPixmap(_pixmap(_read(name).replace("currentColor", theme.border), 18, scale), QIcon.Mode.Disabled)
    return both


def app_icon() -> QIcon:
    """Return the program's icon."""
    source = _read("dtmfphone")
    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(_pixmap(source, size, 1))
    return icon


def _read(name: str) -> str:
    return (assets() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _draw(source: str, size: int) -> QIcon:
    icon = QIcon()
    for scale in _SCALES:
        icon.addPixmap(_pixmap(source, size, scale))
    return icon


def _pixmap(source: str, size: int, scale: int) -> QPixmap:
    pixmap = QPixmap(size * scale, size * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size * scale, size * scale))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap

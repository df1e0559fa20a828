"""Icons from `resources/icons`, in the colours of a theme."""

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from dtmfphone.assets import assets
from dtmfphone.gui.theme import Theme


def themed_icon(name: str, theme: Theme, size: int = 18) -> QIcon:
    """Return a button's icon, quieter while the button is off, sharp on screens of up to triple density."""
    source, icon = _read(name), QIcon()
    for scale in (1, 2, 3):
        for mode, colour in ((QIcon.Mode.Normal, theme.text), (QIcon.Mode.Disabled, theme.border)):
            icon.addPixmap(_pixmap(source.replace("currentColor", colour), size, scale), mode)
    return icon


def app_icon() -> QIcon:
    """Return the program's icon."""
    source = _read("dtmfphone")
    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(_pixmap(source, size, 1))
    return icon


def _read(name: str) -> str:
    return (assets() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _pixmap(source: str, size: int, scale: int) -> QPixmap:
    pixmap = QPixmap(size * scale, size * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size * scale, size * scale))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap

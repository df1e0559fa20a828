"""Where something can be laid over widgets without covering a control."""

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QWidget


def free_room(parent: QWidget, area: tuple[QWidget, ...], gap: int) -> QRect:
    """Return the largest room within the visible widgets of an area, beside all that takes clicks or keys there.

    Widgets of one area stand below each other; what is as wide as the narrowest of them counts. The rectangle is in
    pixels of `parent`, an ancestor of them, `gap` away from controls; null where there is none.
    Plots and tables count as no controls.
    """
    whole, taken = QRect(), QRect()
    for widget in area:
        if widget.isVisible():
            whole = _column(whole, _place(parent, widget))
            for control in _controls(widget):
                taken |= _place(parent, control)
    if taken.isNull():
        return whole
    beyond = taken.adjusted(-gap, -gap, gap, gap)
    rooms = (
        QRect(whole.topLeft(), QPoint(whole.right(), beyond.top() - 1)),
        QRect(QPoint(whole.left(), beyond.bottom() + 1), whole.bottomRight()),
        QRect(whole.topLeft(), QPoint(beyond.left() - 1, whole.bottom())),
        QRect(QPoint(beyond.right() + 1, whole.top()), whole.bottomRight()),
    )
    return max(rooms, key=size_of)


def size_of(room: QRect) -> int:
    """Return how many pixels a rectangle has."""
    return max(0, room.width()) * max(0, room.height())


def _controls(widget: QWidget) -> Iterator[QWidget]:
    """Yield what takes the focus, other than plots and tables and what is in them."""
    for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if not child.isVisible() or isinstance(child, QAbstractScrollArea):
            continue
        if child.focusPolicy() != Qt.FocusPolicy.NoFocus:
            yield child
        yield from _controls(child)


def _column(upper: QRect, lower: QRect) -> QRect:
    if upper.isNull():
        return lower
    both = upper | lower
    both.setLeft(max(upper.left(), lower.left()))
    both.setRight(min(upper.right(), lower.right()))
    return both


def _place(parent: QWidget, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(parent, QPoint()), widget.size())

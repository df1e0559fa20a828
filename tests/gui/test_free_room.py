import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from dtmfphone.gui.free_room import free_room

AREA = QRect(10, 20, 200, 100)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    parent.resize(300, 200)
    qtbot.addWidget(parent)
    return parent


class Control(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)


def area_with(parent: QWidget, *places: QRect, kind: type[QWidget] = Control) -> QWidget:
    area = QWidget(parent)
    area.setGeometry(AREA)
    for place in places:
        kind(area).setGeometry(place)
    parent.show()
    area.show()
    return area


@pytest.mark.parametrize(
    ("control", "room"),
    [
        (QRect(0, 0, 200, 20), QRect(10, 45, 200, 75)),
        (QRect(0, 80, 200, 20), QRect(10, 20, 200, 75)),
        (QRect(180, 0, 20, 100), QRect(10, 20, 175, 100)),
        (QRect(0, 0, 20, 100), QRect(35, 20, 175, 100)),
    ],
    ids=["below", "above", "left", "right"],
)
def test_the_largest_room_beside_a_control(parent: QWidget, control: QRect, room: QRect) -> None:
    assert free_room(parent, (area_with(parent, control),), 5) == room


def test_what_takes_no_clicks_takes_no_room(parent: QWidget) -> None:
    assert free_room(parent, (area_with(parent, QRect(0, 0, 50, 50), kind=QLabel),), 5) == AREA
    assert free_room(parent, (area_with(parent, QRect(0, 0, 50, 50), kind=QScrollArea),), 5) == AREA


def test_a_hidden_control_takes_no_room_and_one_within_a_group_does(parent: QWidget) -> None:
    area = area_with(parent, QRect(0, 0, 200, 50), kind=QWidget)
    group = area.findChildren(QWidget)[0]
    button = Control(group)
    button.setGeometry(0, 0, 200, 20)
    assert free_room(parent, (area,), 5) == AREA
    button.show()
    assert free_room(parent, (area,), 5) == QRect(10, 45, 200, 75)


def test_two_widgets_make_one_area(parent: QWidget) -> None:
    upper, lower = area_with(parent), QLabel(parent)
    lower.setGeometry(0, 120, 300, 30)
    lower.show()
    assert free_room(parent, (upper, lower), 5) == QRect(10, 20, 200, 130)
    lower.hide()
    assert free_room(parent, (upper, lower), 5) == AREA
    upper.hide()
    assert free_room(parent, (upper, lower), 5).isNull()

from gui_phone import Phone
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest


def test_tabs_and_shortcuts_show_pages(phone: Phone) -> None:
    panes, actions = phone.window.panes, phone.window.actions_by_id
    assert (panes.current, panes.log.isVisible(), panes.trace.isVisible()) == ("log", True, False)
    actions["show-trace"].trigger()
    assert (panes.current, panes.log.isVisible(), panes.trace.head.isVisible()) == (
        "trace",
        False,
        True,
    )
    assert panes.tabs["trace"].isChecked()
    QTest.mouseClick(panes.tabs["history"], Qt.MouseButton.LeftButton)
    assert (panes.current, panes.history.table.isVisible()) == ("history", True)
    assert actions["show-history"].isChecked()
    assert not actions["export"].isEnabled()
    assert phone.settings.pane == "history"


def test_a_title_is_never_cut(phone: Phone) -> None:
    tabs = phone.window.panes
    tabs.mark("history", "(12)")
    for name, tab in tabs.tabs.items():
        tabs.show_page(name)
        font = tab.font()
        font.setBold(True)
        assert tab.width() >= tab.fontMetrics().horizontalAdvance(tab.text()) + 18
    tabs.mark("history", "")
    assert tabs.tabs["history"].text() == "History"

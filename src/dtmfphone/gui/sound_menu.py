"""The Sound menu: devices, mute, side-tone."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from dtmfphone.gui.actions import Actions
from dtmfphone.gui.status_model import OFF, StatusModel

SIDETONES: Final = (("Off", 0.0), ("Quiet", 0.1), ("Normal", 0.3), ("Loud", 0.7))


class SoundMenu:
    """Fills a menu and keeps it in step with a `StatusModel`."""

    def __init__(self, menu: QMenu, actions: Actions, model: StatusModel) -> None:
        self._model = model
        self._actions = actions
        menu.setToolTipsVisible(True)
        self.microphones = menu.addMenu("&Microphone")
        self.speakers = menu.addMenu("&Speaker")
        sidetone = menu.addMenu("&Sidetone of pressed keys")
        menu.addSeparator()
        menu.addAction(actions["mute"])
        group = QActionGroup(menu)
        self.sidetones: dict[float, QAction] = {}
        for title, level in SIDETONES:
            action = sidetone.addAction(title)
            action.setCheckable(True)
            action.triggered.connect(partial(self._choose_sidetone, level))
            group.addAction(action)
            self.sidetones[level] = action
        actions["mute"].toggled.connect(model.set_muted)
        model.devices_changed.connect(self._list_devices)
        model.changed.connect(self._refresh)
        self._list_devices()
        self._refresh()

    def _refresh(self) -> None:
        self._actions["mute"].setChecked(self._model.muted)
        nearest = min(self.sidetones, key=lambda level: abs(level - self._model.sidetone))
        self.sidetones[nearest].setChecked(True)

    def _choose_sidetone(self, level: float, _checked: bool = False) -> None:
        self._model.set_sidetone(level)

    def _list_devices(self) -> None:
        devices = self._model.devices
        self._fill(self.microphones, [d.name for d in devices if d.inputs], self._model.input, self._choose_input)
        self._fill(self.speakers, [d.name for d in devices if d.outputs], self._model.output, self._choose_output)

    def _fill(self, menu: QMenu, names: list[str], chosen: str, choose: Callable[[str], None]) -> None:
        menu.clear()
        group = QActionGroup(menu)
        for title, name in (("System default", ""), ("Off", OFF), *((name, name) for name in names)):
            action = menu.addAction(title.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == chosen)
            group.addAction(action)
            action.triggered.connect(partial(choose, name))
            if name == OFF and names:
                menu.addSeparator()

    def _choose_input(self, name: str, _checked: bool = False) -> None:
        self._model.select_devices(input_name=name)

    def _choose_output(self, name: str, _checked: bool = False) -> None:
        self._model.select_devices(output_name=name)

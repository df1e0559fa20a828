"""Which shadow collectors are wanted, checked and named."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

from dtmfphone.engine.commands import Shadow as ShadowCommand
from dtmfphone.engine.commands import ShadowCollector
from dtmfphone.ivr.collector_settings import CollectorSettings
from dtmfphone.ivr.livekit_collector import LiveKitSettings
from dtmfphone.ivr.shadow_collection import Shadow

MOST_SHADOWS: Final = 8
TITLES: Final = {"livekit": "LiveKit", "standard": "Standard"}
FIELDS: Final = {
    "num_digits": "digits",
    "max_digits": "digits",
    "timeout": "seconds",
    "inter_digit_seconds": "seconds",
    "stop_key": "stop_keys",
}
"""What a `ShadowCollector` calls the settings of the collectors."""
_FIELD: Final = re.compile(rf"\b({'|'.join(FIELDS)})\b")


@dataclass(frozen=True)
class ShadowPlan:
    """What watches which keys."""

    shadows: tuple[Shadow, ...]
    keys: Literal["sent", "received"]
    follow: bool


def plan_of(command: ShadowCommand) -> ShadowPlan | None:
    """Return what a command asks for, None for nothing; raise ValueError naming the field that makes no sense."""
    if len(command.collectors) > MOST_SHADOWS:
        raise ValueError(f"collectors holds {len(command.collectors)}: use at most {MOST_SHADOWS}")
    modes = Counter(collector.mode for collector in command.collectors)
    numbers: Counter[str] = Counter()
    shadows: list[Shadow] = []
    for collector in command.collectors:
        numbers[collector.mode] += 1
        title = TITLES[collector.mode]
        name = f"{title} {numbers[collector.mode]}" if modes[collector.mode] > 1 else title
        shadows.append(Shadow(name, _settings(collector)))
    return ShadowPlan(tuple(shadows), command.keys, command.follow) if shadows else None


def _settings(collector: ShadowCollector) -> LiveKitSettings | CollectorSettings:
    try:
        if collector.mode == "livekit":
            return LiveKitSettings(collector.digits, collector.seconds, collector.stop_keys, collector.confirm)
        return CollectorSettings(
            max_digits=collector.digits,
            min_digits=collector.digits if collector.min_digits is None else collector.min_digits,
            first_digit_seconds=collector.first_digit_seconds,
            inter_digit_seconds=collector.seconds,
            total_seconds=collector.total_seconds,
            stop_keys=collector.stop_keys,
            confirm=collector.confirm,
        )
    except ValueError as error:
        raise ValueError(_FIELD.sub(lambda found: FIELDS[found[1]], str(error))) from None

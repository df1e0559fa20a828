"""What is to be done later."""

from collections.abc import Callable


class Alarm:
    """One thing to be done at a time."""

    def __init__(self, schedule: "Schedule", when: float, action: Callable[[float], None]) -> None:
        self._schedule = schedule
        self.when = when
        self.action = action

    def cancel(self) -> None:
        """Let it be; harmless when it was done already."""
        self._schedule.alarms.pop(self, None)


class Schedule:
    """All alarms of a user agent."""

    def __init__(self) -> None:
        self.alarms: dict[Alarm, None] = {}

    def at(self, when: float, action: Callable[[float], None]) -> Alarm:
        """Let something be done at a time, in seconds; it is given the time at which it is done."""
        alarm = Alarm(self, when, action)
        self.alarms[alarm] = None
        return alarm

    @property
    def deadline(self) -> float | None:
        """When the next alarm is due."""
        return min((alarm.when for alarm in self.alarms), default=None)

    def run(self, t: float) -> None:
        """Do what is due, the oldest first; what it sets for now or earlier is done as well."""
        while due := [alarm for alarm in self.alarms if alarm.when <= t]:
            alarm = min(due, key=lambda each: each.when)
            alarm.cancel()
            alarm.action(t)

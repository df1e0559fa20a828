"""Where a call is in a script, and the variables that it has set; what is done at once is done on the way."""

from collections import Counter
from dataclasses import dataclass, field

from dtmfphone.ivr import prompt
from dtmfphone.ivr.document import Script, full_name
from dtmfphone.ivr.nodes import LONGEST_VALUE, Branch, Collect, Confirm, Node, Record, Repeat, Result, Run, Set
from dtmfphone.ivr.session_events import Step


@dataclass
class Journey:
    """The way of a call through a script, from node to node."""

    script: Script
    variables: dict[str, str] = field(default_factory=dict, init=False)
    """Digits collected so far, and other values."""
    name: str = field(default="", init=False)
    """Full name of the node where the call is."""
    callers: list[str] = field(default_factory=list, init=False)
    """The nodes that run the tasks in which the call is, the outermost first."""
    _repeats: Counter[str] = field(default_factory=Counter, init=False)

    @property
    def node(self) -> Node:
        """The node where the call is."""
        return self.script.node(self.name)

    @property
    def task(self) -> str:
        """The task in which the call is; empty: the script itself."""
        return self.name.rpartition(".")[0]

    @property
    def asked_next(self) -> bool:
        """Whether the next node asks if what this one collects is right."""
        if not isinstance(node := self.node, Collect):
            return False
        following = self.script.node(full_name(self.task, node.next))
        return isinstance(following, Confirm) and node.variable in prompt.variables(following.confirm)

    def enter(self, name: str, t: float) -> list[Step]:
        """Come to a node of the task in which the call is, and on to the first that speaks or waits."""
        steps: list[Step] = []
        onward: str | None = full_name(self.task, name)
        while onward is not None:
            self.name = onward
            steps.append(Step(t, onward, "enter"))
            onward = self._pass(t, steps)
        return steps

    def set(self, name: str, value: str, t: float) -> Step:
        """Give a variable a value."""
        self.variables[name] = value[:LONGEST_VALUE]
        return Step(t, self.name, "set", f"{name} = {self.variables[name]}")

    def _pass(self, t: float, steps: list[Step]) -> str | None:
        """Do what is done at once in this node, and return where that leads; None: this one speaks or waits."""
        match self.node:
            case Set() as node:
                steps += [self.set(name, prompt.filled(text, self.variables), t) for name, text in node.set.items()]
                to = node.next
            case Branch() as node:
                to = node.cases.get(self.variables[node.branch], node.otherwise)
            case Repeat() as node:
                self._repeats[self.name] += 1
                again = self._repeats[self.name] <= node.limit
                if not again:
                    del self._repeats[self.name]
                to = node.repeat if again else node.next
            case Record() as node:
                refused = node.record == "start" and self.variables.get(node.consent or "") != "yes"
                note = "no consent: nothing is recorded" if refused else ""
                steps.append(Step(t, self.name, "record", node.record, note, not refused))
                to = node.next
            case Run() as node:
                self.callers.append(self.name)
                return full_name(node.run, self.script.tasks[node.run].start)
            case Result() as node:
                self.name = self.callers.pop()
                run = self.node
                assert isinstance(run, Run)
                to = run.results[node.result]
            case _:
                return None
        return full_name(self.task, to)

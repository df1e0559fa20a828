"""The lines of the accounts that are open: registered, and able to take calls."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallError
from dtmfphone.calls.line import Incoming, Line, LineChange
from dtmfphone.calls.lines import open_account
from dtmfphone.engine.answering import Answering
from dtmfphone.engine.events import AccountChanged
from dtmfphone.engine.leg import Clock, Emit
from dtmfphone.engine.line_watch import LineWatch
from dtmfphone.engine.live_script import LiveScript

Ring = Callable[[Incoming, Account], None]
Withdraw = Callable[[Incoming, str], None]


class AccountLines:
    """Opens and closes the lines of accounts; their calls go to a script, or `ring`."""

    def __init__(self, answering: Answering, emit: Emit, clock: Clock, *, ring: Ring, withdraw: Withdraw) -> None:
        self._answering = answering
        self._emit = emit
        self._clock = clock
        self._ring = ring
        self._withdraw = withdraw
        self._open: dict[str, Line] = {}
        self._changing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def line(self, name: str) -> Line | None:
        """Return the line of an open account."""
        return self._open.get(name)

    async def open(self, account: Account, ivr: str) -> None:
        """Open an account, anew if it is open; what comes of it is told by events."""
        async with self._changing[account.name]:
            await self._close(account.name)
            try:
                script = await self._answering.prepare(ivr) if ivr else None
                opened = _Opened(account, script, self._answering, self._emit, self._clock, self._ring, self._withdraw)
                line = open_account(account, opened, self._clock)
                self._open[account.name] = line
                await line.open()
            except CallError as error:
                self._open.pop(account.name, None)
                failed = LineChange(state="failed", reason=error.reason, remedy=error.remedy)
                self._emit(account_changed(self._clock(), account, failed))

    async def close(self, name: str) -> None:
        """Close an account; calls go on."""
        async with self._changing[name]:
            await self._close(name)

    async def close_all(self) -> None:
        """Close all accounts."""
        await asyncio.gather(*(self.close(name) for name in list(self._open)))

    async def _close(self, name: str) -> None:
        line = self._open.pop(name, None)
        if line is not None:
            await line.close()
            self._emit(AccountChanged(t=self._clock(), account=name, state="closed"))


class _Opened(LineWatch):
    """The observer of one account's line."""

    def __init__(
        self,
        account: Account,
        script: LiveScript | None,
        answering: Answering,
        emit: Emit,
        clock: Clock,
        ring: Ring,
        withdraw: Withdraw,
    ) -> None:
        super().__init__(account.name, emit, clock)
        self._account = account
        self._script = script
        self._answering = answering
        self._ring = ring
        self._withdraw = withdraw

    def incoming(self, call: Incoming) -> None:
        """A call came in (see LineObserver)."""
        if self._script is not None:
            self._answering.answer(call, self._script.script, self._account.name)
        else:
            self._ring(call, self._account)

    def withdrawn(self, call: Incoming, reason: str) -> None:
        """A caller gave up (see LineObserver)."""
        self._withdraw(call, reason)

    def line_changed(self, change: LineChange) -> None:
        """The line came into a state (see LineObserver); that it was closed is told by who closed it."""
        if change.state != "closed":
            self._emit(account_changed(self._clock(), self._account, change))


def account_changed(t: float, account: Account, change: LineChange) -> AccountChanged:
    """Return the event of how an account stands."""
    return AccountChanged(
        t=t,
        account=account.name,
        state=change.state,
        address=change.address or account.address,
        contact=change.contact,
        expires=change.expires,
        reason=change.reason,
        remedy=change.remedy,
    )

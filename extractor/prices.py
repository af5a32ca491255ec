"""What calls cost: tokens and a price table → money.

Prices change and differ by account, so none are built in: a person writes them down, per million
tokens, in ``crossfoot.toml``::

    [prices."some-model"]
    input = "2.40"
    cached = "0.60"      # of the input, what the endpoint had read before; without it: as input
    output = "9.60"
    currency = "CNY"

Worked: 1,000,000 tokens of input, 400,000 of them cached, and 100,000 of output cost
0.6 × 2.40 + 0.4 × 0.60 + 0.1 × 9.60 = 2.64 CNY.
"""

from __future__ import annotations

import asyncio
from decimal import ROUND_CEILING, Decimal

from pydantic import BaseModel, ConfigDict, Field

from extractor.books import Tokens

_MILLION = Decimal(1_000_000)
_FINEST = Decimal("0.000001")


class Price(BaseModel):
    """What a million tokens cost, in ``currency``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)
    cached: Decimal | None = Field(default=None, ge=0)
    currency: str = "USD"

    def of(self, tokens: Tokens) -> Decimal:
        """The price of some tokens, exact."""
        cached = self.input if self.cached is None else self.cached
        fresh = tokens.input - tokens.cached
        total = fresh * self.input + tokens.cached * cached + tokens.output * self.output
        return total / _MILLION

    def told(self, tokens: Tokens) -> str:
        """The same as people read it: two decimals, more only for what would be nothing."""
        return f"{money(self.of(tokens))} {self.currency}"


def money(amount: Decimal) -> str:
    """An amount with two decimals, a small one with six; what is not nothing never reads as it."""
    if amount == 0 or amount >= Decimal("0.1"):
        return f"{amount:,.2f}"
    return f"{amount.quantize(_FINEST, ROUND_CEILING):f}"


class Purse:
    """The money that a run may spend.

    A call is paid for at its highest possible cost when it goes out, and at its own when it has
    landed, so that what is under way can never go beyond the cap. One that does not fit waits for
    those under way, which mostly cost less. Without a price or a cap all goes.
    """

    def __init__(self, price: Price | None = None, cap: Decimal | None = None) -> None:
        self._price, self._cap = price, cap
        self._spent = Decimal(0)
        self._under_way = 0
        self._landed = asyncio.Condition()

    async def takes(self, most: Tokens) -> bool:
        """Whether a call that costs so much at most is within the cap; reserves it if so."""
        if self._price is None or self._cap is None:
            return True
        async with self._landed:
            while self._spent + self._price.of(most) > self._cap:
                if not self._under_way:
                    return False
                await self._landed.wait()
            self._spent += self._price.of(most)
            self._under_way += 1
        return True

    @property
    def is_capped(self) -> bool:
        return self._price is not None and self._cap is not None

    def told(self, most: Tokens) -> str:
        """What a call may cost at most, as people read it."""
        return "" if self._price is None else self._price.told(most)

    async def settle(self, most: Tokens, tokens: Tokens | None) -> None:
        """A call has landed: its bill, if it has one, takes the place of what was reserved."""
        if self._price is None or self._cap is None:
            return
        async with self._landed:
            self._under_way -= 1
            if tokens is not None:
                self._spent += self._price.of(tokens) - self._price.of(most)
            self._landed.notify_all()

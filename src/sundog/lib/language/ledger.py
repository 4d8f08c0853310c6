"""What a model was asked, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass

from sundog.lib.language.protocol import Answer


@dataclass(slots=True)
class Ledger:
    """Counts of one opened model, in one process.

    Attributes:
        answers: that were given.
        stored: of them, those that were stored before and cost nothing.
        malformed: of them, those that never came in their form.
        requests: that were sent, retries and lost ones included.
        asked_tokens: of all requests that were answered.
        answered_tokens: beside it.
        prices: of a million tokens asked and answered.
    """

    answers: int = 0
    stored: int = 0
    malformed: int = 0
    requests: int = 0
    asked_tokens: int = 0
    answered_tokens: int = 0
    prices: tuple[float, float] = (0.0, 0.0)

    def count(self, answer: Answer) -> None:
        """One answer more."""
        self.answers += 1
        self.malformed += answer.finish == "malformed"
        if answer.stored:
            self.stored += 1
        else:
            self.asked_tokens += answer.asked_tokens
            self.answered_tokens += answer.answered_tokens

    @property
    def retries(self) -> int:
        """Requests beyond one for each answer that was made."""
        return max(0, self.requests - (self.answers - self.stored))

    @property
    def cost(self) -> float:
        """Of the tokens, in the currency of the prices."""
        return price_tokens(self.asked_tokens, self.answered_tokens, self.prices)


def price_tokens(asked: int, answered: int, prices: tuple[float, float]) -> float:
    """Cost of tokens at prices of a million each.

    >>> price_tokens(2_000_000, 500_000, (0.15, 0.6))
    0.6
    """
    return (asked * prices[0] + answered * prices[1]) / 1e6

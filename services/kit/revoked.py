"""Passports that no longer hold: what became of sessions lately, asked again and again of the service that signs.

A passport lives minutes, so who was signed out or lost a role would stay what they were for as long. Every process
that verifies passports asks for the news over the direct line, which needs no broker, and refuses a passport of a
session that has ended or that says other roles than its person holds now. Nothing is compared with a clock of another
machine but the age of a passport, and that only while no news come: then what is older than five seconds is refused,
because nobody knows whether it still holds.
"""

import time
from collections.abc import Callable
from typing import Final, NoReturn
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import to_json

from services.contracts.base import Grant, NotSignedIn, Passport, SessionNews, SessionsNews, Unavailable
from services.kit.direct import Direct, Unreached
from services.kit.lines import Question
from services.kit.logs import Log

EVERY: Final = 1.5
"""Seconds between two questions."""
PATIENCE: Final = 5.0
"""Seconds without news after which only a passport younger than this is taken."""
_ANSWER_WITHIN: Final = 2.0
_AGAIN: Final = 0.3
_LOOK_BACK: Final = 600
"""Seconds: longer than any passport lives."""
_COME_BACK: Final = 2
_UNHEARD: Final = (frozenset([Grant(role="", scope="")]), 0.0)


class _Answer(BaseModel):
    """What the direct line carries back."""

    model_config = ConfigDict(extra="ignore")

    result: SessionsNews


class Standing:
    """Whether passports still hold, as far as this process has heard. `asked` names the door that tells the news."""

    def __init__(
        self, direct: Direct, asked: str, *, clock: Callable[[], float] = time.time, log: Log | None = None
    ) -> None:
        self._direct, self._clock, self._log = direct, clock, log
        self._service, _, self._door = asked.partition(".")
        self._known: dict[UUID, tuple[frozenset[Grant] | None, float]] = {}
        self._heard_at = float("-inf")

    @property
    def fresh(self) -> bool:
        """Whether the news are young enough to be relied on."""
        return self._clock() - self._heard_at <= PATIENCE

    def ask(self) -> tuple[SessionNews, ...]:
        """One question; what its answer says that was not known before. Nothing when nobody answered."""
        began = self._clock()
        back = _LOOK_BACK if began - self._heard_at > _LOOK_BACK else int(began - self._heard_at) + 1
        body = to_json({"seconds": back})
        question = Question(self._service, self._door, body, None, began + _ANSWER_WITHIN, None)
        try:
            told = self._direct.carry(question)
            news = _Answer.model_validate_json(told).result.sessions if told is not None else None
        except (Unreached, ValidationError):
            news = None
        return () if news is None else self.learn(news, began)

    def learn(self, news: tuple[SessionNews, ...], at: float) -> tuple[SessionNews, ...]:
        """What was told of sessions, as of an instant: what of it is new. What is older than any passport goes."""
        fresh = []
        for each in news:
            held = None if each.grants is None else frozenset(each.grants)
            if self._known.get(each.session, _UNHEARD)[0] != held:
                fresh.append(each)
            self._known[each.session] = (held, at)
        self._heard_at = at
        if len(self._known) > len(news):
            self._known = {one: held for one, held in self._known.items() if at - held[1] <= _LOOK_BACK}
        return tuple(fresh)

    def require(self, passport: Passport, issued_at: float) -> None:
        """NotSignedIn for a passport that holds no more; Unavailable when that cannot be known at present."""
        known = self._known.get(passport.session)
        if known is not None and (known[0] is None or known[0] != frozenset(passport.grants)):
            raise NotSignedIn
        if not self.fresh and self._clock() - issued_at > PATIENCE:
            raise Unavailable(seconds=_COME_BACK)

    def watch(self) -> NoReturn:
        """For ever: ask, rest, ask; sooner again when nobody answered, for five seconds are soon over."""
        silent = False
        while True:
            before = self._heard_at
            self.ask()
            if silent == self.fresh and self._log is not None:
                silent = not self.fresh
                self._log.warning("no news of sessions" if silent else "news of sessions come again")
            time.sleep(EVERY if self._heard_at > before else _AGAIN)


def standing_of(direct: Direct, asked: str, log: Log | None = None) -> Standing | None:
    """What asks for the news; None where no door is named or there is no direct line to it."""
    service = asked.partition(".")[0]
    return Standing(direct, asked, log=log) if asked and direct.reaches(service) else None

"""Honest session-days of one person after the other, told as an office lives them; the rules are not read here."""

from datetime import datetime, timedelta
from typing import Final

from deploy.security.working_day import Officer, Seat, Town

MINUTE: Final = timedelta(minutes=1)
NIGHT_OF_COUNTING: Final = 27
"""The day of the month on which everybody stays until midnight."""


def month(town: Town, officer: Officer, first: datetime, days: int) -> int:
    """An officer's days with one machine, which breaks once and is announced; how many days were worked."""
    seat = town.desk()
    lines = town.dice.random() < 0.3  # no office network: a stick that dials into a provider's
    seat = seat.moved(town.line()) if lines else seat
    breaks = town.dice.randrange(2, days) if days > 2 and town.dice.random() < 0.4 else 0
    for day in range(days):
        morning = first + timedelta(days=day)
        if day == breaks and breaks:
            seat = _new_laptop(town, officer, morning, seat, lines=lines)
        elif day == NIGHT_OF_COUNTING or (days < NIGHT_OF_COUNTING and day == days - 1):
            _counting(town, officer, morning, seat)
        else:
            seat = _office(town, officer, morning, seat, lines=lines)
    return days


def _office(town: Town, officer: Officer, morning: datetime, seat: Seat, *, lines: bool) -> Seat:
    """From the morning until five with breaks; the address changes, the browser is updated, the evening is at home."""
    end = morning + timedelta(hours=10)
    officer.sign_in(seat, morning + town.minutes(0, 60))
    while town.clock.at < end:
        seat = _an_hour(town, officer, seat, lines=lines)
        _pause(town, officer, seat)
    if town.dice.random() < 0.5:
        officer.sign_out(town.clock.at + MINUTE)
    if town.dice.random() < 0.15:
        _evening_at_home(town, officer, seat)
    return seat


def _an_hour(town: Town, officer: Officer, seat: Seat, *, lines: bool) -> Seat:
    """A few pages and acts; sometimes another address of the same network, a restart or an update of the browser."""
    for _ in range(town.dice.randint(1, 3)):
        at = town.clock.at + town.minutes(1, 24)
        _asked(officer, seat, at)
        if town.dice.random() < 0.3:
            officer.act_watched(at, town.dice.randint(1, 6), timedelta(seconds=town.dice.randint(20, 90)), ticks=1)
        thrown = town.dice.random()
        if thrown < 0.05:  # the lease ran out, or the stick dialled again
            seat = seat.moved(town.line() if lines else town.office())
        elif thrown < 0.08:  # the browser was closed and opened: they sign in again at once
            officer.sign_in(seat, town.clock.at + town.minutes(0.6, 2))
        elif thrown < 0.10:
            seat = _updated(seat)
        elif thrown < 0.12 and not lines:  # the machine speaks IPv6 now
            seat = seat.moved(f"2001:db8:46:77::{town.dice.getrandbits(16) | 1:x}")
    return seat


def _pause(town: Town, officer: Officer, seat: Seat) -> None:
    """Coffee, lunch, a meeting: within the idle time or far beyond it."""
    at = town.clock.at + town.minutes(10, 25 if town.dice.random() < 0.7 else 130)
    _asked(officer, seat, at)


def _evening_at_home(town: Town, officer: Officer, seat: Seat) -> None:
    """The same laptop at the kitchen table."""
    officer.sign_in(seat.moved(town.line()), town.clock.at + town.minutes(45, 150))
    officer.ask(town.clock.at + town.minutes(2, 20))
    officer.sign_out(town.clock.at + town.minutes(1, 20))


def _new_laptop(town: Town, officer: Officer, morning: datetime, seat: Seat, *, lines: bool) -> Seat:
    """The old one goes black in the middle of work; the administrator is told, the new one is opened minutes later."""
    officer.sign_in(seat, morning + town.minutes(0, 60))
    _an_hour(town, officer, seat, lines=lines)
    officer.announce(town.clock.at + town.minutes(0.5, 3))
    fresh = town.desk().moved(seat.address)
    officer.sign_in(fresh, town.clock.at + town.minutes(0.5, 8))
    _pause(town, officer, fresh)
    return _an_hour(town, officer, fresh, lines=lines)


def _counting(town: Town, officer: Officer, morning: datetime, seat: Seat) -> None:
    """From five in the morning until about midnight; in the evening record after record, each checked against paper."""
    start = morning - timedelta(hours=2) + town.minutes(0, 30)
    end = start + timedelta(hours=17) + town.minutes(0, 140)
    officer.sign_in(seat, start)
    while town.clock.at < end:
        at = town.clock.at + town.minutes(4, 26)
        _asked(officer, seat, at)
        if at - start > timedelta(hours=13):
            officer.act_watched(at, town.dice.randint(2, 14), timedelta(seconds=town.dice.randint(9, 40)), ticks=2)
        elif town.dice.random() < 0.15:
            _asked(officer, seat, town.clock.at + town.minutes(20, 80))


def _asked(officer: Officer, seat: Seat, at: datetime) -> None:
    """They go on; if the session has ended meanwhile they sign in again."""
    if not officer.ask(at, seat):
        officer.sign_in(seat, at)


def _updated(seat: Seat) -> Seat:
    """The same browser, one version on."""
    agent = seat.agent
    for version in range(141, 129, -1):
        agent = agent.replace(f"/{version}.", f"/{version + 1}.").replace(f"rv:{version}.", f"rv:{version + 1}.")
    return Seat(seat.machine, seat.address, agent)

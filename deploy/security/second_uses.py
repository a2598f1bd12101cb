"""Scripted second uses of one account, told as stories of an office; the rules that look for them are not read here.

Each story answers the instant from which it can be known that the account is in more hands than one.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from deploy.security.working_day import CHROME, EDGE, FIREFOX, PHONE, Officer, Seat, Town

Story = Callable[[Town, Officer, datetime], datetime]
MINUTE: Final = timedelta(minutes=1)


def at_work(town: Town, owner: Officer, morning: datetime) -> datetime:
    """The owner signs in at their desk and works for a while: until then nothing is odd."""
    at = morning + town.minutes(0, 90)
    owner.sign_in(town.desk(), at)
    for _ in range(town.dice.randint(1, 4)):
        at = town.clock.at + town.minutes(0.2, 12)
        owner.ask(at)
    owner.calm_until = town.clock.at
    return town.clock.at


def colleague_at_the_next_desk(town: Town, owner: Officer, morning: datetime) -> datetime:
    """A colleague is given password and code and signs in on their own machine behind the same router."""
    at = at_work(town, owner, morning) + town.minutes(0.2, 9)
    owner.sign_in(town.desk().moved(owner.seat.address if owner.seat else ""), at)
    return town.clock.at


def shift_on_another_machine(town: Town, owner: Officer, morning: datetime) -> datetime:
    """The owner goes home; another takes over under the same name on another machine."""
    at = at_work(town, owner, morning)
    owner.sign_out(at + MINUTE)
    owner.sign_in(town.desk(), at + town.minutes(40, 400))
    return town.clock.at


def token_copied(town: Town, owner: Officer, morning: datetime) -> datetime:
    """The session's cookie is copied to another machine, with or without a browser that was here before."""
    at = at_work(town, owner, morning)
    here = owner.seat or town.desk()
    thief = town.desk() if town.dice.random() < 0.5 else town.desk().moved(town.line())
    if town.dice.random() < 0.3:
        thief = Seat("0" * 32, here.address, here.agent)
    at += town.minutes(0.05, 14)
    owner.ask(at, thief)
    return at


def whole_profile_copied(town: Town, owner: Officer, morning: datetime) -> datetime:
    """The browser's whole profile is copied to a machine at home; both go on in turns."""
    at = at_work(town, owner, morning)
    here = (owner.seat or town.desk()).moved(town.line()) if town.dice.random() < 0.5 else owner.seat or town.desk()
    owner.ask(at + MINUTE, here)
    there = here.moved(town.line())
    at = town.clock.at
    for _ in range(2):
        at += town.minutes(0.2, 3)
        owner.ask(at, there)
        at += town.minutes(0.2, 3)
        owner.ask(at, here)
    return at


def phone_beside_the_desktop(town: Town, owner: Officer, morning: datetime) -> datetime:
    """Somebody in the field signs in on a telephone while the desktop is in use."""
    at = at_work(town, owner, morning) + town.minutes(0.2, 9)
    owner.sign_in(Seat(town.machine(), town.line(), PHONE.format(v=141)), at)
    return town.clock.at


def in_another_commissions_network(town: Town, owner: Officer, morning: datetime) -> datetime:
    """The account is used in the office of a neighbouring commune or of another province."""
    at = at_work(town, owner, morning)
    address = (
        f"198.51.100.{town.dice.randint(1, 254)}"
        if town.dice.random() < 0.6
        else f"192.0.2.{town.dice.randint(129, 254)}"
    )
    seat = (owner.seat or town.desk()).moved(address)
    if town.dice.random() < 0.5:
        owner.sign_out(at + MINUTE)
        owner.sign_in(seat, at + town.minutes(30, 200))
    else:
        owner.ask(at + town.minutes(1, 20), seat)
    return town.clock.at


def laptop_lent_to_a_colleague(town: Town, owner: Officer, morning: datetime) -> datetime:
    """Two people with accounts of their own take turns at one machine nobody declared."""
    at_work(town, owner, morning)
    owner.sign_out(town.clock.at + MINUTE)
    machine = owner.seat or town.desk()
    colleague = town.newcomers(1)[0]
    colleague.sign_in(town.desk(), town.clock.at + MINUTE)
    colleague.sign_out(town.clock.at + town.minutes(15, 60))
    first = town.clock.at
    colleague.sign_in(machine, first + town.minutes(1, 120))
    owner.who, owner.token, owner.calm_until = colleague.who, colleague.token, first  # it is about who came second
    return town.clock.at


def laptop_handed_over_and_carried_off(town: Town, owner: Officer, morning: datetime) -> datetime:
    """The open laptop is given to somebody who takes it out of the office."""
    at = at_work(town, owner, morning) + town.minutes(1, 20)
    owner.ask(at, (owner.seat or town.desk()).moved(town.line()))
    return at


def relay_through_the_night(town: Town, owner: Officer, morning: datetime) -> datetime:
    """Three shifts at one machine under one name: it never rests."""
    seat = town.desk()
    owner.sign_in(seat, morning)
    began = town.clock.at
    owner.calm_until = began + timedelta(hours=19)
    while town.clock.at - began <= timedelta(hours=20):  # longer than anybody's working day
        at = town.clock.at + town.minutes(8, 25)
        if town.dice.random() < 0.08:  # the next shift sits down
            at += town.minutes(20, 200)
        if not owner.ask(at):
            owner.sign_in(seat, at)
    return town.clock.at


def script_that_posts_records(town: Town, owner: Officer, morning: datetime) -> datetime:
    """A program types a hundred records a minute under the account, or thirty for a quarter of an hour."""
    at = at_work(town, owner, morning) + MINUTE
    if town.dice.random() < 0.5:
        owner.act_watched(at, town.dice.randint(80, 160), timedelta(seconds=0.6), ticks=80)
    else:
        owner.act_watched(at, town.dice.randint(260, 400), timedelta(seconds=town.dice.uniform(1.7, 2.2)), ticks=40)
    return town.clock.at


def two_provinces(town: Town, owner: Officer, morning: datetime) -> datetime:
    """Somebody of the nation's office is at work in two provinces at once."""
    officer = town.newcomers(1, "vn")[0]
    owner.who = officer.who
    seat = town.desk().moved(f"192.0.2.{town.dice.randint(1, 126)}")
    officer.sign_in(seat, morning + town.minutes(0, 300))
    officer.sign_out(town.clock.at + town.minutes(1, 12))
    owner.calm_until = town.clock.at
    officer.sign_in(seat.moved(f"192.0.2.{town.dice.randint(129, 254)}"), town.clock.at + town.minutes(1, 100))
    return town.clock.at


def two_known_machines_in_turns(town: Town, owner: Officer, morning: datetime) -> datetime:
    """Both machines are long known; today two people sign in on them by turns and put each other out."""
    here, there = town.desk(CHROME), town.desk(EDGE)
    owner.sign_in(here, morning - timedelta(days=3))
    owner.sign_out(town.clock.at + MINUTE)
    owner.announce(town.clock.at + timedelta(hours=20))
    owner.sign_in(there, town.clock.at + timedelta(hours=3))
    owner.sign_out(town.clock.at + MINUTE)
    owner.sign_in(here, morning + town.minutes(1, 60))
    owner.calm_until = town.clock.at
    owner.sign_in(there, town.clock.at + town.minutes(1, 9))
    return town.clock.at


def session_moved_to_another_browser(town: Town, owner: Officer, morning: datetime) -> datetime:
    """The cookies are taken into another browser, on this machine or one that pretends to be it."""
    at = at_work(town, owner, morning) + town.minutes(1, 12)
    here = owner.seat or town.desk()
    other = FIREFOX if "Firefox" not in here.agent else CHROME
    owner.ask(at, Seat(here.machine, here.address, other.format(v=141)))
    return at


STORIES: Final[tuple[Story, ...]] = (
    colleague_at_the_next_desk, shift_on_another_machine, token_copied, whole_profile_copied, phone_beside_the_desktop,
    in_another_commissions_network, laptop_lent_to_a_colleague, laptop_handed_over_and_carried_off,
    relay_through_the_night, script_that_posts_records, two_provinces, two_known_machines_in_turns,
    session_moved_to_another_browser,
)  # fmt: skip

"""Who counted does not publish, nor is it published at a machine that was counted on."""

from uuid import uuid4

import pytest

from services.contracts.base import SameMachine, SamePerson
from services.contracts.candidates import Contest
from services.contracts.duties import Duty, Hand
from services.contracts.reporting import CountIsYours, PublicationOf, PublishSnapshot
from services.reporting.models import RecordRow
from tests.reporting import election as told_by_others
from tests.reporting.election import E

ANH, MACHINE = uuid4(), "a" * 32


def publish(reporting, passport, person=None, machine=""):
    token = passport(role="publisher", scope=f"{E}/vn", person=person, machine=machine)
    return reporting.publish_snapshot(PublishSnapshot(election=E, unit="vn", key=uuid4()), token)


@pytest.fixture
def waiting(heard):
    heard.service.start = lambda work: None
    return heard


@pytest.mark.parametrize("duty", [Duty.FIRST_ENTRY, Duty.SECOND_ENTRY, Duty.COMPARE, Duty.APPROVE])
def test_no_hand_of_a_record_publishes_and_nobody_at_its_machine(waiting, passport, duty):
    told = told_by_others.record(
        told_by_others.AREAS[0], Contest.NA, hands=(Hand(duty=duty, person=ANH, machine=MACHINE),)
    )
    waiting.hear(told)

    with pytest.raises(CountIsYours) as refused:
        publish(waiting, passport, person=ANH, machine="b" * 32)
    assert isinstance(refused.value, SamePerson)
    with pytest.raises(SameMachine):
        publish(waiting, passport, machine=MACHINE)
    assert publish(waiting, passport, machine="b" * 32).state == "waiting"


@pytest.mark.parametrize("duty", [Duty.PREPARE, Duty.DECLARE])
def test_no_hand_of_a_result_publishes(waiting, passport, duty):
    hands = (Hand(duty=duty, person=ANH, machine=MACHINE),)
    waiting.hear(told_by_others.result().model_copy(update={"hands": hands}))

    with pytest.raises(CountIsYours):
        publish(waiting, passport, person=ANH)
    with pytest.raises(SameMachine):
        publish(waiting, passport, machine=MACHINE)


def test_who_orders_first_and_counts_afterwards_publishes_nothing_either(waiting, passport):
    job = publish(waiting, passport, person=ANH, machine="b" * 32)
    waiting.hear(
        told_by_others.record(told_by_others.AREAS[0], Contest.NA, hands=(Hand(duty=Duty.APPROVE, person=ANH),))
    )

    waiting.service.work_publications()

    looker = passport(role="publisher", scope=f"{E}/vn")
    ended = waiting.publication_of(PublicationOf(election=E, unit="vn", job=job.id), looker)
    assert (ended.state, [found.code for found in ended.findings]) == ("failed", ["CB3"])
    assert waiting.signals()["hp_publication_broken_off"] == 0  # a rule refused it: nothing for operations to mend
    assert not (waiting.service.settings.public_folder / E / "latest").exists()
    assert publish(waiting, passport).state == "waiting"


def test_what_was_reopened_binds_nobody_any_more(waiting, passport, db):
    area = told_by_others.AREAS[0]
    waiting.hear(told_by_others.record(area, Contest.NA, hands=(Hand(duty=Duty.APPROVE, person=ANH, machine=MACHINE),)))
    waiting.hear(told_by_others.record(area, Contest.NA, state="reopened"))

    assert publish(waiting, passport, person=ANH, machine=MACHINE).state == "waiting"
    with db.transaction(read_only=True) as tx:
        assert tx.get(RecordRow, (E, area, "NA")).hands == []

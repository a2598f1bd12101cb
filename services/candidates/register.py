"""Asking the voter register whom it holds, also where two digits of a number were swapped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.candidates.domain.identity_check import is_same_person, number_slips
from services.contracts.candidates import CheckIdentity, Identity
from services.contracts.voters import FindPersons, FoundPerson, PersonQuestion, VotersApi
from services.kit.concealed import Concealer

AT_ONCE = 200
PURPOSE = "đối chiếu danh tính người ứng cử"


@dataclass(frozen=True)
class Answer:
    """Whom the register holds under the declared number; `meant` is the block of the number the person stands under."""

    person: FoundPerson
    meant: str = ""


def look_up(
    voters: VotersApi, concealer: Concealer, request: CheckIdentity, people: Sequence[Identity]
) -> list[Answer]:
    """One answer for each person; who is not found is looked for once more under each number a swap may have made."""
    found = list(_asked(voters, concealer, request, [one.personal_number for one in people]))
    absent = [one for one, person in zip(people, found, strict=True) if not person.found]
    slips = [(one, number) for one in absent for number in number_slips(one.personal_number)]
    meant: dict[str, str] = {}
    for (one, number), person in zip(
        slips, _asked(voters, concealer, request, [slip for _, slip in slips]), strict=True
    ):
        if is_same_person(one, person):
            meant[one.personal_number] = concealer.conceal(number).hex()
    return [
        Answer(person, "" if person.found else meant.get(one.personal_number, ""))
        for one, person in zip(people, found, strict=True)
    ]


def _asked(
    voters: VotersApi, concealer: Concealer, request: CheckIdentity, numbers: Sequence[str]
) -> Iterator[FoundPerson]:
    concealed = [PersonQuestion(concealed=block.hex()) for block in concealer.conceal_many(numbers)]
    for start in range(0, len(concealed), AT_ONCE):
        part = tuple(concealed[start : start + AT_ONCE])
        question = FindPersons(election=request.election, unit=request.unit, persons=part, purpose=PURPOSE)
        yield from voters.find_persons(question).persons

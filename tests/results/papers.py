"""Papers that balance, and ways to spoil them."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from services.contracts.candidates import Background, Contest, ListedCandidate, Nominator, Sex
from services.contracts.results import BallotUse, Figures
from services.results.domain.checks import Paper

NAMES = ("Lê Thị Diệu Hiền", "Trần Quốc Khánh", "Nguyễn Hữu Phước", "Hồ Ngọc Quỳnh", "Phan Đình Tường", "Đỗ Văn Út")


def figures(**changes: Any) -> Figures:
    """The record of the mock-up, area 9: 1.448 voters, 1.435 took part, 3 seats, 5 candidates."""
    sound: dict[str, Any] = {
        "voters": 1448,
        "took_part": 1435,
        "issued": 1435,
        "collected": 1435,
        "valid": 1411,
        "invalid": 24,
        "votes": (1204, 973, 742, 585, 335),
        "kinds": (52, 290, 1069),
    }
    return Figures.model_validate({**sound, **changes})


def paper(**changes: Any) -> Paper:
    """What is known beside those figures."""
    known: dict[str, Any] = {
        "contest": Contest.NA,
        "seats": 3,
        "candidates": 5,
        "listed": 1448,
        "use": BallotUse(contest=Contest.NA, received=1500, issued=1435, spoiled=5, unused=60),
    }
    return Paper(**{**known, **changes})


def candidate(order: int, name: str = "", born: date = date(1970, 1, 1), struck: bool = False) -> ListedCandidate:
    return ListedCandidate(
        order=order,
        dossier=UUID(int=order) if order else uuid4(),
        full_name=name or NAMES[order - 1],
        other_name="",
        birth_date=born,
        sex=Sex.FEMALE if "Thị" in (name or NAMES[order - 1]) else Sex.MALE,
        ethnicity="Kinh",
        religion="Không",
        home_town="Thành phố Huế",
        residence="phường Vỹ Dạ",
        background=Background(),
        nominator=Nominator.LOCAL,
        struck=struck,
    )

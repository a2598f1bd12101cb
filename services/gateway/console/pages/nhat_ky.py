"""The journal of a unit: who did what on a day, as the ledger of evidence has it; by person, a page at a time."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.contracts.daytime import VIETNAM
from services.contracts.ledger import Journal, JournalOf
from services.contracts.roles import Action
from services.gateway.console.acts import act
from services.gateway.console.places import HERE
from services.gateway.console.visits import Visit, here

router = APIRouter()

ACTS: Final[Mapping[str, tuple[str, str]]] = {
    "candidates.constituency_fixed": ("Định đơn vị bầu cử", "Constituency fixed"),
    "candidates.dossier_advanced": ("Xử lý hồ sơ ứng cử", "Dossier handled"),
    "candidates.election_called": ("Lập cuộc bầu cử", "Election called"),
    "candidates.list_published": ("Công bố danh sách người ứng cử", "List of candidates published"),
    "identity.account_changed": ("Đổi tài khoản", "Account changed"),
    "identity.body_formed": ("Lập Ủy ban, Ban, Tổ", "Body formed"),
    "identity.breach_changed": ("Sự cố an toàn thông tin", "Security incident"),
    "identity.conflict_found": ("Phát hiện xung đột vai trò", "Conflict of roles found"),
    "identity.factors_changed": ("Đổi yếu tố xác thực", "Sign-in keys changed"),
    "identity.glass_changed": ("Mở khẩn cấp", "Break-glass"),
    "identity.keys_sealed": ("Niêm phong chìa khẩn cấp", "Emergency keys sealed"),
    "identity.recovery_changed": ("Khôi phục tài khoản", "Account recovery"),
    "identity.review_advanced": ("Rà soát tài khoản", "Account review"),
    "identity.session_ended": ("Đóng phiên làm việc", "Session ended"),
    "identity.sharing_found": ("Dấu hiệu dùng chung", "Sharing found"),
    "identity.sign_in_disowned": ("Báo lần vào không phải của mình", "Sign-in disowned"),
    "identity.unit_defined": ("Khai báo đơn vị", "Unit defined"),
    "reporting.document_issued": ("Lập văn bản", "Document issued"),
    "reporting.publication_advanced": ("Làm bản công bố", "Publication made"),
    "reporting.snapshot_published": ("Công bố kết quả", "Snapshot published"),
    "results.ballot_use_recorded": ("Ghi việc dùng phiếu", "Ballot use recorded"),
    "results.incident_reported": ("Báo sự cố", "Incident reported"),
    "results.polling_advanced": ("Mở, đóng bỏ phiếu", "Polling opened or closed"),
    "results.record_advanced": ("Xử lý biên bản kiểm phiếu", "Count record handled"),
    "results.result_advanced": ("Xử lý kết quả", "Result handled"),
    "results.turnout_reported": ("Báo cử tri đi bầu", "Turnout reported"),
    "voters.import_advanced": ("Nhập tệp cử tri", "Voter file imported"),
    "voters.polling_area_fixed": ("Định khu vực bỏ phiếu", "Polling area fixed"),
    "voters.voter_list_advanced": ("Xử lý danh sách cử tri", "Voter list handled"),
}
"""What each kind of event is called; a test compares it with the events there are."""


@router.get(HERE + "/nhat-ky")
async def journal(visit: Annotated[Visit, Depends(here)], ngay: str = "", nguoi: str = "", truoc: int = 0) -> Response:
    """The acts of a day, newest first; what of the address cannot be read is as if it were not there."""
    visit.require(Action.READ_LEDGER)
    today = datetime.now(UTC).astimezone(VIETNAM).date()
    day, person = _day(ngay) or today, _person(nguoi)
    asked = act(visit, JournalOf, day=day, person=person, before=truoc if truoc > 0 else None)
    found = await visit.ask(asked, Journal)
    return visit.page(
        "nhat-ky.html",
        acts=found.acts,
        before=found.before,
        day=day,
        earlier=day - timedelta(days=1),
        later=day + timedelta(days=1) if day < today else None,
        person=person,
        name=next((one.name for one in found.acts if one.name), "") if person else "",
        kinds=ACTS,
        about=_about,
        at=lambda moment: moment.astimezone(VIETNAM),
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def _person(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _about(aggregate: str, election: str) -> str:
    """The object without its kind and the election it is in."""
    _, _, rest = aggregate.partition("/")
    return rest.removeprefix(f"{election}/") or aggregate

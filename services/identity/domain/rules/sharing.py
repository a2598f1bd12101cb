"""The rules of shared accounts (D) and of networks and reports (N)."""

from services.contracts.base import Rule, Severity
from services.contracts.sharing import SharingKind

_NOW, _CALL, _LOOK = Severity.BLOCK, Severity.WARN, Severity.INFO

SIGNS: dict[SharingKind, Rule] = {
    SharingKind.TOKEN_ELSEWHERE: Rule(
        code="D501", severity=_NOW, source="thiết kế 5; ASVS 8.1.3",
        vi=("Phiên đang mở được dùng ở một máy khác máy đã đăng nhập. Đóng phiên ngay, gọi hỏi người giữ tài "
            "khoản rồi đặt lại mật khẩu."),
        en=("The live session is used on a machine other than the one it was opened on. Close it, call the "
            "holder, then reset."),
    ),
    SharingKind.TOKEN_REUSED: Rule(
        code="D502", severity=_NOW, source="thiết kế 5; ASVS 10.4.5",
        vi=("Một khóa phiên đã thay được đem ra dùng lại, phiên đã bị đóng. Gọi hỏi người giữ tài khoản rồi đặt "
            "lại mật khẩu."),
        en="A session key that had been replaced was used again; the session was closed. Call the holder, then reset.",
    ),
    SharingKind.DISOWNED: Rule(
        code="D513", severity=_NOW, source="thiết kế 5; ASVS 7.5.2",
        vi=("Người giữ tài khoản báo lần đăng nhập lúc {began} không phải của mình; phiên đó đã đóng. Gọi hỏi, cấp "
            "khôi phục nếu lộ mật khẩu."),
        en=("The holder says the sign-in at {began} was not theirs; that session is closed. Call them; recover the "
            "account if its password is known."),
    ),
    SharingKind.SECOND_PLACE: Rule(
        code="D503", severity=_NOW, source="thiết kế 5; ASVS 7.1.2",
        vi=("Đăng nhập từ nơi khác khi phiên trước còn làm việc {minutes} phút trước đó. Gọi hỏi người giữ tài "
            "khoản có tự đổi máy không."),
        en=("Signed in elsewhere while the former session was at work {minutes} minutes before. Call: did the "
            "holder change machines?"),
    ),
    SharingKind.OVERLAP: Rule(
        code="D504", severity=_NOW, source="thiết kế 5",
        vi=("Tài khoản được dùng xen kẽ ở hai nơi trong {minutes} phút. Đóng phiên và gọi hỏi ai đang dùng ở nơi "
            "thứ hai."),
        en=("The account was used in two places in turns within {minutes} minutes. Close the session; ask who is "
            "in the second place."),
    ),
    SharingKind.FOREIGN_NETWORK: Rule(
        code="D505", severity=_NOW, source="thiết kế 5; ASVS 8.2.4",
        vi=("Tài khoản được dùng từ mạng của {owner}, không phải cấp trên hay cấp dưới của đơn vị này. Gọi hỏi "
            "người giữ tài khoản."),
        en="The account is used from the network of {owner}, neither above nor below this unit. Call the holder.",
    ),
    SharingKind.FAR_APART: Rule(
        code="D506", severity=_NOW, source="thiết kế 5",
        vi=("Tài khoản được dùng ở hai tỉnh cách nhau {minutes} phút. Đóng phiên và gọi hỏi người giữ tài khoản "
            "đang ở đâu."),
        en=("The account was used in two provinces {minutes} minutes apart. Close the session; ask the holder "
            "where they are."),
    ),
    SharingKind.SHARED_MACHINE: Rule(
        code="D507", severity=_CALL, source="thiết kế 5",
        vi=("{people} người cùng đăng nhập trên một máy trong {hours} giờ. Nếu là máy dùng chung của đơn vị thì "
            "ghi giải trình; nếu không, xác nhận dùng chung."),
        en=("{people} people signed in on one machine within {hours} hours. Explain if it is the unit's shared "
            "machine; else confirm."),
    ),
    SharingKind.TOO_FAST: Rule(
        code="D508", severity=_CALL, source="thiết kế 5",
        vi=("{acts} việc trong {minutes} phút, nhanh hơn người làm bằng tay. Hỏi có chương trình nào chạy dưới "
            "tài khoản này không."),
        en=("{acts} acts in {minutes} minutes, faster than a person's hands. Ask whether a program runs under "
            "this account."),
    ),
    SharingKind.NO_PAUSE: Rule(
        code="D509", severity=_CALL, source="thiết kế 5",
        vi="Làm việc {hours} giờ không nghỉ đủ {pause} giờ. Hỏi có người khác thay ca bằng tài khoản này không.",
        en=("At work for {hours} hours without a pause of {pause}. Ask whether somebody else takes a shift under "
            "this account."),
    ),
    SharingKind.NEW_MACHINE: Rule(
        code="D510", severity=_CALL, source="thiết kế 5; NIST SP 800-63B-4",
        vi="Đăng nhập từ một máy người này chưa từng dùng và không báo trước. Gọi hỏi; nếu đúng thì ghi giải trình.",
        en="Signed in from a machine this person never used and nobody announced. Call; explain if it is theirs.",
    ),
    SharingKind.OTHER_BROWSER: Rule(
        code="D511", severity=_CALL, source="thiết kế 5; ASVS 8.1.3",
        vi=("Giữa phiên, trình duyệt đổi từ {before} sang {after}. Gọi hỏi người giữ tài khoản có chuyển phiên "
            "cho ai không."),
        en=("Within the session the browser changed from {before} to {after}. Ask whether the session was handed "
            "to somebody."),
    ),
    SharingKind.LEFT_NETWORK: Rule(
        code="D512", severity=_CALL, source="thiết kế 5; ASVS 8.2.4",
        vi="Giữa phiên, máy rời mạng của đơn vị sang mạng chưa đăng ký. Hỏi máy đang ở đâu và ai đang dùng.",
        en=("Within the session the machine left the unit's network for one nobody registered. Ask where it is "
            "and who uses it."),
    ),
}  # fmt: skip
"""What each sign says to the unit above."""

NETWORKS = (
    Rule(
        code="N601", severity=Severity.BLOCK, source="RFC 4632; RFC 4291",
        vi="Dòng {row}: “{cidr}” không phải một mạng. Ghi dạng 203.0.113.0/24 hoặc 2001:db8::/48.",
        en="Row {row}: “{cidr}” is no network. Write it as 203.0.113.0/24 or 2001:db8::/48.",
    ),
    Rule(
        code="N602", severity=Severity.BLOCK, source="thiết kế 5",
        vi="Dòng {row}: mạng {cidr} quá rộng. IPv4 hẹp nhất từ /16, IPv6 từ /32 trở xuống; ghi từng mạng của đơn vị.",
        en=("Row {row}: the network {cidr} is too wide. IPv4 from /16, IPv6 from /32 down; write each network of "
            "the unit."),
    ),
    Rule(
        code="N603", severity=Severity.BLOCK, source="thiết kế 5",
        vi="Dòng {row}: mạng {cidr} nằm trong mạng {other} cũng ở danh sách này. Bỏ một trong hai.",
        en="Row {row}: the network {cidr} lies within {other} of the same list. Remove one of them.",
    ),
    Rule(
        code="N604", severity=Severity.BLOCK, source="RFC 6890",
        vi="Dòng {row}: {cidr} là địa chỉ nội máy hoặc dành riêng, không phải mạng của đơn vị. Bỏ dòng này.",
        en="Row {row}: {cidr} is a loopback or reserved address, no network of a unit. Remove the row.",
    ),
    Rule(
        code="N605", severity=Severity.WARN, source="thiết kế 5",
        vi=("Mạng {cidr} trùng với mạng {other} của {unit}. Ở chỗ trùng, việc dùng mạng của nhau sẽ không bị "
            "báo; thống nhất lại với đơn vị đó."),
        en=("The network {cidr} overlaps {other} of {unit}. Where they overlap neither is reported in the "
            "other's; settle it with that unit."),
    ),
    Rule(
        code="N611", severity=Severity.BLOCK, source="thiết kế 5",
        vi="Lúc phát hiện {at} ở sau hiện tại. Sửa lại giờ phát hiện.",
        en="The moment it was noticed, {at}, lies in the future. Correct it.",
    ),
)  # fmt: skip

SHARING = (*SIGNS.values(), *NETWORKS)

"""Who may issue a paper, read it, and acknowledge it. Pure."""

from __future__ import annotations

from models.documents import Notice, Paper
from models.ids import DocumentId, Level
from models.notices.addressees import receiver_of
from sync_api.access.accounts import Account, Role

#: The offices that issue a paper: a station's warning goes to its villages, a county's order to whom it leads.
_ISSUERS: dict[Paper, frozenset[Role]] = {
    "warning": frozenset({"station", "city"}),
    "rectification": frozenset({"county", "city"}),
    "circular": frozenset({"county", "city"}),
    "meeting": frozenset({"station", "county", "city"}),
    "minutes": frozenset({"station", "county", "city"}),
}
_LEVEL: dict[Role, Level] = {"station": "township", "county": "county", "city": "city"}


def may_issue(account: Account, paper: Paper) -> bool:
    return account.role in _ISSUERS[paper]


def issuing_office(account: Account, division: str) -> str | None:
    """The division in whose name an office's account issues papers on what lies in a division, if that is its own."""
    return next((code for code in account.divisions if division.startswith(code)), None)


def may_read(account: Account, notice: Notice) -> bool:
    """An office its own papers, those of the offices below it, and what is addressed to it or below; a village's
    administrator what is addressed to the village; a department what is addressed to it. Nobody else."""
    if notice.is_reserved or account.role == "informant":
        return False
    if account.role == "department":
        return any(speaks_for(account, code, notice) for code in account.divisions)
    codes = [notice.id.partition(":")[0], *(receiver.division for receiver in notice.receivers)]
    return any(code.startswith(account.divisions) for code in codes)


def speaks_for(account: Account, division: str, notice: Notice) -> bool:
    """Whether an account acknowledges a paper for a division that it is addressed to: its own, and no other's."""
    receiver = receiver_of(notice, division, department_of(account))
    if notice.is_reserved or receiver is None:
        return False
    return division in account.divisions and account.may_write("acknowledgement")


def may_withdraw(account: Account, division: str, notice: Notice) -> bool:
    """Whether an account may say in the name of a division that a paper was issued by mistake: the office that issued
    it, and none above it."""
    is_own = division == notice.id.partition(":")[0] and division in account.divisions
    return is_own and not notice.is_reserved and may_issue(account, notice.paper)


def department_of(account: Account) -> str | None:
    """The department that an account speaks for; None for a centre, a station or a village's point. One of a department
    that nobody named speaks for none."""
    return (account.department or "") if account.role == "department" else None


def is_step_of(notice: Notice, step: DocumentId) -> bool:
    """Whether a case's step is the one that a paper was issued with."""
    about = notice.about
    return about is not None and (about.village, about.case, notice.request) == (step.division, step.owner, step.ulid)

"""Who may issue a paper, read it, and acknowledge it. Pure."""

from __future__ import annotations

from models.documents import Notice, Paper
from models.ids import DocumentId, Level
from models.notices.addressees import receiver_of
from sync_api.access.accounts import Account, AssignedCase, Role

#: The offices that issue a paper: a station's warning goes to its villages, a county's order to whom it leads.
_ISSUERS: dict[Paper, frozenset[Role]] = {
    "warning": frozenset({"station", "city"}),
    "rectification": frozenset({"county", "city"}),
    "circular": frozenset({"county", "city"}),
}
_LEVEL: dict[Role, Level] = {"station": "township", "county": "county", "city": "city"}


def may_issue(account: Account, paper: Paper) -> bool:
    return account.role in _ISSUERS[paper]


def issuing_office(account: Account, division: str) -> str | None:
    """The division in whose name an office's account issues papers on what lies in a division, if that is its own."""
    return next((code for code in account.divisions if division.startswith(code)), None)


def may_read(account: Account, notice: Notice) -> bool:
    """An office its own papers, those of the offices below it, and what is addressed to it or below; a village's
    administrator what is addressed to the village; a department the papers of its cases. Nobody else."""
    if notice.is_reserved or account.role == "informant":
        return False
    if account.role == "department":
        return _leads(account, notice)
    codes = [notice.id.partition(":")[0], *(receiver.division for receiver in notice.receivers)]
    return any(code.startswith(account.divisions) for code in codes)


def speaks_for(account: Account, division: str, notice: Notice) -> bool:
    """Whether an account acknowledges a paper for a division that it is addressed to: its own, and no other's."""
    is_department = account.role == "department"
    is_addressed = not notice.is_reserved and receiver_of(notice, division, is_department) is not None
    is_own = division in account.divisions and account.may_write("acknowledgement")
    return is_own and is_addressed and (not is_department or _leads(account, notice))


def _leads(account: Account, notice: Notice) -> bool:
    """Whether a department's account works on the case of a paper that is addressed to one."""
    about = notice.about
    return (
        about is not None and about.department is not None and AssignedCase(about.village, about.case) in account.cases
    )


def is_step_of(notice: Notice, step: DocumentId) -> bool:
    """Whether a case's step is the one that a paper was issued with."""
    about = notice.about
    return about is not None and (about.village, about.case, notice.request) == (step.division, step.owner, step.ulid)

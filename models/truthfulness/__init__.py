"""Truthfulness of reports (mission 7): what may have come late, not at all, or been hidden (``candidates``), how a
person's word on it stands after appeals (``chains``), and what is proposed and decided to follow (``ladder``).

The machine finds and counts; every step from a candidate to what follows is a person's.
"""

from models.truthfulness.candidates import Seen, Told, find, told
from models.truthfulness.chains import (
    Chain,
    OmissionStep,
    chains_of,
    counted_omissions,
    omission_step,
)
from models.truthfulness.ladder import (
    InForce,
    Proposal,
    counted_in,
    is_beyond,
    proposals,
    sanctions_in_force,
    suspended_until,
)
from models.truthfulness.patrols import seen_by_patrols

__all__ = [
    "Chain",
    "InForce",
    "OmissionStep",
    "Proposal",
    "Seen",
    "Told",
    "chains_of",
    "counted_in",
    "counted_omissions",
    "find",
    "is_beyond",
    "omission_step",
    "proposals",
    "sanctions_in_force",
    "seen_by_patrols",
    "suspended_until",
    "told",
]

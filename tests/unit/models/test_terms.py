"""Every name that a reason may hold has its Chinese term."""

from typing import get_args

from models import terms
from models.documents import EVENT_KINDS, AnyEvent, CaseStep


def test_kinds_steps_and_fields_have_their_terms() -> None:
    assert set(terms.KINDS) == set(EVENT_KINDS)
    assert set(terms.STEPS) == set(get_args(CaseStep))
    fields = {name for kind in get_args(AnyEvent) for name in kind.__struct_encode_fields__}
    assert set(terms.FIELDS) == fields | {"type"}

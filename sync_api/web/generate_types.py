"""Writes ``shared/documents.ts``: the document structs of ``models/documents.py`` as TypeScript types, and what forms
need to know of limits and rules.

``python -m sync_api.web.generate_types`` writes the file, ``--check`` says by its exit code whether it is current.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from models import documents, terms
from models.catalogue.readings import EARLIEST_DAY
from models.ids import ALIAS_PATTERN, DEVICE_PATTERN
from models.personal_numbers import NUMBERS, READINGS
from models.policy import default_policy

TARGET: Final = Path(__file__).parent / "shared" / "documents.ts"
_HEAD: Final = "// Generated from models/documents.py by generate_types.py. Do not edit.\n"
_PRIMITIVES: Final = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}

Schema = dict[str, Any]


def typescript() -> str:
    """The whole text of ``documents.ts``: one interface a struct, then what forms need to know of the limits."""
    _, components = msgspec.json.schema_components([documents.AnyDocument], ref_template="{name}")
    interfaces = [_interface(name, schema) for name, schema in sorted(components.items())]
    aliases = [
        _type_alias(name)
        for name in (
            *("Severity", "Channel", "CaseStep", "Grade", "Measure", "Paper", "ReadingValue"),
            *("AgendaSection", "Topic"),
        )
    ]
    constants = [
        f"export const TEXT_CHARACTERS_MAX = {documents.TEXT_CHARACTERS_MAX};",
        f"export const PHOTOS_MAX = {documents.PHOTOS_MAX};",
        f"export const AGENDA_SECTIONS: readonly AgendaSection[] = {list(documents.AGENDA_SECTIONS)};",
        f"export const SERVICES = {_services()};",
        f"export const EARLIEST_DAY = '{EARLIEST_DAY}';",
        f"export const APPEAL_DAYS = {default_policy().truthfulness.appeal_days};",
        f"export const BEHIND_DAYS_MAX = {default_policy().clock.behind_days_max};",
        f"export const ALIAS_PATTERN = {_regular_expression(ALIAS_PATTERN)};",
        f"export const DEVICE_PATTERN = {_regular_expression(DEVICE_PATTERN)};",
        f"export const DIGIT_READINGS: readonly (readonly [string, string])[] = [{_readings()}];",
        f"export const PERSONAL_NUMBERS = {json.dumps(NUMBERS.replace('(?P<', '(?<'))};",
    ]
    return "\n".join([_HEAD, *aliases, "", *interfaces, *constants, ""])


def _services() -> str:
    """What forms propose for services done for people."""
    rows = (
        f"  {{ zh: '{zh}', unit_zh: '{unit_zh}', en: '{en}', unit_en: '{unit_en}' }},"
        for zh, (unit_zh, en, unit_en) in terms.SERVICES.items()
    )
    return "\n".join(["[", *rows, "]"])


def _readings() -> str:
    """For each reading of digits but for what the one before it holds: the signs, and what each stands for."""
    added, known = [], set[int]()
    for reading in READINGS:
        new = {sign: as_ascii for sign, as_ascii in reading.items() if sign not in known}
        known |= set(new)
        added.append(json.dumps(["".join(map(chr, new)), "".join(new.values())]))
    return ", ".join(added)


def _interface(name: str, schema: Schema) -> str:
    required = set(schema.get("required", ()))
    lines = [f"  {key}{'' if key in required else '?'}: {_type(field)};" for key, field in schema["properties"].items()]
    return "\n".join([*_comment(schema), f"export interface {name} {{", *lines, "}\n"])


def _comment(schema: Schema) -> list[str]:
    text = " ".join(str(schema.get("description", "")).split())
    return [f"/** {text} */"] if text else []


def _type_alias(name: str) -> str:
    [schema], _ = msgspec.json.schema_components([getattr(documents, name)], ref_template="{name}")
    return f"export type {name} = {_type(schema)};"


def _type(schema: Schema) -> str:
    """The TypeScript type of one JSON schema. Raises ``KeyError`` for a form that no document has used so far."""
    if "$ref" in schema:
        return str(schema["$ref"])
    if "enum" in schema:
        return " | ".join(f"'{value}'" for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_type(choice) for choice in schema["anyOf"])
    if schema["type"] == "array":
        items = _type(schema["items"])
        return f"({items})[]" if " " in items else f"{items}[]"
    if schema["type"] == "object":
        return f"Record<string, {_type(schema['additionalProperties'])}>"
    return _PRIMITIVES[schema["type"]]


def _regular_expression(pattern: str) -> str:
    return f"/^{re.sub('/', '[/]', pattern)}$/"


def main(arguments: list[str]) -> int:
    text = typescript()
    if arguments == ["--check"]:
        is_current = TARGET.exists() and TARGET.read_text("utf-8") == text
        if not is_current:
            sys.stderr.write(f"{TARGET} is not current: run python -m sync_api.web.generate_types\n")
        return 0 if is_current else 1
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

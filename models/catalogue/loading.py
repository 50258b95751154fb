"""Loading an edition of the catalogue: every fault of its two files, with its line, before anything is used."""

import math
import re
import tomllib
from importlib.resources import files

import msgspec

from models.catalogue.edition import Catalogue
from models.catalogue.indicators import Category, Department, Indicator
from models.catalogue.row_checks import ITEM_COLUMNS, Checked, check_row
from models.faults import Fault, FaultyFileError
from models.tables import Row, read_table

INDICATORS_PER_CATEGORY = {"1": 28, "2": 20, "3": 13, "4": 9, "5": 20}
ITEMS_PER_CATEGORY = {"1": 9, "2": 7, "3": 4, "4": 3, "5": 7}
WEIGHT_SUM = 1000.0  # 千分制

COLUMNS = ("code", *ITEM_COLUMNS, *(name for name in Indicator.__struct_fields__ if name != "code"))


class CatalogueError(FaultyFileError):
    """The catalogue has faults; nothing of it was taken."""


class Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    categories: tuple[Category, ...]
    departments: tuple[Department, ...]


def default_catalogue() -> Catalogue:
    """The edition that the package carries."""
    folder = files("models.catalogue")
    return load_catalogue((folder / "indicators.csv").read_bytes(), (folder / "frame.toml").read_bytes())


def load_catalogue(indicators: bytes, frame: bytes) -> Catalogue:
    """The edition in the bytes of indicators.csv and frame.toml.

    Raises CatalogueError with every fault found: those of the frame first and alone (the table can't be judged
    without it), then all of the table.
    """
    parsed = _load_frame(frame)
    # an office's own table may be of before there were any plain words
    has_words = b"plain_words" in indicators.partition(b"\n")[0]
    rows, faults = read_table(indicators, "indicators.csv", COLUMNS if has_words else COLUMNS[:-1])
    header_is_bad = not rows and bool(faults)
    items = {item.code: item for category in parsed.categories for item in category.items}
    departments = {department.short for department in parsed.departments}
    checked = [check_row(row, items, departments) for row in rows]
    for one in checked:
        faults.extend(one.faults)
    if not header_is_bad:
        faults.extend(_table_faults(rows, checked))
    if faults:
        raise CatalogueError("indicators.csv", faults)
    loaded = sorted((one.indicator for one in checked if one.indicator), key=lambda i: _code_key(i.code))
    return Catalogue(parsed.version, parsed.categories, parsed.departments, tuple(loaded))


def _load_frame(data: bytes) -> Frame:
    try:
        frame = msgspec.convert(tomllib.loads(data.decode("utf-8-sig")), Frame)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _frame_error(line, "encoding", "不是 UTF-8 编码", "not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        raise _frame_error(int(at[1]) if at else 0, "not_toml", f"不是合规的 TOML：{error}", str(error)) from error
    except msgspec.ValidationError as error:
        raise _frame_error(0, "frame", f"内容不合要求：{error}", str(error)) from error
    faults = _frame_faults(frame)
    if faults:
        raise CatalogueError("frame.toml", faults)
    return frame


def _frame_error(line: int, code: str, zh: str, en: str) -> CatalogueError:
    return CatalogueError("frame.toml", [Fault(line, code, zh, en)])


def _frame_faults(frame: Frame) -> list[Fault]:
    faults = []
    if not frame.version.strip():
        faults.append(Fault(0, "version", "缺少版本号", "the version is missing"))
    counts = {category.code: len(category.items) for category in frame.categories}
    if counts != ITEMS_PER_CATEGORY or len(frame.categories) != len(ITEMS_PER_CATEGORY):
        wanted = ITEMS_PER_CATEGORY
        faults.append(
            Fault(0, "items", f"各类项数应为 {wanted}，现为 {counts}", f"items must be {wanted}, not {counts}")
        )
    for category in frame.categories:
        expected = [f"{category.code}.{number}" for number in range(1, len(category.items) + 1)]
        if [item.code for item in category.items] != expected:
            zh, en = (
                f"第 {category.code} 类的项应依次为 {expected}",
                f"items of {category.code} must be {expected} in order",
            )
            faults.append(Fault(0, "items", zh, en))
    shorts = [department.short for department in frame.departments]
    doubles = sorted({short for short in shorts if shorts.count(short) > 1})
    faults.extend(Fault(0, "departments", f"部门“{short}”重复", f'"{short}" stands twice') for short in doubles)
    return faults


def _table_faults(rows: list[Row], checked: list[Checked]) -> list[Fault]:
    faults = []
    first_line: dict[str, int] = {}
    for row in rows:
        code = row.values["code"]
        if code in first_line:
            line = first_line[code]
            faults.append(
                Fault(row.line, "duplicate", f"{code}：与第 {line} 行重复", f"{code}: stands in line {line} too")
            )
        first_line.setdefault(code, row.line)
    for category, wanted in INDICATORS_PER_CATEGORY.items():
        found = sum(code.startswith(category + ".") for code in first_line)
        if found != wanted:
            zh, en = (
                f"第 {category} 类应有 {wanted} 个指标，现有 {found} 个",
                f"category {category} needs {wanted}, has {found}",
            )
            faults.append(Fault(0, "count", zh, en))
    weights = [one.weight for one in checked]
    total = math.fsum(weight for weight in weights if weight is not None)
    if None not in weights and not math.isclose(total, WEIGHT_SUM):
        zh, en = f"权重之和应为 1000，现为 {total:g}", f"weights must add up to 1000, not {total:g}"
        faults.append(Fault(0, "weight_sum", zh, en))
    return faults


def _code_key(code: str) -> tuple[int, ...]:
    return tuple(int(part) for part in code.split("."))

"""A file is there whole or not at all, whatever cuts its writing off."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.whole_files import write_table, write_whole


def test_what_was_there_stays_when_writing_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "folder" / "night.json"
    write_whole(file, b"before")

    def cut(_: Path, data: bytes) -> int:
        raise OSError(f"no room after {len(data) // 2} bytes")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "write_bytes", cut)
        with pytest.raises(OSError, match="no room"):
            write_whole(file, b"afterwards")
    assert file.read_bytes() == b"before"
    write_whole(file, b"afterwards")
    assert [one.name for one in file.parent.iterdir()] == ["night.json"]
    assert file.read_bytes() == b"afterwards"


def test_a_table_is_read_back(tmp_path: Path) -> None:
    table = pa.table({"a": [1, 2]})
    write_table(tmp_path / "x" / "t.parquet", table)
    assert pq.read_table(tmp_path / "x" / "t.parquet").equals(table)


def test_two_that_write_one_file_do_not_write_into_one_anothers(tmp_path: Path) -> None:
    for by in ("371724", "371702"):
        write_whole(tmp_path / "setup.json", by.encode(), by)
    assert (tmp_path / "setup.json").read_bytes() == b"371702"
    assert len(list(tmp_path.iterdir())) == 1

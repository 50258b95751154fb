"""What is wrong with a file that an office handed in: every fault at once, each with its line."""

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """One fault of a file. `line` counts from 1 (0: the file as a whole); `code` is stable and meant for programs."""

    line: int
    code: str
    zh: str
    en: str


class FaultyFileError(Exception):
    """A file that can't be taken; nothing of it has been. `faults` are in the order of their lines."""

    def __init__(self, filename: str, faults: list[Fault]) -> None:
        self.filename = filename
        self.faults = sorted(faults, key=lambda fault: fault.line)
        lines = [f"{filename}:{fault.line}: {fault.zh} / {fault.en}" for fault in self.faults]
        super().__init__("\n".join(lines))

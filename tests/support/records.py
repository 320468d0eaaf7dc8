"""What this project computed and showed once, in ``tests/records``, to be held against today's.

Sums of floating-point numbers differ between processors. So numbers are compared bit for bit on the
kind of machine that made the record, and within a tolerance anywhere else. ``pytest --record``
keeps what is found now instead of comparing it: after a change that was meant, and only then.
"""

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parents[1] / "records"
PARTS = 8
# How far the numbers of another machine may be: in levels of 255, and as a share of any other.
LEVELS, SHARE = 1.0, 0.02


def machine() -> str:
    """The processor, by all that it says it can do, and the PyTorch that computes on it."""
    about = [platform.machine()]
    info = Path("/proc/cpuinfo")
    if info.is_file():
        kinds = ("model", "flags", "cpu family", "stepping", "vendor_id")
        lines = info.read_text().split("\n\n")[0].splitlines()
        about += sorted(line for line in lines if line.startswith(kinds))
    digest = hashlib.blake2b("\n".join(about).encode(), digest_size=8).hexdigest()
    return f"{digest}, torch {torch.__version__}, numpy {np.__version__}"


def of_array(values: NDArray[Any]) -> dict[str, Any]:
    """An array by its shape, the hash of its bytes, and the means of a few parts of it."""
    values = np.ascontiguousarray(values)
    digest = hashlib.blake2b(repr((values.shape, values.dtype.str)).encode(), digest_size=16)
    digest.update(values.tobytes())
    parts = np.array_split(values.reshape(-1), min(PARTS, values.size)) if values.size else []
    return {
        "shape": list(values.shape),
        "type": str(values.dtype),
        "hash": digest.hexdigest(),
        "means": [float(f"{part.mean(dtype=np.float64):.6g}") for part in parts],
    }


def of_number(value: float) -> str:
    """A number with all its bits."""
    return float(value).hex()


def require_same(now: Any, then: Any, *, exact: bool, where: str = "") -> None:
    """Asserts that what is measured now is what the record says.

    Args:
        exact: whether every bit counts; else numbers may differ as between two processors.
        where: what is compared, for the message.
    """
    if isinstance(then, dict) and "hash" in then:
        assert (now["shape"], now["type"]) == (then["shape"], then["type"]), where
        if exact:
            assert now["hash"] == then["hash"], f"{where}: {now['means']}, not {then['means']}"
        elif then["type"] == "uint8":
            close = {"rtol": 0, "atol": LEVELS, "err_msg": where}
            np.testing.assert_allclose(now["means"], then["means"], **close)
        else:
            close = {"rtol": SHARE, "atol": SHARE, "err_msg": where}
            np.testing.assert_allclose(now["means"], then["means"], **close)
    elif isinstance(then, dict):
        assert sorted(now) == sorted(then), where
        for name in then:
            require_same(now[name], then[name], exact=exact, where=f"{where} {name}")
    elif isinstance(then, list):
        assert len(now) == len(then), where
        for index, pair in enumerate(zip(now, then, strict=True)):
            require_same(*pair, exact=exact, where=f"{where} [{index}]")
    elif not exact and isinstance(then, str) and then.startswith(("0x", "-0x")):
        numbers = float.fromhex(now), float.fromhex(then)
        np.testing.assert_allclose(*numbers, rtol=SHARE, err_msg=where)
    else:
        assert now == then, f"{where}: {now!r}, not {then!r}"


class Record:
    """A file of ``tests/records``: what was found, by the name of the thing.

    Attributes:
        then: what the file says.
    """

    def __init__(self, name: str, *, renew: bool = False) -> None:
        self._path, self._renew = FOLDER / f"{name}.json", renew
        stored = json.loads(self._path.read_text())
        self.then: dict[str, Any] = stored["found"]
        self._exact = stored["machine"] == machine()

    def compare(self, name: str, now: Any) -> None:
        """Asserts that something is as it was, or keeps how it is now."""
        if self._renew:
            self.then[name] = now
        else:
            assert self.then.get(name) is not None, f"{name} was never recorded"
            require_same(now, self.then[name], exact=self._exact, where=name)

    def close(self) -> None:
        """Writes what was kept, each thing on a line of its own."""
        if self._renew:
            lines = (f"{json.dumps(key)}: {json.dumps(now)}" for key, now in self.then.items())
            found = ",\n  ".join(lines)
            start = f'{{\n "machine": {json.dumps(machine())},\n "found": {{\n  '
            self._path.write_text(f"{start}{found}\n }}\n}}\n")

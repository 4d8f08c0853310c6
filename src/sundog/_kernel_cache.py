"""Where compiled kernels are kept: one folder for each state of the kernel sources, numba and the processor."""

from __future__ import annotations

import os
import platform
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def kernel_cache() -> Path:
    """Folder for numba's cache. A changed kernel, numba or processor gets a new one, since numba itself looks at
    the time stamp of one source file only and would keep code inlined from another.
    """
    digest = blake2b(digest_size=8)
    folder = Path(__file__).parent
    for pattern in ("lib/*/*.py", "kinds/*/_*.py"):
        for path in sorted(folder.glob(pattern)):
            status = path.stat()
            digest.update(f"{path.name}:{status.st_size}:{status.st_mtime_ns}".encode())
    try:
        digest.update(version("numba").encode())
    except PackageNotFoundError:
        digest.update(b"none")
    digest.update(f"{platform.machine()}:{platform.processor()}:{_cpu_model()}".encode())
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "sundog" / "kernels" / digest.hexdigest()


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123 - a Path would read the whole file
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return ""

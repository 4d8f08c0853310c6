"""Makes the toy kinds visible to this process."""

from __future__ import annotations

import sys
from pathlib import Path

from sundog.core.extension import installed

TOY = str(Path(__file__).resolve().parent.parent / "toykind")

if TOY not in sys.path:
    sys.path.append(TOY)
    installed.cache_clear()

"""Colours of the pages, light and dark. Text colours keep a contrast of 4.5:1 or more against every ground they stand on.

Blue against orange, of unequal lightness, stays apart in the three common forms of colour blindness and in grey; the
other series differ in lightness too, and no colour is the only sign of anything (shape, dash or word goes with it).
"""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "paper": "#fbfaf6",
    "panel": "#ffffff",
    "sunk": "#f4f1ea",
    "ink": "#1a2230",
    "ink-2": "#465062",
    "ink-3": "#5f697a",
    "rule": "#d9d4c8",
    "rule-2": "#eae6dc",
    "link": "#1f4f8a",
    "focus": "#b4540a",
    "real": "#2b5a97",
    "real-soft": "#b9cce6",
    "synth": "#b0520b",
    "synth-fill": "#dd8030",
    "holdout": "#0b6b5e",
    "chance": "#5f6775",
    "c1": "#76478f",
    "c2": "#9c2f58",
    "c3": "#566318",
    "c4": "#0d6885",
    "pass": "#1a6846",
    "warn": "#825300",
    "fail": "#ab2019",
    "inconclusive": "#594a9c",
    "skipped": "#5f697a",
    "info": "#465062",
    "pass-soft": "#e4f1e9",
    "warn-soft": "#f8edd6",
    "fail-soft": "#fae5e1",
    "inconclusive-soft": "#ebe8f6",
    "h0": "#f4f1ea",
    "h1": "#e1e6ec",
    "h2": "#cbd7e6",
    "h3": "#afc4de",
    "h4": "#8fadd2",
    "h5": "#6d93c3",
    "h6": "#4672ab",
    "h7": "#325d99",
    "h8": "#1d437a",
    "d0": "#1d437a",
    "d1": "#4672ab",
    "d2": "#8fadd2",
    "d3": "#cbd7e6",
    "d4": "#f4f1ea",
    "d5": "#f6dcc0",
    "d6": "#eab37d",
    "d7": "#d0782b",
    "d8": "#98450a",
}

DARK: Mapping[str, str] = {
    "paper": "#11151b",
    "panel": "#181d25",
    "sunk": "#1e242e",
    "ink": "#ebe8e1",
    "ink-2": "#b7bfcb",
    "ink-3": "#98a2b1",
    "rule": "#343c49",
    "rule-2": "#262d38",
    "link": "#93bdf5",
    "focus": "#f6b26b",
    "real": "#84b3f2",
    "real-soft": "#2c4a73",
    "synth": "#f3a75b",
    "synth-fill": "#e08a35",
    "holdout": "#55c6b2",
    "chance": "#98a2b1",
    "c1": "#c69ae0",
    "c2": "#ef8fb1",
    "c3": "#b9c865",
    "c4": "#66c3df",
    "pass": "#74cf9f",
    "warn": "#e9bd62",
    "fail": "#ff988c",
    "inconclusive": "#b7abf0",
    "skipped": "#98a2b1",
    "info": "#b7bfcb",
    "pass-soft": "#17332a",
    "warn-soft": "#372c14",
    "fail-soft": "#3f201e",
    "inconclusive-soft": "#29264a",
    "h0": "#1e242e",
    "h1": "#233046",
    "h2": "#29405f",
    "h3": "#315279",
    "h4": "#3c6797",
    "h5": "#5386c0",
    "h6": "#6a9cd6",
    "h7": "#90bbef",
    "h8": "#c0dbff",
    "d0": "#90bbef",
    "d1": "#5c8fcb",
    "d2": "#3a6393",
    "d3": "#2a3d58",
    "d4": "#1e242e",
    "d5": "#49331f",
    "d6": "#85521f",
    "d7": "#c87a2d",
    "d8": "#f8bd80",
}

# Steps of the two ramps on which numbers are written in the paper's colour instead of the ink's.
STRONG_STEPS: Mapping[str, tuple[str, ...]] = {
    "light": ("h6", "h7", "h8", "d0", "d1", "d8"),
    "dark": ("h5", "h6", "h7", "h8", "d0", "d1", "d7", "d8"),
}


def write_variables() -> str:
    """The colours as CSS variables: light, dark where the system asks for it, and either one where the reader chose."""
    light, dark = (_block(colours, scheme) for colours, scheme in ((LIGHT, "light"), (DARK, "dark")))
    return (
        f":root{{{light}}}\n"  # print is always light
        f'@media screen and (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{dark}}}}}\n'
        f'@media screen{{:root[data-theme="dark"]{{{dark}}}}}\n'
    )


def _block(colours: Mapping[str, str], scheme: str) -> str:
    steps = [f"{ramp}{i}" for ramp in "hd" for i in range(9)]
    on = {f"on-{s}": colours["paper" if s in STRONG_STEPS[scheme] else "ink"] for s in steps}
    return f"color-scheme:{scheme};" + "".join(f"--{k}:{v};" for k, v in {**colours, **on}.items())

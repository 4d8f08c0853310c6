"""The few pictures that are not charts: the sun with its mock suns, and the signs of the verdicts."""

from __future__ import annotations

import math


def draw_halo() -> str:
    """A sun in its 22 degree halo with a mock sun on either side, as fine lines. Ornament: hidden from readers of text."""
    rays = "".join(
        f'<path d="M{200 + 46 * math.cos(a):.1f} {200 + 46 * math.sin(a):.1f}'
        f'L{200 + (58 if i % 2 else 66) * math.cos(a):.1f} {200 + (58 if i % 2 else 66) * math.sin(a):.1f}"/>'
        for i in range(24)
        for a in [i * math.pi / 12]
    )
    return (
        '<svg class="halo" viewBox="0 0 400 400" aria-hidden="true" focusable="false">'
        '<g fill="none" stroke="var(--rule)" stroke-width="1.1"><circle cx="200" cy="200" r="138"/>'
        '<circle cx="200" cy="200" r="143" stroke-dasharray="1 5"/><circle cx="200" cy="200" r="189" stroke-dasharray="2 7"/>'
        '<path d="M0 200H400" stroke-dasharray="1 4"/><path d="M118 84Q200 40 282 84" stroke-dasharray="3 4"/></g>'
        f'<g fill="none" stroke="var(--real)" stroke-width="1.3"><circle cx="200" cy="200" r="40"/>{rays}</g>'
        '<circle cx="200" cy="200" r="33" fill="var(--real-soft)"/>'
        '<g fill="var(--synth-fill)"><circle cx="62" cy="200" r="15"/><circle cx="338" cy="200" r="15" opacity=".55"/></g>'
        '<g fill="none" stroke="var(--synth)" stroke-width="1.2"><circle cx="62" cy="200" r="20"/>'
        '<path d="M40 200H6M62 178V166M62 222V234" /></g></svg>'
    )


def draw_emblem() -> str:
    """The sun between its two mock suns, at the size of a line of text."""
    return (
        '<svg viewBox="0 0 42 16" aria-hidden="true" focusable="false"><circle cx="21" cy="8" r="6" fill="var(--real)"/>'
        '<g fill="var(--synth-fill)"><circle cx="4.5" cy="8" r="3.5"/><circle cx="37.5" cy="8" r="3.5"/></g></svg>'
    )


def draw_sun(colour: str) -> str:
    """A key to the colours: filled for real rows, ringed for synthetic ones, dashed for the holdout."""
    if colour == "c-real":
        shape = f'<path class="area {colour}" d="M1 4H23V13H1Z"/><path class="line {colour}" d="M1 4H23"/>'
    else:
        shape = f'<path class="line {colour}" style="stroke-width:3" d="M1 7H23"/>'
    return f'<svg viewBox="0 0 24 14" aria-hidden="true" focusable="false">{shape}</svg>'


def draw_verdict(verdict: str) -> str:
    """A sign for the verdict; its word stands beside it."""
    inner = {
        "released": '<path d="M15 25.5L21.5 32L34 17.5"/>',
        "withheld": '<path d="M17 17L31 31M31 17L17 31"/>',
        "unassessed": '<path d="M24 6A18 18 0 0 1 24 42Z" fill="var(--v)" stroke="none"/>',
    }[verdict]
    return (
        '<svg viewBox="0 0 48 48" aria-hidden="true" focusable="false"><g fill="none" stroke="var(--v)" stroke-width="3" '
        f'stroke-linecap="round" stroke-linejoin="round"><circle cx="24" cy="24" r="19"/>{inner}</g></svg>'
    )

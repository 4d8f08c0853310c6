"""Copies of a few bytes between arrays: in pieces of 16, 8 and 4, where a loop over bytes would take three times as long."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic


def _make_copy(size: int) -> Any:
    @intrinsic
    def copy_piece(typing: Any, out: Any, at: Any, data: Any, begin: Any) -> Any:
        """Copies ``size`` bytes from ``data[begin]`` to ``out[at]``; neither has to be aligned."""

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            piece = ir.VectorType(ir.IntType(8), size) if size > 8 else ir.IntType(8 * size)
            places = []
            for array, index, kind in (
                (arguments[0], arguments[1], signature.args[0]),
                (arguments[2], arguments[3], signature.args[2]),
            ):
                first = context.make_array(kind)(context, builder, array).data
                places.append(builder.bitcast(cgutils.pointer_add(builder, first, index), piece.as_pointer()))
            builder.store(builder.load(places[1], align=1), places[0], align=1)
            return context.get_dummy_value()

        return types.void(out, types.int64, data, types.int64), generate

    return copy_piece


_copy16, _copy8, _copy4 = _make_copy(16), _make_copy(8), _make_copy(4)


@njit(cache=True, nogil=True)
def copy_bytes(out: Any, at: Any, data: Any, begin: Any, n: Any) -> None:
    """Copies n bytes from ``data[begin]`` to ``out[at]`` and touches no others; the last piece may overlap the one before it.

    Args:
        out: uint8, contiguous.
        at: int64.
        data: uint8, contiguous; must not overlap with ``out``.
        begin: int64.
        n: int64.
    """
    if n >= 16:
        k = 16
        while k < n:
            _copy16(out, at + k - 16, data, begin + k - 16)
            k += 16
        _copy16(out, at + n - 16, data, begin + n - 16)
    elif n >= 8:
        _copy8(out, at, data, begin)
        _copy8(out, at + n - 8, data, begin + n - 8)
    elif n >= 4:
        _copy4(out, at, data, begin)
        _copy4(out, at + n - 4, data, begin + n - 4)
    else:
        for k in range(n):
            out[at + k] = data[begin + k]

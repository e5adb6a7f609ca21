"""What compiled kernels need of the machine: bits of floats, fused products, wide vectors."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

_X86 = platform.machine().lower() in ("x86_64", "amd64")
_MODE = ir.IntType(32)
_FLUSH = 0x8040  # flush to zero, and take subnormal operands for zero
_INT_OF = {types.float32: types.int32, types.float64: types.int64}
_UNSIGNED_OF = {types.float32: types.uint32, types.float64: types.uint64}
_FLOAT_OF = {i: f for f, i in _INT_OF.items()}


def _instruction(typing: Callable) -> Any:
    """An intrinsic of numba, as kernels call it: without its typing context."""
    return intrinsic(typing)


@_instruction
def as_bits(typingctx, x):
    """The bits of a float as an integer of the same size."""
    return _reinterpretation(x, _INT_OF)


@_instruction
def as_unsigned(typingctx, x):
    """The bits of a float as a natural number: NaNs and all below zero are beyond infinity."""
    return _reinterpretation(x, _UNSIGNED_OF)


@_instruction
def as_float(typingctx, x):
    """The float with the bits of an integer of the same size."""
    return _reinterpretation(x, _FLOAT_OF)


@_instruction
def borrowed(typingctx, array):
    """The same array without a share in its memory, which somebody else has to keep.

    Counting who shares in an array, slice by slice, takes a tenth of the time of these loops.
    """

    def codegen(context, builder: ir.IRBuilder, signature, args):
        view = context.make_array(array)(context, builder, args[0])
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        view.parent = cgutils.get_null_value(view.parent.type)
        return view._getvalue()

    return array(array), codegen


@_instruction
def fma(typingctx, a, b, c):
    """a b + c, rounded once; LLVM fuses by itself only products that are used once."""

    def codegen(context, builder: ir.IRBuilder, signature, args):
        return builder.fma(*args)

    return a(a, a, a), codegen


@_instruction
def widest_vectors(typingctx):
    """Let LLVM use all the vector registers there are in the calling kernel.

    It prefers 256 bits on processors with 512, which makes these kernels half as fast.
    """

    def codegen(context, builder, signature, args):
        # llvmlite's set refuses names that it does not know, LLVM does not
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), codegen


@_instruction
def prefetch(typingctx, address):
    """Ask for the line of the cache at an address, which need not be a legal one."""

    def codegen(context, builder: ir.IRBuilder, signature, args):
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, _MODE, _MODE, _MODE])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        options = [ir.Constant(_MODE, n) for n in (0, 3, 1)]  # to read, to keep near, data
        builder.call(function, [builder.inttoptr(args[0], byte), *options])
        return context.get_dummy_value()

    return types.void(types.intp), codegen


@_instruction
def flush_subnormals(typingctx):
    """Take subnormal floats for 0 on this thread, and return the mode to restore.

    On x86 every product that is subnormal costs a hundred others; cold temperatures have many.
    """

    def codegen(context, builder: ir.IRBuilder, signature, args):
        if not _X86:
            return ir.Constant(_MODE, 0)
        before = _exchange(builder, "stmxcsr", None)
        _exchange(builder, "ldmxcsr", builder.or_(before, ir.Constant(_MODE, _FLUSH)))
        return before

    return types.int32(), codegen


@_instruction
def restore_subnormals(typingctx, mode):
    """Put this thread back into the mode that `flush_subnormals` found."""

    def codegen(context, builder: ir.IRBuilder, signature, args):
        if _X86:
            _exchange(builder, "ldmxcsr", args[0])
        return context.get_dummy_value()

    return types.void(types.int32), codegen


def _exchange(builder: ir.IRBuilder, name: str, value):
    """Load or store the control word of SSE through a slot in memory."""
    slot = builder.alloca(_MODE)
    if value is not None:
        builder.store(value, slot)
    pointer = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [pointer])
    function = builder.module.declare_intrinsic(f"llvm.x86.sse.{name}", (), kind)
    builder.call(function, [builder.bitcast(slot, pointer)])
    return builder.load(slot)


def ordered(bits) -> Any:
    """Bits of floats as integers in the order of the floats; its own inverse.

    A NaN comes out beyond one of the infinities.
    """
    raise NotImplementedError("only inside compiled kernels")


@overload(ordered)
def _ordered(bits):
    """All bits but the sign of a negative float are turned over."""

    def narrow(bits):
        return np.int32(bits ^ ((bits >> np.int32(31)) & np.int32(0x7FFFFFFF)))

    def wide(bits):
        return bits ^ ((bits >> 63) & 0x7FFFFFFFFFFFFFFF)

    return narrow if bits == types.int32 else wide


def _reinterpretation(x, table):
    if x not in table:
        return None

    def codegen(context, builder: ir.IRBuilder, signature, args):
        return builder.bitcast(args[0], context.get_value_type(signature.return_type))

    return table[x](x), codegen

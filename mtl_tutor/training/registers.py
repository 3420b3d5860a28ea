"""Give every number of a stack the last digit that it would have in any other stack.

torch goes through memory in steps of two vector registers. The numbers at the end of a stack that fill no register are
calculated by other routines, which may round otherwise. So they are made to fill one.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

_TWO_REGISTERS = 32  # numbers of single precision
_ATEN: Any = torch.ops.aten
_EXACT = frozenset(
    (
        *(_ATEN.add, _ATEN.sub, _ATEN.rsub, _ATEN.mul, _ATEN.div, _ATEN.addcmul, _ATEN.neg, _ATEN.abs, _ATEN.sqrt, _ATEN.reciprocal),
        *(_ATEN.relu, _ATEN.threshold_backward, _ATEN.maximum, _ATEN.minimum, _ATEN.where, _ATEN.masked_fill, _ATEN.clone, _ATEN.copy),
        *(_ATEN.eq, _ATEN.ne, _ATEN.lt, _ATEN.le, _ATEN.gt, _ATEN.ge),
    )
)
"""Operations of which all routines give the same last digit."""
_UNTAGGED = frozenset(
    (
        *(_ATEN.elu_backward, _ATEN.softplus_backward, _ATEN.log_sigmoid_backward, _ATEN.mish_backward, _ATEN.hardsigmoid_backward),
        *(_ATEN.hardswish, _ATEN.hardswish_backward),
    )
)
"""Operations that go element by element, though torch doesn't say so."""


def leaves_a_rest(func: Any, args: Sequence[Any]) -> bool:
    """Whether an operation goes through the numbers of all seeds in one row, at whose end a register isn't filled."""
    if func.overloadpacket in _EXACT or not (torch.Tag.pointwise in func.tags or func.overloadpacket in _UNTAGGED):
        return False
    tensors = [each for each in args if isinstance(each, Tensor)]
    forms = {(each.shape, each.stride(), each.dtype) for each in tensors}  # else torch goes row by row, alike in every stack
    return len(forms) == 1 and tensors[0].numel() % _TWO_REGISTERS != 0 and _is_dense(tensors[0])


def in_whole_registers(func: Any, *operands: Any, **more: Any) -> Tensor:
    """Calculate element by element, with zeros behind the last number."""
    first = next(each for each in operands if isinstance(each, Tensor))
    found = func(*(_filled(each) if isinstance(each, Tensor) else each for each in operands), **more)
    found = found.as_strided(first.shape, first.stride())
    return first.copy_(found) if func._schema.is_mutable else found


def _filled(x: Tensor) -> Tensor:
    """The numbers in the order of memory, and zeros; contiguous if they were: for what is, torch may have another routine."""
    flat = F.pad(x.as_strided((x.numel(),), (1,)), (0, -x.numel() % _TWO_REGISTERS))
    return flat if x.is_contiguous() else flat.view(-1, 2).mT


def _is_dense(x: Tensor) -> bool:
    """Whether the numbers lie in memory without gaps, in whatever order of the axes."""
    size = 1
    for stride, length in sorted(zip(x.stride(), x.shape, strict=True)):
        if length != 1 and stride != size:
            return False
        size *= length
    return True

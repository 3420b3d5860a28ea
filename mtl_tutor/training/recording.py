"""Record a function of tensors once as a list of tensor operations, and shorten the list."""

import operator
from collections.abc import Callable, Mapping, Sequence
from types import NotImplementedType
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.fx import Graph, GraphModule, Node
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

from mtl_tutor.training.registers import in_whole_registers, leaves_a_rest

ALIGN = 16  # 64 bytes of float32: a cache line, and the widest vector register
_ATEN: Any = torch.ops.aten
_VIEWS = (_ATEN.detach.default, _ATEN.view.default, _ATEN.expand.default, _ATEN._unsafe_view.default)
_NEUTRAL: dict[Any, int] = {_ATEN.add.Tensor: 0, _ATEN.mul.Tensor: 1, _ATEN.mul.Scalar: 1}


def record(function: Callable[..., Any], *arguments: Any) -> Callable[..., Any]:
    """Run a function once and return the tensor operations that its results need, as a function."""
    recorder = _Recorder()
    for leaf in tree_flatten(arguments)[0]:
        recorder.take(leaf)
    with recorder:
        result = function(*arguments)
    results, form = tree_flatten(result)
    graph = recorder.graph
    graph.output([recorder.nodes[id(leaf)] for leaf in results])
    for node in graph.nodes:
        if node.target is _ATEN.bmm.default:
            node.target = _aligned_bmm
        elif _is_idle(node):
            node.replace_all_uses_with(node.args[0])
    graph.eliminate_dead_code()
    for node in graph.nodes:
        _write_over(node)
    graph.eliminate_dead_code()
    operations = GraphModule(recorder.constants, graph).forward
    return lambda *again: tree_unflatten(operations(*tree_flatten(again)[0]), form)


class _Recorder(TorchDispatchMode):
    """Writes down each operation that torch carries out, below its vmap and autograd, as a node of a graph.

    `torch.fx.experimental.proxy_tensor.make_fx` does the same and more, in several times the time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.graph = Graph()
        self.nodes: dict[int, Node] = {}  # of each tensor
        self.constants: dict[str, Tensor] = {}
        self._seen: list[Tensor] = []  # so that no two have one id

    def take(self, argument: Tensor) -> None:
        """Make a tensor an argument of what is recorded."""
        self._note(argument, self.graph.placeholder(f"argument_{len(self.nodes)}"))

    def _note(self, tensor: Tensor, node: Node) -> Tensor:
        node.meta["form"] = tensor.shape, tensor.dtype
        self.nodes[id(tensor)] = node
        self._seen.append(tensor)
        return tensor

    def _node_of(self, value: Any) -> Any:
        if not isinstance(value, Tensor):
            return value
        if id(value) not in self.nodes:  # neither an argument nor made from one
            name = f"constant_{len(self.constants)}"
            self.constants[name] = value
            self._note(value, self.graph.get_attr(name))
        return self.nodes[id(value)]

    def __torch_dispatch__(self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        kwargs = kwargs or {}
        if func in _INSTEAD:
            with self:
                found = _INSTEAD[func](*args, **kwargs)
            if found is not NotImplemented:
                return found
        if torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), "CompositeImplicitAutograd"):  # made of other operations
            with self:
                return func.decompose(*args, **kwargs)
        if torch.Tag.data_dependent_output in func.tags:
            raise RuntimeError(f"{func} reads a number out of a tensor.")
        if func is _ATEN.lift_fresh.default:
            func = _ATEN.lift_fresh_copy.default  # or what is written over a constant would stay
        operands, more = tuple(tree_map(self._node_of, list(args))), tree_map(self._node_of, dict(kwargs))
        if leaves_a_rest(func, args):
            node = self.graph.call_function(in_whole_registers, (func, *operands), more)
        else:
            node = self.graph.call_function(func, operands, more)
        found = func(*args, **kwargs)
        if isinstance(found, Tensor):
            return self._note(found, node)
        for i, part in enumerate(found):
            if isinstance(part, Tensor):  # not what a convolution leaves out
                self._note(part, self.graph.call_function(operator.getitem, (node, i)))
        return found


def _is_idle(node: Node) -> bool:
    idle = node.target in _VIEWS or (node.target in _NEUTRAL and node.args[1] == _NEUTRAL[node.target])
    return bool(idle) and _alike(node.args[0], node)


def _alike(one: Any, other: Node) -> bool:
    a, b = (node.meta.get("form") if isinstance(node, Node) else None for node in (one, other))
    return a is not None and a == b


def _write_over(node: Node) -> None:
    """Compute in place where nothing else needs the operand, and fuse a product with the sum that it is added to."""
    if node.target is _ATEN.relu.default and _is_spare(node.args[0], node):
        node.target = _ATEN.relu_.default
    elif node.target is _ATEN.add.Tensor and not node.kwargs:
        for term, other in (node.args, node.args[::-1]):
            if _is_spare(term, node):
                node.target, node.args = _ATEN.add_.Tensor, (term, other)
                if isinstance(other, Node) and other.target is _ATEN.mul.Tensor and len(other.users) == 1 and _is_of_tensors(other):
                    node.target, node.args = _ATEN.addcmul_.default, (term, *other.args)
                return


def _is_of_tensors(product: Node) -> bool:
    return all(isinstance(factor, Node) for factor in product.args)


def _is_spare(operand: Any, node: Node) -> bool:
    fresh = isinstance(operand, Node) and operand.target in _FRESH  # no view of something else
    return fresh and len(operand.users) == 1 and _alike(operand, node)


def _softmax(x: Tensor, dim: int, half_to_float: bool) -> Tensor | NotImplementedType:
    """Go along a narrow last axis with samples side by side: torch is several times slower with the short axis inside."""
    return _ATEN._softmax(x.mT.contiguous(), -2, half_to_float).mT if _is_narrow(x, dim) else NotImplemented


def _softmax_backward(slope: Tensor, y: Tensor, dim: int, dtype: torch.dtype) -> Tensor | NotImplementedType:
    return _ATEN._softmax_backward_data(slope.mT.contiguous(), y.mT, -2, dtype).mT if _is_narrow(y, dim) else NotImplemented


def _is_narrow(x: Tensor, dim: int) -> bool:
    return x.ndim > 2 and dim % x.ndim == x.ndim - 1 and x.shape[-1] < ALIGN


def _aligned_bmm(a: Float[Tensor, "seed sample feature"], b: Float[Tensor, "seed feature hidden"]) -> Float[Tensor, "seed sample hidden"]:
    """Multiply batches of matrices that are padded to equal alignment: a product's last bit may depend on its factors' addresses."""
    m, n = a.shape[1], b.shape[2]
    if n == m == 1:
        return (a * b.mT).sum(-1, keepdim=True)
    if n == 1:
        return _aligned_bmm(b.mT, a.mT).view(-1, m, 1)  # MKL is several times faster this way round
    if a.stride(0) % ALIGN == 0 and b.stride(0) % ALIGN == 0 and m * n % ALIGN == 0:
        return torch.bmm(a, b)
    up = [-size % 4 for size in (m, a.shape[2], n)]
    return torch.bmm(F.pad(a, (0, up[1], 0, up[0])), F.pad(b, (0, up[2], 0, up[1])))[:, :m, :n].contiguous()


_FRESH = (_aligned_bmm, _ATEN.mul.Tensor, _ATEN.add.Tensor, _ATEN.add_.Tensor, _ATEN.addcmul_.default)
_INSTEAD = {
    _ATEN._softmax.default: _softmax,
    _ATEN._softmax_backward_data.default: _softmax_backward,
    # Ones need no operand: what was calculated for its shape alone can go.
    _ATEN.ones_like.default: lambda like, **_: torch.ones(like.shape, dtype=like.dtype, device=like.device),
}

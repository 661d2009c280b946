"""Work shared among the devices of this process: arrays that lead with an axis over parts, and a JAX mesh.

Each device does what one device alone would do, on a part of the same shape. `over_devices` compiles one program for
all of them, which XLA may round otherwise than the program of one device; `on_each_device` compiles that very program
for each, so that chains of draws, which part ways after one different rounding, are the same bit for bit.
"""

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as Spec

AXIS = "device"


@functools.cache
def _mesh(devices: tuple[Any, ...]) -> Mesh:
    return Mesh(np.array(devices), (AXIS,))


def local_mesh() -> Mesh:
    """The devices of this process on one axis: all of the default kind, or the one that `jax.default_device` names."""
    chosen = getattr(jax.config, "jax_default_device")  # noqa: B009  unknown to type checkers
    if isinstance(chosen, jax.Device):
        return _mesh((chosen,))
    return _mesh(tuple(jax.local_devices(backend=chosen)))


def on_all_devices(mesh: Mesh, tree: Any) -> Any:
    """Arrays that all parts need, put on every device once."""
    return tree if mesh.size == 1 else jax.device_put(tree, NamedSharding(mesh, Spec()))


def over_devices(mesh: Mesh, function: Callable[..., Any], own: Any, shared: Any = (), **static: Any) -> Any:
    """`function(own, shared, **static)`, each device given its part of `own` and giving that part of the answer.

    Args:
        mesh: the devices, from `local_mesh`. On one device the function is called as it is.
        function: a JAX function, the same one in each call; every array it gives leads with the same axis as `own`.
        own: arrays that lead with an axis whose length is a multiple of the number of devices.
        shared: arrays that every part needs whole; see `on_all_devices`.
        static: what is compiled in, hashable.
    Example:
        >>> import jax.numpy as jnp
        >>> def power(own, shared, exponent):
        ...     return own**exponent + shared
        >>> over_devices(local_mesh(), power, jnp.arange(4), jnp.asarray([1]), exponent=2).tolist()
        [1, 2, 5, 10]
    """
    if mesh.size == 1:
        return function(own, shared, **static)
    return _over_mesh(function, mesh, tuple(sorted(static.items())), own, shared)


def on_each_device(mesh: Mesh, function: Callable[..., Any], own: Any, shared: Any = (), **static: Any) -> Any:
    """What `over_devices` gives, to the bit of one device; compiled once for each, and handed back on the host.

    Example:
        >>> import jax.numpy as jnp
        >>> def power(own, shared, exponent):
        ...     return own**exponent + shared
        >>> on_each_device(local_mesh(), power, jnp.arange(4), jnp.asarray([1]), exponent=2).tolist()
        [1, 2, 5, 10]
    """
    wide = bool(getattr(jax.config, "jax_enable_x64"))  # noqa: B009  A setting of the thread: each sets its own.

    def run(place: int, device: Any) -> Any:
        with jax.enable_x64(wide):
            part = jax.tree.map(lambda array: _part(array, place, mesh.size), own)
            return jax.tree.map(np.asarray, function(*jax.device_put((part, shared), device), **static))

    if mesh.size == 1:
        return jax.tree.map(np.asarray, function(own, shared, **static))
    with ThreadPoolExecutor(mesh.size) as pool:
        parts = pool.map(run, range(mesh.size), mesh.devices.flat)
        return jax.tree.map(lambda *arrays: np.concatenate(arrays), *parts)


def _part(array: Any, place: int, num: int) -> Any:
    size = len(array) // num
    return array[place * size : (place + 1) * size]


@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _over_mesh(
    function: Callable[..., Any], mesh: Mesh, static: tuple[tuple[str, Any], ...], own: Any, shared: Any
) -> Any:
    part = functools.partial(function, **dict(static))
    # What varies between devices is the caller's business here: loops inside start from constants.
    shard = functools.partial(jax.shard_map, mesh=mesh, check_vma=False)
    return shard(part, in_specs=(Spec(AXIS), Spec()), out_specs=Spec(AXIS))(own, shared)

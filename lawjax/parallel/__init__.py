"""Several devices and several processes: what every room that shares work over them uses.

`cores.py` computes batches on all cores, `mesh.py` one program on all devices of this process;
`processes.py` joins processes by JAX's distributed runtime.
"""

from lawjax.parallel.processes import LostProcessError, distributed

__all__ = ["LostProcessError", "distributed"]

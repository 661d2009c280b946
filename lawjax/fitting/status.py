"""How a solve ended, and what to do about it."""

import enum


class Status(enum.IntEnum):
    """How a solve ended."""

    CONVERGED = 0
    MAX_STEPS = 1
    NONFINITE = 2
    AT_EDGE = 3
    STALLED = 4


ADVICE = {
    Status.CONVERGED: "Converged.",
    Status.MAX_STEPS: "Stopped before it converged; the value may be usable. Raise max_steps.",
    Status.STALLED: "No step goes lower, yet the slope is not zero: a kink, rounding, or a valley without end.",
    Status.NONFINITE: "The law gave no finite value on the way. Check the inputs, the ranges and the law.",
    Status.AT_EDGE: "A parameter reached the edge of its support; the data may not identify it.",
}

"""Laws of many fields with poor usual ranges, runs with seeded noise, and the optimum that SciPy finds.

`laws.py` has the laws, `answers.json` the optima, and `certify.py` makes them again.
"""

from tests.reference.families import laws  # noqa: F401  the laws join FAMILIES as they are defined
from tests.reference.families.family import FAMILIES, Family, answer

SEEDS = (0, 1)

__all__ = ["FAMILIES", "SEEDS", "Family", "answer"]

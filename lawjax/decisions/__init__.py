"""The question that each law exists to answer, in one call, with the law's uncertainty carried through.

A function takes a fit, a posterior, draws or the name of published coefficients, and gives an `Answer`.
"""

from lawjax.decisions.answer import Answer

__all__ = ["Answer"]

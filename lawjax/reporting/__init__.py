"""Reports: figures, the HTML page, and the demo that goes all the way from runs to a page.

`report` is the front door. `findings.py` computes, `sections.py` says it, `plots.py` alone knows Matplotlib.
"""

from lawjax.reporting.writing import report

__all__ = ["report"]

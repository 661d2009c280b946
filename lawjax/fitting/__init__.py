"""Point estimates: descend from many starts, keep the best, resample for the rest.

`fit` and `bootstrap` are the front doors; `solve.py` holds the loop they run.
"""

from lawjax.fitting.estimate import fit
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.intervals import Interval, derived, interval
from lawjax.fitting.many import Fits, fit_each
from lawjax.fitting.profile import profile
from lawjax.fitting.profile_result import Profile
from lawjax.fitting.resample import bootstrap
from lawjax.fitting.status import ADVICE, Status

__all__ = [
    "ADVICE",
    "Fit",
    "Fits",
    "Interval",
    "Profile",
    "Status",
    "bootstrap",
    "derived",
    "fit",
    "fit_each",
    "interval",
    "profile",
]

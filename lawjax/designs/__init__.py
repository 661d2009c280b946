"""Designs: what planned runs will tell, how many are needed, and which to make next.

`identifiability` judges a plan, `power` sizes it, `suggest` makes one.
"""

from lawjax.designs.judgement import Identifiability
from lawjax.designs.judging import identifiability
from lawjax.designs.power_result import Power
from lawjax.designs.sizing import power
from lawjax.designs.suggesting import suggest
from lawjax.designs.suggestion import Suggestion

__all__ = ["Identifiability", "Power", "Suggestion", "identifiability", "power", "suggest"]

"""Real training runs: one table that comes with lawjax, and public ones that are downloaded on demand.

`load` reads what is in the package; `fetch` gets the rest from its authors' repositories, at a fixed commit and with
a checksum; `available` lists both.
"""

from typing import TYPE_CHECKING

from lawjax.datasets.bundled import BUNDLED, load, provenance
from lawjax.datasets.public import PUBLIC, PublicData, fetch

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BUNDLED", "PUBLIC", "PublicData", "available", "fetch", "load", "provenance"]


def available() -> "pd.DataFrame":
    """Every data set: what it holds, how to get it, its licence and its source.

    Returns:
        One row a data set, indexed by name; "none stated" means that the source names no licence, so that the data
        may be used where they are but not passed on without asking.
    Example:
        >>> available().loc["kyo_takano", "licence"]
        'Apache-2.0'
    """
    import pandas as pd

    rows = {name: {"get": f'load("{name}")', **about} for name, about in BUNDLED.items()}
    rows |= {name: {"get": f'fetch("{name}")', **data.summary} for name, data in PUBLIC.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")

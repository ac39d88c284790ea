"""Crisis lines and emergency numbers, as data.

The YAML files are for reading and correcting; ``directory.json`` is packed from them by
``python -m resources.compile`` and is what ``load()`` reads. See README.md in this folder.
"""

from resources.directory import DEFAULT_MAX_AGE_DAYS, Directory, is_stale, load
from resources.model import (
    Audience,
    Country,
    CrisisLine,
    Emergency,
    International,
    Listing,
    MobileEmergency,
    ResourceError,
    Sms,
)

__all__ = [
    "DEFAULT_MAX_AGE_DAYS",
    "Audience",
    "Country",
    "CrisisLine",
    "Directory",
    "Emergency",
    "International",
    "Listing",
    "MobileEmergency",
    "ResourceError",
    "Sms",
    "is_stale",
    "load",
]

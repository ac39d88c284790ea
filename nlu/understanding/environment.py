"""What must be set before Rasa and TensorFlow are imported."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from typing import Any

import structlog

from understanding import paths


def prepare() -> None:
    """Set environment, logging and warnings. What the caller has set in the environment stays.

    Logging is at WARNING and must stay there: Rasa's debug lines print the message.
    """
    for name, value in {
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_MAX_CACHE_SIZE": "0",
        "LOG_LEVEL": "WARNING",
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        # The matrices of one message are small: threads would mostly wait for one another.
        "OPENBLAS_NUM_THREADS": "1",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }.items():
        os.environ.setdefault(name, value)
    # Rasa's own processes look for the components as well.
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(paths.NLU), inherited)))
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    if not sys.warnoptions:
        # Deprecations by the dozen, and Rasa's warnings, which may quote the message. A filter
        # would not do: several libraries put their own in front.
        warnings.showwarning = _drop


def _drop(*_: Any, **__: Any) -> None:
    return None

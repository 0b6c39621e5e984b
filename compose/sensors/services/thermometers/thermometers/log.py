"""One JSON object per line on stdout: time, level, service, event, and what the caller adds."""

import json
import logging
import os
import sys
from datetime import UTC, datetime


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": "thermometers",
            "event": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def start() -> None:
    """Sends this service's log to stdout, from LOG_LEVEL (default: info) up."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Json())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    _log.setLevel(os.environ.get("LOG_LEVEL", "info").upper())


def info(event: str, **fields: object) -> None:
    """Something happened as it should."""
    _log.info(event, extra={"fields": fields})


def warning(event: str, **fields: object) -> None:
    """Something failed that is tried again or done without."""
    _log.warning(event, extra={"fields": fields})


def error(event: str, **fields: object) -> None:
    """Something failed for good; called in an `except` block, it adds the traceback."""
    _log.error(event, extra={"fields": fields}, exc_info=sys.exc_info()[0] is not None)


_log = logging.getLogger("thermometers")

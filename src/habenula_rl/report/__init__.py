"""Reports: a finished run's tables, figures and verdicts as one HTML page that needs nothing else.

May import all but the command line, and reads tables only; `page` is the whole of it.
"""

from .page import page, write_report

__all__ = ["page", "write_report"]

"""Reports: the tables, figures and verdicts of a run, a fit or a check as one HTML page that needs nothing else.

May import all but the command line, and reads tables only. Begin with `page`.
"""

from .page import page, write_report

__all__ = ["page", "write_report"]

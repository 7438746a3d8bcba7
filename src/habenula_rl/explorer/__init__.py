"""`habenula explore`: a page in the browser where sliders move a trait, shocks and a drug, and the model answers.

Needs the extra `explore` (Shiny). Begin with `scene`, what can be chosen and the config of it; `seen` runs that config,
`drawing` draws what came out, `page` is the page itself. May import all but the command line and the report.
"""

from .scene import Scene, presets

__all__ = ["Scene", "presets"]

"""The documentation as a site: `make docs` builds it into build/site.

The folder of sources is the whole repository, so that a link from a page to README.md, or to a file of code, leads
where it does on the disk. Only the pages named here are read.
"""

import sys
from pathlib import Path

from habenula_rl import __version__

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # docstrings.py

project = "habenula_rl"
author = copyright = "The habenula_rl authors"
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.viewcode", "docstrings"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**", "calibration/*.md"]
exclude_patterns = ["docs/_templates", ".*", "build", "dist", "results", "configs", "experiments", "src", "tests"]
templates_path = [str(HERE / "_templates")]

# Every link between pages and to headings is checked. Annotations name many types of other packages, and some of this
# one, that have no page here: these alone may lead nowhere.
nitpicky = True
nitpick_ignore_regex = [("py:(class|data|exc)", ".*")]
nb_execution_mode = "force"  # a cache of outputs would not see that the package has changed
nb_execution_timeout = 180
nb_execution_raise_on_error = True
myst_heading_anchors = 6  # a link to a heading is written as GitHub writes it

autodoc_inherit_docstrings = False  # Gymnasium's are written for its own site
autosummary_filename_map = {  # file systems that do not tell Run from run need two names
    "habenula_rl.Run": "habenula_rl.Run-class",
    "habenula_rl.findings.Claim": "habenula_rl.findings.Claim-class",
    "habenula_rl.interventions.Given": "habenula_rl.interventions.Given-class",
}

html_theme = "furo"
html_title = f"habenula_rl {version}"
html_additional_pages = {"index": "to_the_first_page.html"}  # the site's own index is in docs/, as its source is

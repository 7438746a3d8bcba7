"""The documentation as a site: `make docs` builds it into build/docs.

The source folder is the whole repository, so that a link from a page to README.md, or to a file of code, leads where it
does on the disk. Only the pages below are read. Docstrings are read as Markdown's backticks are meant: what stands
between single ones is code.
"""

from habenula_rl import __version__

project = "habenula_rl"
author = copyright = "The habenula_rl authors"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**", "benchmarks/*.md", "calibration/*.md"]
exclude_patterns = [".*", "build", "dist", "docs/_templates", "results", "configs", "experiments", "src", "tests"]

autosummary_generate_overwrite = True
autosummary_filename_map = {  # file systems that do not tell "Run" from "run" need two names
    "habenula_rl.Run": "habenula_rl.Run-class",
    "habenula_rl.interventions.Given": "habenula_rl.interventions.Given-class",
}
templates_path = ["docs/_templates"]
autodoc_typehints = "signature"
default_role = "code"

autodoc_inherit_docstrings = False
autosummary_ignore_module_all = False
nitpicky = True
nitpick_ignore_regex = [("py:(class|data|exc)", ".*")]
myst_heading_anchors = 6  # a link to a heading is written as GitHub writes it
suppress_warnings: list[str] = []

html_theme = "furo"
html_title = f"habenula_rl {version}"
html_copy_source = False

"""How the documentation is built: Sphinx, Markdown by MyST, docstrings in the NumPy style."""

from __future__ import annotations

from typing import Any

import prum_match
import prum_match.dna

project = "prum_match"
version = release = prum_match.__version__
html_title = f"prum_match {release}"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
]
# Nothing is fetched while the pages are built: no intersphinx, no fonts, no scripts from outside.
html_theme = "furo"
html_show_copyright = False
html_show_sphinx = False
templates_path = ["_templates"]
exclude_patterns = ["_build", "examples"]
nitpicky = False

default_role = "py:obj"

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autosummary_generate = True
autosummary_imported_members = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {
    "members": True,
    # A class shows what it inherits from the library, not what it inherits from Python.
    "inherited-members": "BaseException,Generic,Mapping,Protocol,Sequence,int,object,str,tuple",
}
# The attributes sections of the docstrings and autodoc would list the same names twice.
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# The class has another name in its own module; autodoc would only say that it is an alias.
prum_match.dna.Gallery.__name__ = "Gallery"


def skip_field_numbers(app: Any, what: str, name: str, obj: Any, skip: bool, options: Any) -> Any:
    """Leave out what every named tuple says of its fields; their docstrings say more."""
    return True if (obj.__doc__ or "").startswith("Alias for field number") else None


def setup(app: Any) -> None:
    """Connect the handler above."""
    app.connect("autodoc-skip-member", skip_field_numbers)

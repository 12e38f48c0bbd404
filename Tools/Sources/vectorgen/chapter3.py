"""Vectors of 3-entry: headers, genesis facts, bodies, content, padding."""

from content import add_content, add_entries, add_padding
from genesis import add_founding, add_genesis
from headers import add_deps_and_ext, add_headers, add_structure


def add(out, office):
    add_headers(out, office)
    add_structure(out, office)
    add_deps_and_ext(out, office)
    add_genesis(out, office)
    add_founding(out, office)
    add_entries(out, office)
    add_content(out)
    add_padding(out)

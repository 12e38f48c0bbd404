"""Small libraries of our own that stand before the C library in a program that is tried."""

import os
import shutil
import subprocess


class NoCompiler(Exception):
    """There is no compiler for C here."""


def library(folder, source, *more):
    """The path of a shared library made of a source in C; `more` is said to the compiler."""
    name = os.path.splitext(os.path.basename(source))[0]
    path = os.path.join(folder, name + ".so")
    if not os.path.exists(path):
        compiler = shutil.which("clang") or shutil.which("cc")
        if not compiler:
            raise NoCompiler("there is no C compiler")
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", path, source, *more],
            check=True)
    return path

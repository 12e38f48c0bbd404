"""Reads vector files: header lines, a blank line, hex in short commented lines."""

import os


class Vector:
    """One case: what is expected, by which rule, the inputs, and the bytes."""

    def __init__(self, path, lines):
        self.path = path
        self.inputs = {}
        head, body = split(lines, path)
        for line in head:
            key, _, value = line.partition(":")
            if key in self.inputs:
                raise ValueError(f"{path}: {key} stands twice")
            self.inputs[key] = value.strip()
        for key in ("expect", "rule", "form", "comment"):
            if key not in self.inputs:
                raise ValueError(f"{path}: no {key}")
        self.data = b"".join(row(line.partition("#")[0]) for line in body)

    @property
    def expect(self):
        return self.inputs["expect"]

    @property
    def rule(self):
        return self.inputs["rule"]

    @property
    def form(self):
        return self.inputs["form"]

    def text(self, key):
        return self.inputs[key]

    def hex(self, key):
        return bytes.fromhex(self.inputs[key])

    def number(self, key):
        return int(self.inputs[key])

    def has(self, key):
        return key in self.inputs


def row(text):
    """The bytes of one line: hex, or one byte and how often it stands there."""
    digits, star, count = text.partition("*")
    return bytes.fromhex(digits) * (int(count) if star else 1)


def split(lines, path):
    if "" not in lines:
        raise ValueError(f"{path}: no blank line")
    border = lines.index("")
    return lines[:border], lines[border + 1 :]


def load(folder):
    """Every vector below a folder, in the order of their paths."""
    found = []
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name.endswith(".txt"):
                path = os.path.join(place, name)
                with open(path, encoding="utf-8") as file:
                    lines = file.read().split("\n")
                found.append(Vector(os.path.relpath(path, folder), lines))
    return found

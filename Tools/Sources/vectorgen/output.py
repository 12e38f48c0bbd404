"""The vector files: written, or compared with what is there."""

import os
import re

FENCE = re.compile(r"```vector ([^\n]+)\n(.*?)```", re.S)


class Output:
    """Collects every file of the tree before anything is written."""

    def __init__(self):
        self.files = {}

    def add(self, path, expect, rule, comment, form, data, **inputs):
        """One vector. `data` is bytes or segments; inputs are text, numbers or bytes."""
        assert path not in self.files, path
        assert expect in ("ok", "decode", "verify", "admit"), expect
        segments = [("", data)] if isinstance(data, bytes) else data
        lines = [f"expect: {expect}", f"rule: {rule}", f"form: {form}", f"comment: {comment}"]
        for key, value in inputs.items():
            value = value.hex() if isinstance(value, bytes) else value
            lines.append(f"{key.replace('_', '-')}: {value}")
        lines.append("")
        for name, part in segments:
            lines += hex_lines(name, part)
        self.files[path] = "\n".join(lines) + "\n"


ROW = 32


def hex_lines(name, part):
    """Rows of 32 bytes, the first with its comment; rows of one byte alone become `00 * 96`."""
    rows, at = [], 0
    while at < len(part):
        end = at
        while end + ROW <= len(part) and part[end : end + ROW] == part[at : at + 1] * ROW:
            end += ROW
        if end - at >= 3 * ROW:
            rows.append(f"{part[at]:02x} * {end - at}")
            at = end
        else:
            rows.append(part[at : at + ROW].hex())
            at += ROW
    if rows and name:
        rows[0] = f"{rows[0]:64}  # {name}"
    return rows


def on_disk(folder):
    """Every vector file below a folder, by its path from there."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".txt"):
                path = os.path.join(place, name)
                with open(path, encoding="utf-8") as file:
                    found[os.path.relpath(path, folder)] = file.read()
    return found


def example(text):
    """The bytes of a vector as a chapter shows them: what stands after the blank line."""
    return text.split("\n\n", 1)[1]


def with_examples(chapter, files):
    """A chapter with every example block filled from the vector it names."""

    def filled(match):
        return f"```vector {match[1]}\n{example(files[match[1]])}```"

    return FENCE.sub(filled, chapter)


def differences(files, protocol):
    """What stands in the tree and in the chapters otherwise than it should."""
    there = on_disk(os.path.join(protocol, "Vectors"))
    for path in sorted(files.keys() | there.keys()):
        if path not in there:
            yield f"Vectors/{path}: missing"
        elif path not in files:
            yield f"Vectors/{path}: not made by vectorgen"
        elif files[path] != there[path]:
            yield f"Vectors/{path}: differs"
    for name, text in chapters(protocol):
        if with_examples(text, files) != text:
            yield f"{name}: an example differs from its vector"


def chapters(protocol):
    for name in sorted(os.listdir(protocol)):
        if name.endswith(".md"):
            with open(os.path.join(protocol, name), encoding="utf-8") as file:
                yield name, file.read()


def write(files, protocol):
    """Writes the tree, removes what does not belong to it, and fills the chapters' examples."""
    folder = os.path.join(protocol, "Vectors")
    for path in on_disk(folder).keys() - files.keys():
        os.remove(os.path.join(folder, path))
    for path, text in files.items():
        place = os.path.join(folder, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8") as file:
            file.write(text)
    for name, text in chapters(protocol):
        new = with_examples(text, files)
        if new != text:
            with open(os.path.join(protocol, name), "w", encoding="utf-8") as file:
                file.write(new)

"""Writes man pages from what the programs print for --help, so that there is one text."""

import re
import subprocess

ROW = re.compile(r"^  (\S.*?)(?:  +(.*))?$")
OPTION = re.compile(r"^  (?:(-\w, --\S.*?)|    (--\S.*?))(?:  +(.*))?$")
LINE = re.compile(r"^  (\S.*)()$")
SECTION = re.compile(r"^([A-Z][a-z ]+):$")


class Page:
    """The help of one command, taken apart."""

    def __init__(self, text):
        lines = text.splitlines()
        self.name, self.abstract = lines[0].split(" - ", 1)
        self.usage = lines[2].removeprefix("Usage: ")
        self.paragraphs, self.sections = [], {}
        for block in "\n".join(lines[3:]).strip("\n").split("\n\n"):
            title = SECTION.match(block.split("\n")[0])
            if title and block.split("\n")[1:2] and block.split("\n")[1].startswith("  "):
                self.sections[title[1]] = rows(title[1], block.split("\n")[1:])
            else:
                self.paragraphs.append(" ".join(block.split("\n")))


def rows(title, lines):
    """Pairs of what stands at the left and what it means."""
    found = []
    pattern = OPTION if title.startswith("Options") else LINE if title == "Examples" else ROW
    for line in lines:
        match = pattern.match(line)
        if match:
            parts = [part for part in match.groups() if part is not None]
            found.append([parts[0], match.groups()[-1] or ""])
        elif found:
            found[-1][1] = (found[-1][1] + " " + line.strip()).strip()
    return found


def page_of(program, words):
    """What the program says about a command."""
    done = subprocess.run(
        [program, *words, "--help"], capture_output=True, text=True, check=True, timeout=20
    )
    return Page(done.stdout)


def manual(program, date, version, others):
    """The man page of a program and all its commands, as roff."""
    page = page_of(program, [])
    out = [f".TH {page.name.upper()} 1 {date} {quoted('Zuruf ' + version)} Zuruf"]
    out += [".SH NAME", f"{plain(page.name)} \\- {plain(page.abstract)}"]
    out += [".SH SYNOPSIS", bold(page.usage)]
    out += [".SH DESCRIPTION"] + paragraphs(page.paragraphs)
    for title, name in (("Options", "OPTIONS"), ("Options of every command", None)):
        listed = page.sections.get(title, [])
        out += ([f".SH {name}"] if name and listed else []) + definitions(listed)
    below = commands(program, page, [])
    out += [".SH COMMANDS"] + below if below else []
    out += examples(".SH EXAMPLES", page)
    if "Exit codes" in page.sections:
        out += [".SH EXIT STATUS"] + definitions(page.sections["Exit codes"])
    seen = ", ".join(f"\\fB{plain(other)}\\fR(1)" for other in others if other != page.name)
    return "\n".join(out + [".SH SEE ALSO", seen]) + "\n"


def commands(program, page, path):
    """Every command below one, each with its own options and examples."""
    out = []
    verbs = page.sections.get("Commands", []) + page.sections.get("Verbs", [])
    for name, _ in verbs:
        words = path + [name]
        below = page_of(program, words)
        out += [f".SS {quoted(plain(below.usage))}", plain(below.abstract) + "."]
        if "(when none is given)" in dict(verbs)[name]:
            out += ["It is meant when no verb is given."]
        out += [line for each in below.paragraphs for line in (".PP", plain(each))]
        for title in ("Arguments", "Options"):
            out += definitions(below.sections.get(title, []))
        out += examples(".PP\nExamples:", below)
        out += commands(program, below, words)
    return out


def paragraphs(texts):
    return [line for text in texts for line in (".PP", plain(text))][1:]


def definitions(listed):
    return [line for left, right in listed for line in (".TP", bold(left), plain(right))]


def examples(heading, page):
    listed = page.sections.get("Examples", [])
    if not listed:
        return []
    out = heading.split("\n")
    for index in range(0, len(listed)):
        out += [".TP", bold(listed[index][0]), plain(listed[index][1])]
    return out


def plain(text):
    """Text as roff takes it literally."""
    text = text.replace("\\", "\\(rs").replace("-", "\\-").replace("^", "\\(ha")
    text = text.replace("~", "\\(ti").replace("`", "\\(ga").replace("'", "\\(aq")
    return "\\&" + text if text.startswith(".") else text


def bold(text):
    return f"\\fB{plain(text)}\\fR"


def quoted(text):
    return '"' + text.replace('"', "\\(dq") + '"'

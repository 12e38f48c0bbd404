"""The page as it is served: put together from Sources/Desk/Page as Protocol/C-desk.md W-15 says.

A second hand at it beside the server's own: the trials compare the two byte for byte.
"""

import base64
import hashlib
import os
import re
import string

PAGE = os.path.normpath(os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "Sources", "Desk", "Page"))
LANGUAGES = ["en", "de"]
POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'")
#: Beside these, and behind those, a blank says nothing in a script or a style.
SCRIPT_SIGNS, STYLE_SIGNS = ("=,:;(){}[]?<>&|!", ""), ("{};,", ":")
#: What stands for a word of a script that says the same.
SHORTER = {"true": "!0", "false": "!1", "undefined": "void 0"}
SCRIPT_WORD = re.compile(r"[A-Za-z0-9_$]+")
#: A line with one of these outside of single quotes may hold a text or a pattern in which a blank
#: does say something, and so may one with a backslash.
WHOLE = set("/`\"'")
IMPORT = re.compile(r"^import [^;]*?'\./([\w-]+)\.js';\n", re.M)


def source(name):
    with open(os.path.join(PAGE, name), encoding="utf-8") as file:
        return file.read()


TEXT = re.compile("""('[^']*'|"[^"]*"|`[^`]*`)""")
#: A text that may have another one in it.
NESTED = re.compile(r"`[^`]*\$\{[^}`]*`")
#: What a function is given, alone, with brackets about it.
LONE = re.compile(r"(?<!\w)\((\w+)\)=>")


def lean(text):
    """Without blanks before a line, empty lines, and lines that are a comment; `let` for `const`."""
    lines, is_comment = [], False
    for line in text.split("\n"):
        line = line.lstrip(" ")
        is_comment = is_comment or line.startswith("/*")
        if is_comment:
            is_comment = not line.endswith("*/")
        elif line and not line.startswith("//"):
            lines.append(re.sub("^const ", "let ", line))
    return "".join(line + "\n" for line in lines)


def tight(text, signs=("", "")):
    """Without the blanks beside such signs, and without line feeds where the line can go on."""
    beside, behind = (f"[{re.escape(some)}]" if some else "(?!)" for some in signs)
    blanks = re.compile(f" *({beside}) *|({behind}) +")
    lines = []
    for line in text.splitlines():
        # What stands between two quotes of one kind is a text.
        parts = TEXT.split(line)
        if "\\" not in line and not WHOLE & set("".join(parts[::2])) and not NESTED.search(line):
            if signs == SCRIPT_SIGNS:
                parts[::2] = [SCRIPT_WORD.sub(lambda found: SHORTER.get(found[0], found[0]), one)
                              for one in parts[::2]]
            parts[::2] = [blanks.sub(lambda found: found[1] or found[2], one).replace(";}", "}")
                          for one in parts[::2]]
            parts[::2] = [LONE.sub(r"\1=>", one) for one in parts[::2]]
        line = "".join(parts)
        if lines and line[0] in "?:&|}" and lines[-1][-1] == "\n" and "//" not in lines[-1]:
            lines[-1] = lines[-1][:-1]
        if line[0] == "}" and lines and lines[-1][-1] == ";":
            lines[-1] = lines[-1][:-1]
        lines.append(line if line[-1] in "{};,([" and "//" not in line else line + "\n")
    return "".join(lines)


def letters(number):
    digit = string.ascii_letters[number % 52]
    return digit if number < 52 else digit + letters(number // 52 - 1)


def short(text, mark="#", more=""):
    """With letters in the place of each private name, in the order in which they occur first.

    Such a name stands behind a mark; of letters and digits, and `more` in it.
    """
    names = {}
    return re.sub(rf"(?<!['\"`]){mark}([A-Za-z][A-Za-z0-9{more}]*)",
                  lambda found: mark + names.setdefault(found[1], letters(len(names))), text)


def made_in(names):
    """What these modules make for all of themselves by a name with a capital letter behind its first."""
    made = re.compile(
        r"^(?:export )?(?:async )?(?:function|class|const|let) ([A-Za-z0-9_$]+)", re.M)
    return {one for name in names for one in made.findall(source(f"js/{name}.js"))
            if re.search("[A-Z]", one[1:])}


def bound(name="main"):
    """A module behind all that it needs, in one scope: each once, in the order it is asked for."""
    seen = set()

    def add(name):
        if name in seen:
            return ""
        seen.add(name)
        text = source(f"js/{name}.js")
        before = "".join(add(other) for other in IMPORT.findall(text))
        return before + re.sub(r"^export ", "", IMPORT.sub("", text), flags=re.M)

    text = short(tight(lean(add(name)), SCRIPT_SIGNS))
    words, names = made_in(seen), {}
    return re.sub(r"[A-Za-z0-9_$]+",
                  lambda found: "$" + names.setdefault(found[0], letters(len(names)))
                  if found[0] in words else found[0], text)


def document(language):
    """The page in a language, in bytes."""
    parts = {"style": short(tight(lean(source("style.css")), STYLE_SIGNS), "--", "-"),
             "early": tight(lean(source("js/early.js")), SCRIPT_SIGNS),
             "texts": tight(lean(source(f"texts/{language}.json"))), "main": bound()}
    lines = (parts[line[2:-3]] if line.startswith("{{") else line
             for line in lean(source("index.html")).splitlines(keepends=True))
    return "".join(lines).encode()


def policy(page=None):
    """What the page may do: run what is in it, and nothing else."""
    page = page or document(LANGUAGES[0])

    def allowed(pattern):
        return " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(one).digest()).decode()}'"
            for one in re.findall(pattern, page, re.S))

    scripts = allowed(rb'<script(?: type="module")?>(.*?)</script>')
    return POLICY.format(scripts=scripts, styles=allowed(rb"<style>(.*?)</style>"))

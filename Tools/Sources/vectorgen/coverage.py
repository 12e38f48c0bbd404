"""Which rules of the chapters have vectors, and which say why they have none."""

import os
import re

import chapter2
import chapter3
import chapter4
import chapter5
import chapter6
import chapter7
import chapter8
import chapter9
import chapter_b

CHAPTERS = (chapter2, chapter3, chapter4, chapter5, chapter6, chapter7, chapter8, chapter9,
            chapter_b)  # fmt: skip
RULE = re.compile(r"^- \*\*([A-Z]-\d+)\*\*(.*?)(?=^- \*\*|^#|^$|\Z)", re.S | re.M)
NO_VECTOR = "No vector"
NO_REFUSAL = "No refusing vector"


# A start reports and cuts; but for a later version it refuses nothing.
STORE = "B-store"


def rules_of(protocol, names):
    """Every labelled rule of the chapters that are named so, and its text."""
    found = {}
    for name in sorted(os.listdir(protocol)):
        if names(name) and name.endswith(".md"):
            with open(os.path.join(protocol, name), encoding="utf-8") as file:
                for label, text in RULE.findall(file.read()):
                    found[label] = text
    return found


def report(files, protocol):
    """Names rules without vector or refusal or excuse, vectors without rule, chapters short of refusals."""
    # Of the appendices the store's has vectors; the others speak of no bytes.
    rules = rules_of(protocol, lambda name: name[0].isdigit())
    of_store = rules_of(protocol, lambda name: name.startswith(STORE))
    used, refusing = set(), set()
    for text in files.values():
        head = dict(line.split(": ", 1) for line in text.split("\n\n")[0].split("\n"))
        used.add(head["rule"])
        if head["expect"] != "ok":
            refusing |= {head["rule"], head.get("because", head["rule"])}
    used |= refusing
    wrong = [f"{label}: no vector" for label, text in rules.items()
             if label not in used and NO_VECTOR not in text]  # fmt: skip
    wrong += [f"{label}: no vector that is refused" for label, text in rules.items()
              if label in used and label not in refusing and NO_REFUSAL not in text]  # fmt: skip
    wrong += [f"{label}: says that it has none, and is in a vector" for label, text in rules.items()
              if label in used and NO_VECTOR in text and "of its own" not in text
              or label in refusing and NO_REFUSAL in text]  # fmt: skip
    # A rule that has none says why.
    wrong += [f"{label}: says that it has none, and not why" for label, text in rules.items()
              if f"({NO_VECTOR}.)" in text]
    wrong += [f"{label}: in a vector, in no chapter" for label in sorted(used - rules.keys() - of_store.keys())]
    for folder in sorted({path.split("/")[0] for path in files} - {STORE}):
        texts = [text for path, text in files.items() if path.startswith(folder)]
        accepted = sum(text.startswith("expect: ok") for text in texts)
        if (len(texts) - accepted) < 3 * accepted:
            wrong.append(f"{folder}: {accepted} accepted, {len(texts) - accepted} refused")
    for line in wrong:
        print(line)
    return 1 if wrong else 0

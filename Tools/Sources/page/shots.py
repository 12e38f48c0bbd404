"""Takes a picture of every screen in both languages and themes, from narrow to large."""

import os

from browser import Browser, BrowserFault
from screens import SCREENS
from suite import Stage

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740, "touch": True}
LARGE = {"width": 2560, "height": 1440}
LANGUAGES = {"de": "de-DE", "en": "en-GB"}
#: Name of a look: language, theme and width.
LOOKS = {
    f"{language}-{theme}-{size}": {"language": LANGUAGES[language], "theme": theme, **window}
    for language in LANGUAGES for theme in ("light", "dark")
    for size, window in (("wide", WIDE), ("narrow", NARROW), ("large", LARGE))}


def take_all(folder, names, looks):
    """Writes FOLDER/SCREEN-LOOK.png for each; gives the exit status."""
    os.makedirs(folder, exist_ok=True)
    failed = 0
    with Browser() as browser:
        for look in looks:
            for name in names:
                stage = Stage(browser, None)
                try:
                    tab = SCREENS[name](stage, LOOKS[look])
                    tab.settle()
                    tab.screenshot(os.path.join(folder, f"{name}-{look}.png"))
                except BrowserFault as fault:
                    failed += 1
                    print(f"page: {name} in {look}: {fault}")
                finally:
                    stage.close()
    print(f"page: {len(names) * len(looks) - failed} pictures in {folder}")
    return 1 if failed else 0

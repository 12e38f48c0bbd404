"""Drives a headless Chromium by its DevTools protocol, over a pipe: no port is opened for it.

    with Browser() as browser:
        tab = browser.tab(width=1280, height=800)
        tab.open("http://127.0.0.1:47480/enter?link=…")
        tab.wait("document.querySelector('h1')")
        tab.click("button.primary")

Everything waits for something that happens in the page, with a deadline; nothing sleeps. Errors of
the page's console gather in `tab.problems`.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

DEADLINE_SECONDS = 20
PROGRAMS = ["chromium", "chromium-browser", "google-chrome"]
KEYS = {
    "Enter": ("Enter", 13, "\r"), "Tab": ("Tab", 9, ""), "Escape": ("Escape", 27, ""),
    "Space": ("Space", 32, " "), "ArrowUp": ("ArrowUp", 38, ""), "ArrowDown": ("ArrowDown", 40, ""),
    "ArrowLeft": ("ArrowLeft", 37, ""), "ArrowRight": ("ArrowRight", 39, ""),
    "Home": ("Home", 36, ""), "End": ("End", 35, ""), "Backspace": ("Backspace", 8, "")}
SHIFT = 8


class BrowserFault(Exception):
    """The browser said no, ended, or something did not come in time."""


def program():
    """Where a Chromium is; None where there is none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    """A Chromium of its own, with a profile that is thrown away.

    `prefix` are words before the command, as those that run it on another host; `owner` is the user
    it runs as there, and `environment` replaces its own.
    """

    def __init__(self, language="en", prefix=(), arguments=(), owner=None, environment=None):
        self.profile = tempfile.mkdtemp(prefix="zuruf-browser-")
        if owner is not None:
            os.chown(self.profile, owner, owner)
        self.number, self.answers, self.tabs, self.rest = 0, {}, {}, b""
        self.to_browser, self.from_browser = os.pipe(), os.pipe()
        command = [
            *prefix, program(), "--headless=new", "--no-sandbox", "--remote-debugging-pipe",
            f"--user-data-dir={self.profile}", "--no-first-run", "--disable-gpu",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--no-proxy-server", "--hide-scrollbars",
            "--font-render-hinting=none", f"--lang={language}", *arguments, "about:blank"]
        self.log = open(os.path.join(self.profile, "log"), "wb")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, close_fds=False,
            env={**(environment or os.environ), "LANGUAGE": language}, preexec_fn=self._descriptors)
        os.close(self.to_browser[0])
        os.close(self.from_browser[1])
        self.call("Browser.getVersion")

    def _descriptors(self):
        """Chromium reads commands from 3 and writes to 4, whatever the numbers were here."""
        high = os.dup(self.to_browser[0]), os.dup(self.from_browser[1])
        os.dup2(high[0], 3)
        os.dup2(high[1], 4)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def close(self):
        try:
            self.call("Browser.close")
        except BrowserFault:
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.to_browser[1])
        os.close(self.from_browser[0])
        self.log.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, session=None, **params):
        """The result of a command."""
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        try:
            data = json.dumps(message).encode() + b"\0"
            while data:
                data = data[os.write(self.to_browser[1], data):]
        except OSError as error:
            raise BrowserFault(f"the browser is gone: {error}") from error
        deadline = time.monotonic() + DEADLINE_SECONDS
        while number not in self.answers:
            self.pump(deadline)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise BrowserFault(f"{method}: {answer['error'].get('message')}")
        return answer["result"]

    def pump(self, deadline):
        """Takes in what the browser says, until the deadline at the latest."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.from_browser[0]], [], [], left)[0]:
            raise BrowserFault("the browser did not answer in time")
        more = os.read(self.from_browser[0], 1_048_576)
        if not more:
            raise BrowserFault("the browser ended")
        *messages, self.rest = (self.rest + more).split(b"\0")
        for text in messages:
            message = json.loads(text)
            if "id" in message:
                self.answers[message["id"]] = message
            elif message.get("sessionId") in self.tabs:
                self.tabs[message["sessionId"]].event(message["method"], message["params"])

    def tab(self, **look):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = self.tabs[session] = Tab(self, session, target)
        for domain in ("Page", "Runtime", "Log", "Network"):
            tab.call(f"{domain}.enable")
        tab.look(**look)
        return tab


class Tab:
    """One page of a browser."""

    def __init__(self, browser, session, target):
        self.browser, self.session, self.target = browser, session, target
        self.problems, self.requests = [], []
        self.loads = 0

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)

    def event(self, method, params):
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            text = details.get("exception", {}).get("description") or details["text"]
            self.problems.append(f"exception: {text}")
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            entry = params["entry"]
            self.problems.append(f"log: {entry['text']} {entry.get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            values = [str(one.get("value", one.get("description"))) for one in params["args"]]
            self.problems.append(f"console: {' '.join(values)}")
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loads += 1

    def look(self, width=1280, height=800, theme="light", language=None, reduced=True, touch=False):
        """The window's size, the system's theme and language."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=touch)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce" if reduced else "no-preference"}])
        if language:
            self.call("Emulation.setUserAgentOverride", acceptLanguage=language,
                      userAgent="Zuruf tests")
            self.call("Emulation.setLocaleOverride", locale=language)

    def open(self, url):
        loads = self.loads
        self.call("Page.navigate", url=url)
        self._until(lambda: self.loads > loads, f"{url} was not loaded")

    def _until(self, is_so, words, seconds=DEADLINE_SECONDS):
        deadline = time.monotonic() + seconds
        while not is_so():
            try:
                self.browser.pump(deadline)
            except BrowserFault as fault:
                raise BrowserFault(f"{words} ({fault})") from fault

    def run(self, script, waits=False):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True,
                           awaitPromise=waits, userGesture=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise BrowserFault(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def wait(self, condition, seconds=DEADLINE_SECONDS):
        """Waits until an expression is true: looked at once in every frame of the page."""
        script = f"""new Promise((resolve) => {{
          const ends = performance.now() + {int(seconds * 1000) - 500};
          const look = () => {{
            let value;
            try {{ value = ({condition}); }} catch (error) {{ value = undefined; }}
            if (value) return resolve(typeof value === 'object' ? true : value);
            if (performance.now() > ends) return resolve(null);
            return setTimeout(look, 8);
          }};
          look();
        }})"""
        value = self.run(script, waits=True)
        if value is None:
            raise BrowserFault(f"it did not come true: {condition}\n{self.describe()}")
        return value

    def describe(self):
        """What the page shows, for whoever reads why a test failed."""
        text = self.run("document.body.innerText.slice(0, 1200)")
        return f"shown: {text!r}\nproblems: {self.problems}"

    def wait_text(self, text, within="document.body", seconds=DEADLINE_SECONDS):
        return self.wait(f"({within}).innerText.includes({json.dumps(text)})", seconds)

    def settle(self):
        """Until what was drawn is on the screen, and fonts are there."""
        self.run("document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame("
                 "() => requestAnimationFrame(done)))).then(() => true)", waits=True)

    def place(self, selector, text=None):
        """The middle of the first visible element, scrolled into view."""
        # Looked for and measured in one step: between two the page may have drawn it anew.
        place = self.wait(f"""((one) => {{
          if (!one) return undefined;
          one.scrollIntoView({{ block: 'nearest', behavior: 'instant' }});
          const at = one.getBoundingClientRect();
          return `${{at.left + at.width / 2}} ${{at.top + at.height / 2}}`;
        }})({found(selector, text)})""")
        return map(float, place.split())

    def click(self, selector, text=None):
        """Presses the mouse on an element; `text`: which one, by what it says."""
        self.press(selector, text)()

    def press(self, selector, text=None):
        """Presses the mouse on an element, and gives what lets it go there again."""
        x, y = self.place(selector, text)

        def mouse(kind):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

        mouse("mousePressed")
        return lambda: mouse("mouseReleased")

    def hover(self, selector, text=None):
        x, y = self.place(selector, text)
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def key(self, name, modifiers=0):
        """Presses a key by its name, or a letter."""
        code, number, text = KEYS.get(name, (name, ord(name[0].upper()), name))
        shown = " " if name == "Space" else name
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", key=shown,
                  code=code, windowsVirtualKeyCode=number, modifiers=modifiers,
                  **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", key=shown, code=code,
                  windowsVirtualKeyCode=number, modifiers=modifiers)

    def screenshot(self, path):
        image = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(image))


def found(selector, text=None):
    """An expression for the first visible element of a selector (that says `text`)."""
    says = "true" if text is None else (
        f"(one.innerText || one.getAttribute('aria-label') || '').includes({json.dumps(text)})")
    return (f"[...document.querySelectorAll({json.dumps(selector)})].find((one) => "
            f"one.checkVisibility({{visibilityProperty: true}}) && {says})")

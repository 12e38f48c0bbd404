"""What axe would say, and what it does not: names in the accessibility tree, contrast, widths.

axe-core itself is taken from a file that somebody names: tests fetch nothing. Without it the checks
of this file stand alone.
"""

import os

from binding import PAGE
from suite import Skip, expect

#: Where it lies beside this repository, as the vectors of texts do.
SHARED = os.path.normpath(os.path.join(PAGE, "..", "..", "..", "..", "shared", "axe.min.js"))
NAMED = {"button", "link", "textbox", "combobox", "checkbox", "radio", "searchbox", "switch", "tab",
         "option", "menuitem", "dialog", "spinbutton", "img", "image", "navigation", "article",
         "listbox", "DisclosureTriangle"}

CONTRAST = """(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgb = (colour, below) => {
    canvas.clearRect(0, 0, 1, 1);
    if (below) { canvas.fillStyle = below; canvas.fillRect(0, 0, 1, 1); }
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = (data) => {
    const [r, g, b] = [...data].slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      layers.push(colour);
      if (rgb(colour)[3] === 255) break;
    }
    let below = 'white';
    for (const layer of layers.reverse()) {
      const [r, g, b] = rgb(layer, below);
      below = `rgb(${r},${g},${b})`;
    }
    return below;
  };
  const open = [...document.querySelectorAll('dialog:modal')].at(-1);
  const bad = [];
  let looked = 0;
  const walker = document.createTreeWalker(open ?? document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.trim();
    const element = node.parentElement;
    if (!text || !/[\\p{L}\\p{N}]/u.test(text)) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest('.unseen, noscript, [aria-disabled=true], #toasts')) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const below = background(element);
    const [one, other] = [light(rgb(style.color, below)), light(rgb(below))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    looked += 1;
    if (ratio < (isLarge ? 3 : 4.5)) bad.push(`${ratio.toFixed(2)} "${text.slice(0, 40)}"`);
  }
  return { bad, looked };
})()"""

WIDTH = """(() => {
  const wide = [...document.querySelectorAll('body *')].filter((one) =>
    one.checkVisibility() && !one.closest('.unseen') && getComputedStyle(one).position !== 'fixed'
    && one.getBoundingClientRect().right > innerWidth + 1
    && getComputedStyle(one.parentElement).overflowX !== 'auto');
  return wide.slice(0, 3).map((one) => `${one.tagName}.${one.className}`);
})()"""

TARGETS = """[...document.querySelectorAll('button, a[href], input, select, textarea')]
  .filter((one) => one.checkVisibility({ opacityProperty: true }) && !one.closest('.text, .hint, p')
    && !one.matches('.segments input, .skip, .delivery, .quote'))
  .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
  .filter(([, at]) => at.width > 0 && (at.width < 18 || at.height < 18))
  .map(([html, at]) => `${Math.round(at.width)}x${Math.round(at.height)} ${html}`)"""


def check_names(tab, where):
    """Every control, picture and region has a name."""
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    looked = 0
    for node in nodes:
        role = node.get("role", {}).get("value")
        if node.get("ignored") or role not in NAMED:
            continue
        looked += 1
        name = node.get("name", {}).get("value", "").strip()
        if not name:
            html = tab.call("DOM.resolveNode", backendNodeId=node["backendDOMNodeId"])
            value = tab.call("Runtime.callFunctionOn", objectId=html["object"]["objectId"],
                             functionDeclaration=
                             "function() { return this.outerHTML.slice(0, 160); }",
                             returnByValue=True)
            expect(False, f"{where}: a {role} has no name: {value['result']['value']}")
    quiet = where.startswith(("locked ", "away "))
    expect(looked > 0 or quiet, f"{where}: no control was looked at")
    return looked


def check_look(tab, where):
    """Contrast of every text, nothing beyond the window's edge, nothing too small to hit."""
    contrast = tab.run(CONTRAST)
    expect(contrast["looked"] > 0, f"{where}: no text was looked at")
    expect(not contrast["bad"], f"{where}: too little contrast: {contrast['bad'][:5]}")
    wide = tab.run(WIDTH)
    expect(not wide, f"{where}: wider than the window: {wide}")
    expect(tab.run("document.documentElement.scrollWidth <= innerWidth"), f"{where}: scrolls aside")
    small = tab.run(TARGETS)
    expect(not small, f"{where}: too small to hit: {small[:3]}")
    return contrast["looked"]


def axe_script(options):
    """The text of axe.min.js."""
    path = (options.axe if options else None) or os.environ.get("ZURUF_AXE") or SHARED
    if path == SHARED and not os.path.isfile(SHARED):
        raise Skip("axe-core is not here; --axe FILE or ZURUF_AXE names its axe.min.js")
    with open(path, encoding="utf-8") as file:
        return file.read()


def check_axe(tab, script, where):
    """Runs axe on what is shown; gives how many rules it looked at."""
    tab.run(script + ";0")
    answer = tab.run("""axe.run(document, { resultTypes: ['violations'] }).then((all) => ({
      passes: all.passes.length,
      bad: all.violations.map((one) => `${one.id}: ${one.nodes.length} such as `
        + one.nodes[0].html.slice(0, 160) + ' ' + (one.nodes[0].failureSummary ?? '')),
    }))""", waits=True)
    expect(not answer["bad"], f"{where}: axe found {answer['bad'][:3]}")
    return answer["passes"]

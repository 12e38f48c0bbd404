// What somebody presses on stays as it is until they let it go: a click under which it is drawn
// anew, or moved, is lost or means something else. What comes meanwhile is shown behind it.

/** What can be pressed. */
const buttons = 'a, button, summary, label';
/** The click of a finger comes a moment after it is lifted. */
const clickMs = 100;
/** A release of which nobody tells holds nothing longer than this. */
const pressMs = 5000;
let pressed;
let release;
let releasing;

/** Over once nothing is pressed: to wait for before something is drawn for which nobody pressed. */
export function letGo() {
  return pressed;
}

function press(event) {
  if ((event.button || (event.key ?? ' ') !== ' ') || !event.target.closest?.(buttons)) return;
  pressed ??= new Promise((resolve) => {
    release = resolve;
  });
  releaseIn(pressMs);
}

function releaseIn(milliseconds) {
  clearTimeout(releasing);
  releasing = setTimeout(() => {
    pressed = undefined;
    release?.();
  }, milliseconds);
}

for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, press);
for (const kind of ['pointerup', 'keyup']) addEventListener(kind, () => releaseIn(clickMs));
for (const kind of ['click', 'pointercancel', 'blur']) addEventListener(kind, () => releaseIn(0));

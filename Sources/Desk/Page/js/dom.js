// Makes elements. Texts become text nodes: nothing that somebody wrote is ever read as HTML.

import { letGo } from './press.js';

/**
 * An element with properties, listeners ("onclick") and children (nodes, texts, lists, null). A
 * button that says nothing else sends no form.
 */
export function h(name, properties, ...children) {
  const element = document.createElement(name);
  if (name === 'button') element.type = name;
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'class') element.className = value;
    else if (key === 'value') element.value = value;
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  fill(element, children);
  return element;
}

/** Adds children; lists are taken apart, and what is null or false is left out. */
export function fill(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) fill(element, child);
    else element.append(child);
  }
  return element;
}

/** Puts other children in the place of all that are there. */
export function refill(element, ...children) {
  element.replaceChildren();
  return fill(element, children);
}

let numbers = 0;

/** An id that no other element has, for labels and descriptions. */
export function freshId(stem) {
  numbers += 1;
  return `${stem}-${numbers}`;
}

const hiddenMs = 100;

/**
 * A function that runs `run` once before the next frame, however often it is called until then, and
 * not under a press.
 */
export function perFrame(run) {
  let isWaiting = false;
  const now = async () => {
    await letGo();
    const isDue = isWaiting;
    isWaiting = false;
    if (isDue) run();
  };
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(now);
    // A window in the background is not drawn.
    setTimeout(now, hiddenMs);
  };
}

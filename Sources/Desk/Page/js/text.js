// What somebody wrote, as nodes: links that can be clicked, mentions, and nothing else.

import { h } from './dom.js';

const unseen = new RegExp('[\\u007f-\\u009f\\u00ad\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e'
  + '\\u2060\\u2066-\\u2069\\ufeff]', 'g');

/**
 * Control characters have no looks, and those that turn the direction of writing or are seen by
 * nobody could make a text read as another one: they are shown as what they are. Joiners stay, for
 * scripts and emoji are put together with them.
 */
export function visible(text) {
  return String(text)
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (one) =>
      String.fromCharCode(0x2400 + one.charCodeAt(0)))
    .replace(unseen, (one) =>
      `\u27e8U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}\u27e9`);
}

const address = /\b(?:https?:\/\/|mailto:|www\.(?=[\w-]+\.))[^\s<>"\u27e8\u27e9]+|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b/giu;
const allowed = new Set(['http:', 'https:', 'mailto:']);

/** Where a text leads if it is a web or mail address; undefined otherwise. */
function target(text) {
  const whole = /^(https?:|mailto:)/i.test(text) ? text
    : /^www\./i.test(text) ? `https://${text}` : `mailto:${text}`;
  try {
    const url = new URL(whole);
    if (!allowed.has(url.protocol)) return undefined;
    // A name before the host is the oldest trick to make a link look like another one.
    if (url.username || url.password) return undefined;
    return url.href;
  } catch {
    return undefined;
  }
}

/** What ends a sentence belongs to it, and a bracket only if it was opened in the address. */
function trimmed(text) {
  const open = text.indexOf('(');
  let end = text.length;
  while (end > 0) {
    const last = text[end - 1];
    if (/[.,;:!?'"»“”*_]/u.test(last)) end -= 1;
    else if (last === ')' && (open < 0 || open >= end)) end -= 1;
    else break;
  }
  return text.slice(0, end);
}

/** Whom a mention can mean: names by their first letter, the longest first. */
export function mentionable(names) {
  const index = new Map();
  for (const name of [...names].sort((one, other) => other.length - one.length)) {
    index.set(name[0], [...index.get(name[0]) ?? [], name]);
  }
  return index;
}

/** A message's text as a list of nodes and texts. `names`: of `mentionable`. */
export function written(text, names = new Map(), own = undefined) {
  const shown = visible(text);
  const nodes = [];
  let from = 0;
  for (const match of shown.matchAll(address)) {
    const found = trimmed(match[0]);
    const href = target(found);
    if (!href) continue;
    nodes.push(...mentioned(shown.slice(from, match.index), names, own));
    nodes.push(h('a', { href, title: href, target: '_blank', rel: 'noopener noreferrer' }, found));
    from = match.index + found.length;
  }
  nodes.push(...mentioned(shown.slice(from), names, own));
  return nodes;
}

/** Whether a text names oneself, as one of those whom it can name. */
export function isNamed(text, names, own) {
  return mentioned(visible(text), mentionable(names), own).some((node) =>
    node.className === 'mention self');
}

/** A text without links; "@" and a whole name of the group stands out. */
function mentioned(text, names, own) {
  const nodes = [];
  let plain = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1])) continue;
    const found = names.get(text[at + 1])?.find((name) => text.startsWith(name, at + 1)
      && !/[\p{L}\p{N}]/u.test(text[at + 1 + name.length] ?? ' '));
    if (!found) continue;
    nodes.push(text.slice(plain, at));
    nodes.push(h('span', { class: found === own ? 'mention self' : 'mention' }, `@${found}`));
    plain = at + 1 + found.length;
  }
  nodes.push(text.slice(plain));
  return nodes.filter((node) => node !== '');
}

/** So much of a long text is shown at first: more letters or lines than a screen or two has. */
const lettersMax = 3000;
const linesMax = 60;

/** What is shown of a text at first. */
export function folded(text) {
  const lines = text.slice(0, lettersMax).split(/\r\n?|\n/).slice(0, linesMax);
  // Half of a character is none.
  return lines.join('\n').replace(/[\ud800-\udbff]$/, '');
}

const fewEmoji = /^(?:\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f\u200d\p{Extended_Pictographic}]*\s?){1,3}$/u;

/** Whether a message is one to three emoji and nothing else: those are shown larger. */
export function isFewEmoji(text) {
  return text.length <= 40 && fewEmoji.test(text.trim());
}

/** The beginning of a text on one line. */
export function beginning(text, most = 140) {
  const line = visible(text).replace(/\s+/g, ' ').trim();
  const letters = [...line];
  return letters.length > most ? `${letters.slice(0, most).join('')}…` : line;
}

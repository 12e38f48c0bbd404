// Words in the language of whoever looks: every text of the page comes from texts/*.json.

import { tell } from './bus.js';

const languages = ['de', 'en'];
// Nobody needs both: the page brings those of the browser's language, the others come when they
// are chosen.
let texts = JSON.parse(document.getElementById('texts').textContent);
let language = textOf('language.code');

/** Takes the language that was chosen in this browser, if it is another one. */
export async function recallLanguage() {
  try {
    const stored = localStorage.getItem('zuruf-language');
    if (languages.includes(stored) && stored !== language) await takeLanguage(stored);
  } catch {
    // Without storage, or the node, it is the browser's.
  }
  document.documentElement.lang = language;
}

async function takeLanguage(wanted) {
  const response = await fetch(`/texts/${wanted}.json`);
  texts = await response.json();
  language = wanted;
}

const makers = new Map();

/** Something that is dear to make and the same until the language changes. */
export function cached(name, make) {
  const key = `${language} ${name}`;
  if (!makers.has(key)) makers.set(key, make());
  return makers.get(key);
}

export function currentLanguage() {
  return language;
}

/** How days and numbers are written: as the browser's own kind of that language, if it has one. */
export function locale() {
  const usual = { de: 'de-DE', en: 'en-GB' };
  return navigator.languages?.find((one) => one.slice(0, 2).toLowerCase() === language
    && one.length > 2) ?? usual[language];
}

/** Shows the page in another language from now on. */
export async function chooseLanguage(wanted) {
  if (!languages.includes(wanted) || wanted === language) return;
  try {
    await takeLanguage(wanted);
  } catch {
    // The node is away: what was chosen before holds, and is shown again.
    return tell('language');
  }
  try {
    localStorage.setItem('zuruf-language', wanted);
  } catch {
    // It holds until the page is left.
  }
  document.documentElement.lang = language;
  return tell('language');
}

/** Names are of two parts, and so lie the texts. */
function textOf(name) {
  const [part, rest] = name.split('.');
  return texts[part]?.[rest];
}

/** A text by its name. `{name}` in it is replaced; with `n` the form for so many is taken. */
export function t(name, values = {}) {
  let text = textOf(name);
  if (text === undefined) throw new Error(`no text is called ${name}`);
  if (typeof text === 'object') {
    const form = cached('plural', () => new Intl.PluralRules(language)).select(values.n ?? 0);
    text = values.n === 0 && text.zero ? text.zero : text[form] ?? text.other;
  }
  return text.replace(/\{(\w+)\}/g, (whole, key) => {
    const value = values[key];
    if (value === undefined) return whole;
    return typeof value === 'number' ? number(value) : String(value);
  });
}

/** Whether there is such a text, as for words that a newer node may say. */
export function hasText(name) {
  return textOf(name) !== undefined;
}

/**
 * Names one after another: "Anna, Ben and Carla"; beyond `most` only how many there are, with
 * `further` of whom nobody said the names.
 */
export function listed(names, most = 3, further = 0) {
  const shown = names.slice(0, most);
  const n = names.length - shown.length + further;
  if (n > 0) shown.push(t('list.more', { n }));
  const list = cached('list', () => new Intl.ListFormat(locale(), { type: 'conjunction' }));
  return list.format(shown);
}

export function number(value) {
  return cached('number', () => new Intl.NumberFormat(locale())).format(value);
}

/** Sorts what has a name as a person of this language looks for it. */
export function byName(one, other) {
  const order = cached('order', () =>
    new Intl.Collator(language, { sensitivity: 'base', numeric: true }));
  return order.compare(one.name, other.name);
}

// Tells whoever looks or listens what just happened, and what went wrong.

import { h } from './dom.js';
import { hasText, t } from './i18n.js';
import { letGo } from './press.js';
import { visible } from './text.js';

const toastMs = 6000;
const heardMs = 15_000;

/** For ears only: read by a screen reader when it has a moment. */
export function announce(text) {
  const live = document.getElementById('live');
  const said = h('p', {}, text);
  live.append(said);
  // What was read is of no use any more, and the page shall not grow by it.
  while (live.childElementCount > 4) live.firstElementChild.remove();
  setTimeout(() => said.remove(), heardMs);
}

/** A short note at the edge that goes by itself. */
export async function toast(text, kind = '') {
  // It moves what stands above it.
  await letGo();
  const toasts = document.getElementById('toasts');
  const note = h('p', { class: `toast ${kind}` }, text);
  toasts.append(note);
  while (toasts.childElementCount > 3) toasts.firstElementChild.remove();
  setTimeout(() => note.remove(), toastMs);
}

/** What is said is said in the dialog on top, if one is open: all else is out of reach by then. */
export function speakIn(place) {
  place.append(document.getElementById('live'), document.getElementById('toasts'));
}

/** An error in words: ours where we know it, the node's sentence otherwise. */
export function errorWords(error) {
  if (error?.reason && hasText(`reason.${error.reason}`)) return t(`reason.${error.reason}`);
  const own = `error.${error?.name}`;
  const said = sentence(error?.message ?? '');
  if (hasText(own)) return t(own, { said });
  return t('error.other', { said });
}

export function errorToast(error) {
  // Then the page says so itself, and how to open it again.
  if (error.name === 'locked') return;
  toast(errorWords(error), 'bad');
}

/** What a state is called; with `-do` behind it what to do. Nothing where there are no words. */
export function stateWords({ word, form, values = {} }, behind = '') {
  const names = [form && `${word}-${form}`, values.by && `${word}-by`, word]
    .map((one) => one && `state.${one}${behind}`);
  const found = names.find((one) => one && hasText(one));
  const shown = Object.entries(values).map(([name, value]) => [name, visible(value)]);
  return found && t(found, Object.fromEntries(shown));
}

/** The node's texts are in lower case without a full stop, for the command line. */
export function sentence(text) {
  const shown = visible(text).trim();
  if (!shown) return '';
  return shown[0].toLocaleUpperCase() + shown.slice(1) + (/[.!?…]$/.test(shown) ? '' : '.');
}

/** A place below a form, or at the field it is about, where what is wrong is said at once. */
export function errorPlace() {
  const place = h('p', { class: 'form-error', role: 'alert' });
  const home = new Comment();
  return {
    element: [place, home],
    show: (error, input = undefined) => {
      input?.closest('.field').append(place);
      input?.focus();
      place.textContent = typeof error === 'string' ? error : errorWords(error);
      place.scrollIntoView({ block: 'nearest' });
    },
    clear: () => {
      place.textContent = '';
      // What is wrong next may be another field.
      home.before(place);
    },
  };
}

// Dialogs: the browser's own, which hold the focus and give it back.

import { fill, freshId, h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { speakIn } from './say.js';

/**
 * Opens a dialog with a title; `build(close)` gives its content. Resolves with what close got.
 *
 * One of the kind `kept` is closed by its buttons alone, as is one in which something was typed.
 */
export function openDialog(title, build, kind = '') {
  return new Promise((resolve) => {
    const id = freshId('title');
    let result;
    const close = (value) => {
      result = value;
      dialog.close();
    };
    const dialog = h('dialog', { class: `dialog ${kind}`, 'aria-labelledby': id });
    let typed;
    const isKept = () => kind.includes('kept') || typed !== textsIn(dialog);
    dialog.addEventListener('close', () => {
      speakIn([...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body);
      dialog.remove();
      resolve(result);
    });
    dialog.addEventListener('mousedown', (event) => {
      if (event.target === dialog && !isKept()) close(undefined);
    });
    dialog.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && isKept()) event.preventDefault();
    });
    const header = h('header', {},
      h('h2', { id, tabindex: '-1' }, title),
      h('button', {
        class: 'icon-button', 'aria-label': t('action.close'),
        onclick: () => close(undefined),
      }, icon('close')));
    const body = h('div', { class: 'dialog-body' });
    dialog.append(h('div', { class: 'dialog-sheet' }, header, body));
    document.body.append(dialog);
    fill(body, [build(close)]);
    speakIn(dialog);
    typed = textsIn(dialog);
    dialog.showModal();
    // What has to be scrolled can be reached by keys, and what has not is no stop of Tab.
    new ResizeObserver(() => {
      if (body.scrollHeight > body.clientHeight) body.setAttribute('tabindex', '0');
      else body.removeAttribute('tabindex');
    }).observe(body);
    const first = dialog.querySelector('[autofocus]') ?? header.firstElementChild;
    first.focus();
  });
}

/** What is written in its fields by now. */
function textsIn(dialog) {
  return [...dialog.querySelectorAll('textarea, input:not([type=radio], [type=checkbox])')]
    .map((one) => one.value).join('\n');
}

/** Asks before something is done; true where it is wanted. */
export function confirmed({ title, body, yes, danger = false }) {
  return openDialog(title, (close) => h('div', {},
    h('div', { class: 'prose' }, body),
    decision(close, h('button', {
      class: danger ? 'button danger' : 'button primary', onclick: () => close(true),
    }, yes))), 'narrow').then((answer) => answer === true);
}

/** The buttons at the end of a dialog: that it be left, or what it is there for. */
export function decision(close, button) {
  return h('div', { class: 'buttons' },
    h('button', { class: 'button quiet', onclick: () => close() }, t('action.cancel')), button);
}

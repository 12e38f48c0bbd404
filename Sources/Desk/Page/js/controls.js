// Fields and buttons that several views use.

import { freshId, h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { errorWords, toast } from './say.js';

/** A labelled field; the control is made by `make(id, description)`. */
export function field(label, make, hint = undefined) {
  const id = freshId('field');
  const hintId = hint ? `${id}-hint` : undefined;
  return h('div', { class: 'field' },
    h('label', { for: id }, label),
    make(id, hintId),
    hint && h('p', { class: 'hint', id: hintId }, hint));
}

/** A field of one line. Gives the element and its input. */
export function textField(label, properties = {}, hint = undefined) {
  let input;
  const element = field(label, (id, description) => {
    input = h('input', {
      type: 'text', id, 'aria-describedby': description, autocomplete: 'off', spellcheck: 'false',
      ...properties,
    });
    return input;
  }, hint);
  return { element, input };
}

/** Choices of which one holds, as buttons in a row. */
export function choice(label, options, chosen, change) {
  const group = freshId('choice');
  return h('fieldset', { class: 'choice' },
    h('legend', {}, label),
    h('div', { class: 'segments' }, options.map(({ value, text, drawing }) => {
      const id = freshId('option');
      return [
        h('input', {
          type: 'radio', id, name: group, value, checked: value === chosen,
          onchange: () => change(value),
        }),
        h('label', { for: id }, drawing && icon(drawing), text),
      ];
    })));
}

export function checkbox(label, properties = {}) {
  const id = freshId('check');
  const input = h('input', { type: 'checkbox', id, ...properties });
  return {
    input,
    element: h('div', { class: 'check' }, input, h('label', { for: id }, label)),
  };
}

/** A button that does something with the node, and cannot be pressed twice meanwhile. */
export function doing(properties, text, action, failed = undefined) {
  const button = h('button', { ...properties, onclick: () => run() }, text);
  const run = async () => {
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    try {
      await action();
    } catch (error) {
      if (failed) failed(error);
      else toast(errorWords(error), 'bad');
    } finally {
      button.removeAttribute('aria-disabled');
    }
  };
  return button;
}

/** A form that calls `action` once at a time and shows what went wrong at `place`. */
export function form(properties, place, action, ...children) {
  let isRunning = false;
  return h('form', {
    ...properties,
    novalidate: true,
    onsubmit: async (event) => {
      event.preventDefault();
      if (isRunning) return;
      isRunning = true;
      place.clear();
      event.target.setAttribute('aria-busy', 'true');
      try {
        await action();
      } catch (error) {
        place.show(error);
      } finally {
        isRunning = false;
        event.target.removeAttribute('aria-busy');
      }
    },
  }, ...children);
}

/** What is said beside it, more quietly. */
export function remark(text) {
  return h('p', { class: 'hint' }, text);
}

/** What stands below a title, in small letters. */
export function below(...children) {
  return h('span', { class: 'sub' }, children);
}

/** Rows of things or people, a line between each two. */
export function rowList(rows) {
  return h('ul', { class: 'rows', role: 'list' }, rows);
}

/** Buttons below a text. */
export function buttonRow(...buttons) {
  return h('div', { class: 'buttons start' }, buttons);
}

/** The button that sends a form. */
export function submit(words) {
  return h('button', { type: 'submit', class: 'button primary' }, words);
}

/** The digits of a door, in two groups to see and one by one to hear. */
export function sixDigits(digits) {
  const seen = (text) => h('span', { 'aria-hidden': 'true' }, text);
  return [h('span', { class: 'unseen' }, [...digits].join(' ')),
    seen(digits.slice(0, 3)), seen(digits.slice(3))];
}

/** Puts a text where it can be pasted from. */
export function copyButton(text, kind = 'button') {
  return doing({ class: kind }, [icon('copy'), t('action.copy')], async () => {
    await navigator.clipboard.writeText(text);
    toast(t('said.copied'));
  }, () => toast(t('said.not-copied'), 'bad'));
}

export function spinner(text) {
  return h('p', { class: 'busy' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), text);
}

// The frame of a page that is no conversation: a way back, a title, and its parts.

import { Listening } from './bus.js';
import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';

export class Page {
  listening = new Listening();

  /** `back`: where the arrow leads; `lead`: one sentence below the title. */
  constructor(title, { back = '#/', lead = undefined } = {}) {
    this.title = title;
    this.body = h('div', { class: 'page-body' });
    this.element = h('div', { class: 'page' },
      h('header', { class: 'page-head' },
        h('a', { class: back === '#/' ? 'icon-button back' : 'icon-button', href: back,
          'aria-label': t('action.back') }, icon('back')),
        h('div', { class: 'grow' }, h('h1', { tabindex: '-1' }, title),
          lead && h('p', { class: 'lead' }, lead))),
      this.body);
  }

  close() {
    this.listening.end();
  }
}

/** A card with a heading. */
export function card(heading, ...children) {
  return h('section', { class: 'card' }, heading && h('h2', {}, heading), children);
}

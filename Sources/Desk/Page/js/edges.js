// What stands at the two ends of a timeline.

import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';

/** Says what stands above all messages; `isBlank`: there are none. */
export function sayAbove(place, hasAbove, isBlank) {
  if (hasAbove) place.textContent = '';
  else if (isBlank) {
    place.replaceChildren(h('span', { class: 'blank-icon' }, icon('chat')),
      h('span', {}, t('timeline.empty')));
  } else place.textContent = t('timeline.beginning');
}

/** The button that leads to the newest message, and says how many came since it is there. */
export class JumpButton {
  #fresh = 0;

  constructor(jump) {
    this.element = h('button', { class: 'jump', hidden: true, onclick: jump });
  }

  count(message) {
    if (!message.own && !message.closed) this.#fresh += 1;
  }

  show(isNeeded) {
    this.element.hidden = !isNeeded;
    if (!isNeeded) this.#fresh = 0;
    const words = this.#fresh > 0 ? t('timeline.fresh', { n: this.#fresh }) : t('timeline.newest');
    if (this.element.dataset.words === words) return;
    this.element.dataset.words = words;
    this.element.replaceChildren(icon('down'), h('span', {}, words));
  }
}

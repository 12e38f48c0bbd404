// What is less than it should be, in words, above whatever is shown.

import { Listening } from './bus.js';
import { openDialog } from './dialog.js';
import { h } from './dom.js';
import { hasText, t } from './i18n.js';
import { icon } from './icons.js';
import { ask } from './rpc.js';
import { sentence } from './say.js';
import { loadDegraded, state } from './state.js';

/** States that come and go with the day: they are told of in one quiet line. */
const quiet = new Set(['no-peers', 'stored-here-only', 'discovery-down', 'waiting-for-a-key',
  'removed-from-group', 'rank-changed', 'owners-pending', 'continuity-not-proven']);
const afterMs = 1500;

export class Banner {
  #listening = new Listening();
  #timer;
  #isLost = false;
  element = h('div', { class: 'banners', role: 'status' });

  open() {
    for (const name of ['degraded', 'members', 'office']) {
      this.#listening.on(name, () => this.#draw());
    }
    this.#listening.on('banner', () => this.#connection());
    this.#connection();
    this.#draw();
  }

  close() {
    clearTimeout(this.#timer);
    this.#listening.end();
  }

  /** A short break is nobody's concern. */
  #connection() {
    clearTimeout(this.#timer);
    if (state.isConnected) {
      this.#isLost = false;
      this.#draw();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#isLost = true;
      this.#draw();
    }, afterMs);
  }

  #draw() {
    const lines = [];
    if (this.#isLost) lines.push(line('bad', 'warning', t('banner.lost')));
    const { degraded } = state;
    const bad = degraded.filter((one) => !quiet.has(one.word));
    for (const one of bad.slice(0, 2)) {
      lines.push(line('bad', 'warning', title(one), showStates));
    }
    const rest = [...degraded.filter((one) => quiet.has(one.word)), ...bad.slice(2)];
    if (rest.length > 0) {
      const words = title(rest[0]);
      const more = rest.length - 1;
      lines.push(line('mild', 'info', more > 0 ? t('banner.more', { words, n: more }) : words,
        showStates));
    }
    if (state.office?.recovery === 'not-put-away' && state.members.length > 1) {
      lines.push(h('div', { class: 'banner mild reminder' }, icon('key'),
        h('span', { class: 'grow' }, t('banner.recovery')),
        h('a', { href: '#/recovery' }, t('banner.recovery-do'))));
    }
    const now = this.element.textContent;
    const fresh = h('div', {}, lines);
    if (fresh.textContent !== now) this.element.replaceChildren(...fresh.childNodes);
  }
}

function line(kind, drawing, words, more = undefined) {
  return h('div', { class: `banner ${kind}` }, icon(drawing), h('span', { class: 'grow' }, words),
    more && h('button', { type: 'button', class: 'link', onclick: more }, t('banner.details')));
}

function title(one) {
  return hasText(`state.${one.word}`) ? t(`state.${one.word}`) : sentence(one.detail);
}

/** Every state with what it means, what to do, and the node's own words. */
function showStates() {
  const { degraded: states } = state;
  // What is told once is over when it was read.
  ask('status', { seen: true }).then(loadDegraded).catch(() => undefined);
  return openDialog(t('banner.title'), () =>
    h('ul', { class: 'states' }, states.map((one) => h('li', {},
    h('h3', {}, title(one)),
    hasText(`state.${one.word}-do`) && h('p', {}, t(`state.${one.word}-do`)),
    h('p', { class: 'hint', lang: 'en' }, sentence(one.detail))))));
}

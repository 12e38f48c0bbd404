// What is less than it should be, in words, above whatever is shown.

import { Listening } from './bus.js';
import { buttonRow } from './controls.js';
import { openDialog } from './dialog.js';
import { h, perFrame } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { ask } from './rpc.js';
import { sentence, stateWords } from './say.js';
import { leadsBack, loadDegraded, state } from './state.js';

/** States that come and go with the day: they are told of in one quiet line. */
const quiet = new Set(['no-peers', 'stored-here-only', 'discovery-down', 'waiting-for-a-key',
  'removed-from-group', 'rank-changed', 'owners-pending', 'continuity-not-proven']);
const afterMs = 1500;

export class Banner {
  #listening = new Listening();
  #timer;
  #isLost = false;
  #soon = perFrame(() => this.#draw());
  element = h('div', { class: 'banners', role: 'status' });

  open() {
    for (const name of ['degraded', 'members', 'office']) {
      this.#listening.on(name, this.#soon);
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
      this.#soon();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#isLost = true;
      this.#soon();
    }, afterMs);
  }

  #draw() {
    const lines = [];
    if (this.#isLost) lines.push(line('bad', 'warning', t('banner.lost')));
    const { degraded } = state;
    const bad = degraded.filter((one) => !quiet.has(one.word));
    for (const one of bad.slice(0, 2)) {
      lines.push(line('bad', 'warning', title(one), showStates,
        one.word === 'removed' && state.office?.standing === one.word));
    }
    const rest = [...degraded.filter((one) => quiet.has(one.word)), ...bad.slice(2)];
    if (rest.length > 0) {
      const words = stateWords(rest[0]) ?? sentence(rest[0].detail);
      const more = rest.length - 1;
      const kind = rest.every((one) => one.word === 'rank-changed') ? 'news' : 'mild';
      lines.push(line(kind, 'info', more > 0 ? t('banner.more', { words, n: more }) : words,
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

function line(kind, drawing, words, more = undefined, isOut = false) {
  return h('div', { class: `banner ${kind}` }, icon(drawing), h('span', { class: 'grow' }, words),
    isOut && h('a', { href: '#/join' }, t('anew.do')),
    more && h('button', { class: 'link', onclick: more }, t('banner.details')));
}

/** A state of which the page knows no words is told in the node's. */
function title(one) {
  return stateWords(one) ?? h('span', { lang: 'en' }, sentence(one.detail));
}

/** Every state with what it means and what to do. */
function showStates() {
  const { degraded: states } = state;
  // What is told once is over when it was read.
  ask('status', { seen: true }).then(loadDegraded).catch(() => undefined);
  return openDialog(t('banner.title'), (close) =>
    h('ul', { class: 'states' }, states.map((one) => {
      const next = stateWords(one, '-do');
      return h('li', {}, h('h3', {}, title(one)), next && h('p', {}, next),
        leadsBack(one) && buttonRow(h('a', {
          class: 'button primary', href: '#/join', onclick: () => close(),
        }, t('anew.do'))));
    })));
}

// The doctor: what works, what does not, and what to do about it.

import { doing, spinner } from './controls.js';
import { h, refill } from './dom.js';
import { hasText, t } from './i18n.js';
import { icon } from './icons.js';
import { Page } from './page.js';
import { ask } from './rpc.js';
import { errorWords, sentence } from './say.js';
import { visible } from './text.js';

const drawings = { ok: 'check', warning: 'warning', failed: 'close', skipped: 'info' };
const order = { failed: 0, warning: 1, ok: 2, skipped: 3 };

export class DoctorView extends Page {
  #list = h('div', { 'aria-live': 'polite' });

  constructor() {
    super(t('doctor.title'), { back: '#/more', lead: t('doctor.lead') });
    this.body.append(this.#list, h('div', { class: 'buttons start' },
      doing({ class: 'button' }, [icon('pulse'), t('doctor.again')], () => this.#run())));
  }

  open() {
    this.#run();
  }

  async #run() {
    refill(this.#list, spinner(t('doctor.looking')));
    try {
      const { checks } = await ask('doctor');
      this.#draw(checks);
    } catch (error) {
      refill(this.#list, h('p', { class: 'form-error' }, errorWords(error)));
    }
  }

  #draw(checks) {
    const bad = checks.filter((check) => check.verdict === 'failed' || check.verdict === 'warning');
    const sorted = [...checks].sort((one, other) => order[one.verdict] - order[other.verdict]);
    refill(this.#list,
      h('p', { class: bad.length > 0 ? 'verdict warning' : 'verdict ok' },
        icon(bad.length > 0 ? 'warning' : 'check'), t('doctor.summary', { n: bad.length })),
      h('ul', { class: 'checks card', role: 'list' }, sorted.map((check) => h('li', {},
        h('span', { class: `mark ${check.verdict}` }, icon(drawings[check.verdict] ?? 'info')),
        h('div', { class: 'grow' },
          h('p', {}, h('strong', {}, checkName(check.name)),
            h('span', { class: 'verdict-word' }, t(`doctor.${check.verdict}`))),
          h('p', { class: 'sub', lang: 'en' }, sentence(check.finding)),
          check.advice && h('p', { class: 'advice', lang: 'en' }, visible(check.advice)))))));
  }
}

/** What is examined; some names carry whom it is about behind a blank. */
function checkName(name) {
  const [word, ...rest] = name.replace(/^link to /, 'link ').split(' ');
  const key = `check.${word}`;
  if (!hasText(key)) return visible(name);
  return [t(key), ...rest.map(visible)].join(' ');
}

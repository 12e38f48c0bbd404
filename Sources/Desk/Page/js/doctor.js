// The doctor: what works, what does not, and what to do about it.

import { buttonRow, doing, spinner } from './controls.js';
import { h, refill } from './dom.js';
import { hasText, t } from './i18n.js';
import { icon } from './icons.js';
import { Page } from './page.js';
import { ask } from './rpc.js';
import { errorWords, sentence, stateWords } from './say.js';
import { leadsBack } from './state.js';
import { visible } from './text.js';

const drawings = { ok: 'check', warning: 'warning', failed: 'close', skipped: 'info' };
const order = { failed: 0, warning: 1, ok: 2, skipped: 3 };

export class DoctorView extends Page {
  #list = h('div', { 'aria-live': 'polite' });

  constructor() {
    super(t('doctor.title'), { back: '#/more', lead: t('doctor.lead') });
    this.body.append(this.#list, buttonRow(
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
          h('p', {}, h('strong', {}, checkName(check)),
            h('span', { class: 'verdict-word' }, t(`doctor.${check.verdict}`))),
          found(check),
          check.verdict !== 'ok' && advice(check))))));
  }
}

/** The places of a sentence: what the node said, as it can be shown. */
function named({ values = {} }) {
  const shown = Object.entries(values).map(([name, value]) => [name, visible(value)]);
  return {
    ...Object.fromEntries(shown), n: Number(values.count ?? 0),
    gigabytes: Math.round(Number(values.mebibytes ?? 0) / 102.4) / 10,
  };
}

/** What is examined; some names carry whom it is about behind a blank. */
function checkName(check) {
  const [word, ...rest] = check.name.split(' ');
  const key = `check.${word}`;
  if (!hasText(key)) return visible(check.name);
  if (word === 'link') return t(key, named(check));
  return [t(key), ...rest.map(visible)].join(' ');
}

/** What was found; in the node's words where the page has none. */
function found(check) {
  const words = check.state ? stateWords(check.state)
    : hasText(`finding.${check.word}`) && t(`finding.${check.word}`, named(check));
  return words ? h('p', { class: 'sub' }, words)
    : h('p', { class: 'sub', lang: 'en' }, sentence(check.finding));
}

/** What to do, and the button that does it. */
function advice(check) {
  const words = check.state ? stateWords(check.state, '-do')
    : hasText(`advice.${check.word}`) && t(`advice.${check.word}`, named(check));
  if (!words) return null;
  return [
    h('p', { class: 'advice' }, words),
    leadsBack(check.state) && h('a', { class: 'button small', href: '#/join' },
      t('anew.do')),
    check.word === 'key-not-put-away' && h('a', { class: 'button small', href: '#/recovery' },
      icon('key'), t('banner.recovery-do')),
  ];
}

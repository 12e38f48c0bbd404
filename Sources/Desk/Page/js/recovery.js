// The recovery key: shown, put away on paper, and some of it read back from there.

import { buttonRow, copyButton, doing, form, submit, textField } from './controls.js';
import { h, refill } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { card, Page } from './page.js';
import { ask } from './rpc.js';
import { errorPlace } from './say.js';
import { loadOffice, state } from './state.js';

/** What a line begins with is on paper too; what follows is read and copied in groups. */
const groupLength = 6;

export class RecoveryView extends Page {
  #shown = h('div', {});
  #line;

  constructor() {
    super(t('recovery.title'), { back: '#/more', lead: t('recovery.lead') });
    this.#draw();
  }

  open() {
    let shown = state.office?.recovery;
    this.listening.on('office', () => {
      // Whoever is typing keeps what is typed.
      if (state.office.recovery === shown) return;
      shown = state.office.recovery;
      this.#shown.replaceChildren();
      this.#draw();
    });
  }

  #draw() {
    const use = [h('p', { class: 'hint' }, t('recovery.use'), ' ',
      h('code', {}, 'zuruf office recovery use'))];
    if (state.office?.recovery === 'put-away') {
      refill(this.body, card(undefined, h('p', { class: 'verdict ok' }, icon('check'),
        t('recovery.away')), h('p', {}, t('recovery.away-text')), use, this.#shown,
        this.#showButton()));
      return;
    }
    refill(this.body, card(t('recovery.step-1'), h('p', {}, t('recovery.step-1-text')), use,
      this.#shown, this.#showButton(() => h('button', {
        class: 'button primary', onclick: () => this.#check(),
      }, t('recovery.next')))));
  }

  #showButton(next = () => null) {
    const buttons = buttonRow(
      doing({ class: 'button' }, [icon('key'), t('recovery.show')], async () => {
        const { line } = await ask('recovery.show');
        this.#line = line;
        refill(this.#shown,
          h('div', { class: 'line-box print' }, h('code', {}, kindOfLine(line)),
            h('ol', { class: 'line-groups' },
              groupsOf(line).map((one) => h('li', {}, h('code', {}, one))))));
        refill(buttons, copyButton(line),
          h('button', { class: 'button', onclick: () => print() },
            icon('print'), t('action.print')), next());
      }));
    return buttons;
  }

  /** Asks for some groups while the line is not to be seen: only what is on paper knows them. */
  #check() {
    this.#shown.replaceChildren();
    const all = groupsOf(this.#line);
    const part = Math.floor((all.length - 1) / 3);
    const fields = [0, 1, 2].map((at) => {
      const number = at * part + Math.floor(Math.random() * part);
      const n = number + 1;
      return { wanted: all[number], n, ...textField(t('recovery.group', { n }),
        { class: 'code', autofocus: at === 0 }) };
    });
    const place = errorPlace();
    refill(this.body, card(t('recovery.step-2'), h('p', {}, t('recovery.step-2-text')),
      form({ class: 'form' }, place, async () => {
        const typed = fields.map((one) => one.input.value.replace(/\s/g, '').toLowerCase());
        const wrong = fields.findIndex((one, at) => one.wanted !== typed[at]);
        if (wrong >= 0) {
          const { n, input } = fields[wrong];
          place.show(t(typed[wrong] ? 'recovery.wrong' : 'recovery.missing', { n }), input);
          return;
        }
        await ask('recovery.confirm', { line: this.#line });
        await loadOffice();
      }, fields.map((one) => one.element), place.element,
      buttonRow(
        submit(t('recovery.confirm')),
        h('button', { class: 'button quiet', onclick: () => this.#draw() },
          t('action.back'))))));
    fields[0].input.focus();
  }
}

/** Up to the second sign between words: what kind of line it is. */
function kindOfLine(line) {
  return line.slice(0, line.lastIndexOf('-') + 1);
}

function groupsOf(line) {
  return line.slice(line.lastIndexOf('-') + 1).match(new RegExp(`.{1,${groupLength}}`, 'g')) ?? [];
}

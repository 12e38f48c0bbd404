// Ways into an office: a door that somebody holds open, a ticket, or an address.

import { Listening } from './bus.js';
import {
  below, doing, field, form, remark, sixDigits, spinner, submit, textField,
} from './controls.js';
import { h, refill } from './dom.js';
import { hasText, t } from './i18n.js';
import { icon } from './icons.js';
import { name, proposed } from './names.js';
import { hasOffice, isFree } from './remove.js';
import { ask } from './rpc.js';
import { errorPlace, errorWords, sentence } from './say.js';
import { loadAll } from './state.js';
import { explainStored } from './stored.js';
import { visible } from './text.js';

/** Fields for who one is; what is typed stands in `typed`, for the next view that asks. */
export function ownFields(account, typed) {
  const made = (key, label, autocomplete = 'off') => textField(label, {
    value: typed[key] ?? account[key], maxlength: 60, autocomplete,
    oninput: (event) => {
      typed[key] = event.target.value;
    },
  });
  return { name: made('name', t('join.name'), 'name'), device: made('device', t('join.device')) };
}

export class Doors {
  #listening = new Listening();
  #account;
  #show;
  #back;
  #list = h('div', { class: 'doors', 'aria-live': 'polite' });
  #place = errorPlace();
  #name;
  #device;
  #drawn;
  #asked = 0;
  #answered = 0;
  #typed;

  /**
   * `show(view)` puts another view in the place of this one, `back()` returns; `typed`: what was
   * typed until now, and what came of a ticket.
   */
  constructor(account, typed, show, back) {
    this.#account = { ...account, name: proposed(account.name) };
    this.#typed = typed;
    this.#show = show;
    this.#back = back;
    ({ name: this.#name, device: this.#device } = ownFields(this.#account, typed));
    this.element = h('section', { class: 'card join', 'aria-labelledby': 'join-title' },
      h('h2', { id: 'join-title' }, t('join.title')),
      h('div', { class: 'who' }, this.#name.element,
        h('details', {}, h('summary', {}, t('join.device-summary')), this.#device.element)),
      this.#list,
      this.#place.element,
      this.#others());
    refill(this.#list, spinner(t('join.looking')));
  }

  open() {
    this.#listening.on('doors', () => this.#load());
    this.#listening.on('resync', () => this.#load());
    this.#load();
  }

  close() {
    this.#listening.end();
  }

  /** One answer may wait seconds for doors to be found: the one asked for last is shown at once. */
  async #load() {
    this.#asked += 1;
    const number = this.#asked;
    const answer = await ask('doors').catch((error) => ({ error }));
    if (number < this.#answered) return;
    this.#answered = number;
    if (answer.error) {
      this.#drawn = undefined;
      refill(this.#list, h('p', { class: 'form-error' }, errorWords(answer.error)));
    } else this.#draw(answer);
  }

  #draw({ doors, advice, reason }) {
    // What is as it was stays, and whoever reads or points there is not disturbed.
    const drawn = JSON.stringify([doors, advice, reason]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    if (doors.length === 0) {
      const known = reason && hasText(`doors.${reason}`);
      refill(this.#list, h('div', { class: 'no-door' },
        icon('door'),
        h('div', {},
          h('p', {}, h('strong', {}, t('doors.none'))),
          h('p', {}, t(known ? `doors.${reason}` : 'doors.none-open')),
          advice && !known && h('p', { class: 'hint', lang: 'en' }, sentence(advice)))));
      return;
    }
    refill(this.#list, h('ul', { class: 'door-list', role: 'list' }, doors.map((door) => h('li', {},
      h('span', { class: 'door-icon' }, icon('door')),
      h('span', { class: 'grow' },
        h('strong', {}, name(door.office)),
        below(t('doors.held', { name: visible(door.sponsor) })),
        door.member
          && below(t('doors.only-for', { name: visible(door.member) })),
        doors.some((other) => other !== door && other.office === door.office)
          && below(visible(door.address))),
      doing({
        class: 'button primary big',
        'aria-label': t('doors.join-office', { office: visible(door.office) }),
      }, t('doors.join'), () => this.#knock({ door: door.id }),
      (error) => this.#place.show(error))))));
  }

  #names() {
    return {
      name: this.#name.input.value.trim() || undefined,
      account: this.#account.name || undefined,
      device: this.#device.input.value.trim() || undefined,
    };
  }

  #others() {
    const ticket = errorPlace();
    const address = errorPlace();
    let line;
    let at;
    const { line: typed, refusal } = this.#typed;
    this.#typed.refusal = undefined;
    if (refusal) ticket.show(refusal);
    return h('div', { class: 'others' },
      h('details', { open: Boolean(refusal) }, h('summary', {}, t('join.by-ticket')),
        form({ class: 'form' }, ticket, () => this.#ticket(line.value.trim(), ticket),
          field(t('join.ticket'), (id, hint) => {
            line = h('textarea', {
              id, rows: 3, class: 'code', spellcheck: 'false', 'aria-describedby': hint,
              autocomplete: 'off', value: refusal && typed, autofocus: Boolean(refusal),
            });
            return line;
          }, t('join.ticket-hint')),
          ticket.element,
          submit(t('doors.join')))),
      h('details', {}, h('summary', {}, t('join.by-address')),
        form({ class: 'form' }, address, () => {
          if (!at.input.value.trim()) return address.show(t('join.address-missing'), at.input);
          return this.#knock({ address: at.input.value.trim() });
        },
        (at = textField(t('join.address'), { placeholder: '192.168.1.20', inputmode: 'url' },
          t('join.address-hint'))).element,
        address.element,
        submit(t('join.knock')))));
  }

  async #ticket(line, place) {
    if (!line) {
      place.show(t('join.ticket-missing'));
      return;
    }
    const { name, account, device } = this.#names();
    const join = () => ask('join', {
      ticket: line,
      // Who is asked for a name in the ticket keeps it unless another one was typed.
      ...(name && name !== account ? { name } : {}), account, device,
    });
    if (hasOffice()) {
      // The node says first what is wrong with a ticket, and then only what is in its way.
      const refusal = await join().catch((error) => error);
      if (!['removed', 'joining', 'stopped'].includes(refusal.name)) throw refusal;
      if (!await isFree()) return;
    }
    const waiting = h('section', { class: 'card wide' },
      h('h1', { tabindex: '-1' }, t('join.asking')),
      spinner(t('join.asking-hint')));
    this.#show(waiting);
    try {
      await join();
      await loadAll();
    } catch (error) {
      Object.assign(this.#typed, { line, refusal: errorWords(error) });
      this.#back();
    }
  }

  async #knock(target) {
    this.#place.clear();
    // Whose door it is says whoever is there, or the node why nobody is.
    if (hasOffice() && target.address) await ask('doors', target);
    if (!await isFree()) return;
    const answer = await ask('knock', { ...target, ...this.#names() });
    this.#compare(answer);
  }

  /** Shows the six digits until the other side answered. */
  #compare({ digits, office, sponsor, member }) {
    const listening = new Listening();
    const code = h('p', { class: 'digits' });
    const draw = (now) => {
      refill(code, now ? sixDigits(now) : spinner(t('digits.making')));
    };
    draw(digits);
    let isCancelled = false;
    const view = h('section', { class: 'card wide compare' },
      h('h1', { tabindex: '-1' }, t('digits.title', { office: visible(office) })),
      member && h('p', { class: 'hint', role: 'alert' },
        t('digits.only-for', { name: visible(member) })),
      h('p', { class: 'lead' }, t('digits.read-out', { name: visible(sponsor) })),
      code,
      h('p', {}, t('digits.same', { name: visible(sponsor) })),
      remark(t('digits.different')),
      spinner(t('digits.waiting', { name: visible(sponsor) })),
      h('div', { class: 'buttons' },
        h('button', { class: 'link', onclick: explainStored }, t('stored.title')),
        doing({ class: 'button' }, t('action.cancel'), async () => {
          isCancelled = true;
          listening.end();
          await ask('knock.cancel').catch(() => undefined);
          this.#back();
        })));
    this.#show(view);
    listening.on('knock', (knock) => {
      if (knock.digits) draw(knock.digits);
    });
    ask('knock.wait').then(loadAll).catch((error) => {
      if (isCancelled) return;
      this.#ended(error.name === 'door-closed' ? t('join.door-closed') : errorWords(error),
        visible(sponsor));
    }).finally(() => listening.end());
  }

  /** It came to nothing: why, and the way on. */
  #ended(words, who) {
    this.#show(h('section', { class: 'card wide' },
      h('h1', { tabindex: '-1' }, t('join.ended')),
      h('p', { class: 'lead', role: 'alert' }, words),
      h('p', {}, t('join.ended-do', { name: who })),
      h('div', { class: 'buttons' },
        h('button', { class: 'button primary', onclick: this.#back,
          autofocus: true },
          t('join.again')))));
  }
}

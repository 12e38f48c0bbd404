// Completes "@" and the beginning of a name in the composer.

import { freshId, h } from './dom.js';
import { byName, t } from './i18n.js';
import { avatar, name } from './names.js';
import { announce } from './say.js';

const shownMax = 6;

/** Letters without marks, so that "muller" finds "Müller". */
function plain(text) {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}

/** Watches a text area; `members` gives who can be meant. */
export class Mentions {
  #input;
  #members;
  #list = h('ul', { class: 'suggestions', role: 'listbox', id: freshId('mentions'), hidden: true });
  #found = [];
  #at = -1;
  #chosen = 0;
  /** Whether nothing was typed since it was made, was closed, or one was taken. */
  #isDone = true;

  constructor(input, members) {
    this.#input = input;
    this.#members = members;
    this.#list.setAttribute('aria-label', t('mention.title'));
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-controls', this.#list.id);
    input.addEventListener('input', () => this.#begin());
    input.addEventListener('click', () => this.#begin());
    input.addEventListener('blur', () => this.#end());
  }

  get element() {
    return this.#list;
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  close() {
    this.#list.hidden = true;
    this.#found = [];
    this.#input.removeAttribute('aria-activedescendant');
  }

  /** Looks again where others can be meant by now. */
  membersChanged() {
    if (this.#isDone || document.activeElement !== this.#input) return;
    const chosen = this.#found[this.#chosen]?.id;
    this.#look();
    const at = this.#found.findIndex((member) => member.id === chosen);
    if (at > 0) this.#choose(at);
  }

  /** Takes a key while the list is open; true where it meant the list. */
  key(event) {
    if (!this.isOpen) return false;
    switch (event.key) {
      case 'ArrowDown': this.#choose(this.#chosen + 1); break;
      case 'ArrowUp': this.#choose(this.#chosen - 1); break;
      case 'Enter': case 'Tab':
        if (event.shiftKey) return false;
        this.#take(this.#found[this.#chosen]);
        break;
      case 'Escape': this.#end(); break;
      default: return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #begin() {
    this.#isDone = false;
    this.#look();
  }

  #end() {
    this.#isDone = true;
    this.close();
  }

  #look() {
    const { value, selectionStart, selectionEnd } = this.#input;
    if (selectionStart !== selectionEnd) return this.close();
    const before = value.slice(0, selectionStart);
    const match = /(?:^|[\s([{"'„“])@([^@\n]{0,40})$/u.exec(before);
    if (!match) return this.close();
    const begun = plain(match[1]);
    this.#at = selectionStart - match[1].length - 1;
    this.#found = this.#members()
      .filter((member) => begun === '' || [member.name, ...member.name.split(/[\s-]+/)]
        .some((part) => plain(part).startsWith(begun)))
      .filter((member) => plain(member.name) !== begun)
      .sort(byName)
      .slice(0, shownMax);
    if (this.#found.length === 0) return this.close();
    const wasOpen = this.isOpen;
    this.#draw();
    if (!wasOpen) announce(t('mention.found', { n: this.#found.length }));
    return undefined;
  }

  #draw() {
    this.#list.replaceChildren(...this.#found.map((member, index) => h('li', {
      role: 'option', id: `${this.#list.id}-${index}`, 'aria-selected': 'false',
      onpointerdown: (event) => {
        event.preventDefault();
        this.#take(member);
      },
    }, avatar(member, 'tiny'), name(member.name))));
    this.#list.hidden = false;
    this.#choose(0);
  }

  #choose(index) {
    const count = this.#found.length;
    this.#chosen = (index + count) % count;
    [...this.#list.children].forEach((option, at) => {
      option.setAttribute('aria-selected', String(at === this.#chosen));
    });
    this.#input.setAttribute('aria-activedescendant', `${this.#list.id}-${this.#chosen}`);
  }

  #take(member) {
    const end = this.#input.selectionStart;
    this.#input.setRangeText(`@${member.name} `, this.#at, end, 'end');
    this.close();
    this.#input.focus();
    this.#input.dispatchEvent(new Event('input'));
    this.#end();
  }
}

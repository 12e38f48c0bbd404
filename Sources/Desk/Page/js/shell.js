// The frame of an office: sections on the left, the list of conversations, and what is chosen.

import { AdmitView } from './admit.js';
import { Listening } from './bus.js';
import { Banner } from './banner.js';
import { Conversation } from './conversation.js';
import { DoctorView } from './doctor.js';
import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { ConversationList } from './list.js';
import { MoreView } from './more.js';
import { PeopleView } from './people.js';
import { RecoveryView } from './recovery.js';
import { SettingsView } from './settings.js';
import { groupById, isLoaded, mayAdmit, memberById, state, unreadTotal } from './state.js';
import { StoredView } from './stored.js';
import { visible } from './text.js';

const views = {
  people: PeopleView, admit: AdmitView, more: MoreView, doctor: DoctorView, stored: StoredView,
  recovery: RecoveryView, settings: SettingsView,
};
/** Which section a view belongs to. */
const sections = { doctor: 'more', stored: 'more', recovery: 'more', settings: 'more' };
const wide = matchMedia('(min-width: 760px)');
/** The conversation that this tab showed last. */
let lastRoute;

export class Shell {
  #listening = new Listening();
  #banner = new Banner();
  #list = new ConversationList();
  #main = h('div', { id: 'main', class: 'view', tabindex: '-1' });
  #rail = h('nav', { class: 'rail', 'aria-label': t('nav.label') });
  #view;
  #route;

  constructor() {
    this.element = h('div', { class: 'shell' },
      h('a', { class: 'skip', href: '#main', onclick: (event) => this.#skip(event) },
        t('nav.skip')),
      this.#rail, this.#banner.element,
      h('main', {}, this.#list.element, h('div', { class: 'pane' }, this.#main)));
  }

  open() {
    const hashChanged = () => this.#go();
    addEventListener('hashchange', hashChanged);
    this.#listening.add(() => removeEventListener('hashchange', hashChanged));
    wide.addEventListener('change', hashChanged);
    this.#listening.add(() => wide.removeEventListener('change', hashChanged));
    this.#listening.on('groups', () => this.#changed());
    this.#listening.on('members', () => this.#changed());
    this.#listening.on('door', () => this.#drawRail());
    this.#listening.on('office', () => this.#drawRail());
    this.#list.open();
    this.#banner.open();
    this.#changed();
  }

  close() {
    this.#view?.close?.();
    this.#list.close();
    this.#banner.close();
    this.#listening.end();
  }

  #skip(event) {
    event.preventDefault();
    this.#main.focus();
  }

  #changed() {
    this.#drawRail();
    this.#title();
    // What the address names may have been unknown until now.
    if (this.#route !== this.#wanted() || !this.#view) this.#go();
  }

  /** The address as it is meant: on a wide window a conversation is always open. */
  #wanted() {
    const route = location.hash.replace(/^#\/?/, '');
    if (route !== '' || !wide.matches) return route;
    // What another tab shows by now takes nobody away from where they are writing.
    if (this.#view instanceof Conversation) return this.#route;
    if (lastRoute && conversationAt(...lastRoute.split('/'))) return lastRoute;
    const first = groupById(stored('zuruf-last')) ?? state.groups[0];
    return first ? `g/${first.id}` : '';
  }

  #go() {
    const route = this.#wanted();
    const [section, id] = route.split('/');
    const hadView = Boolean(this.#view);
    if (route === this.#route && this.#view) return;
    const there = conversationAt(section, id);
    const made = Object.hasOwn(views, section) ? new views[section]()
      : there && new Conversation(there);
    if (!made && route !== '') {
      // The address names nothing that is here, or not yet.
      if (isLoaded('groups') && isLoaded('members')) location.replace('#/');
      return;
    }
    this.#view?.close?.();
    this.#route = route;
    this.#view = made;
    this.element.dataset.view = !made ? 'list' : made instanceof Conversation ? 'conversation'
      : 'page';
    this.#main.replaceChildren(...(made ? [made.element] : []));
    if (made instanceof Conversation) {
      lastRoute = route;
      store('zuruf-last', id);
    }
    // Alone in a narrow window the list is what the page is about.
    this.#list.choose(made instanceof Conversation ? made.key : undefined, made ? 2 : 1);
    this.#drawRail();
    this.#title();
    made?.open?.(hadView || wide.matches);
    if (hadView && made
      && !(made instanceof Conversation)) this.#main.focus({ preventScroll: true });
  }

  #drawRail() {
    const section = (this.#route ?? '').split('/')[0];
    const now = sections[section] ?? (Object.hasOwn(views, section) ? section : 'talk');
    const waiting = (state.door?.requests ?? [])
      .filter((request) => request.state === 'comparing').length;
    const drawn = JSON.stringify([now, waiting, unreadTotal(), mayAdmit()]);
    if (drawn === this.#rail.dataset.drawn) return;
    this.#rail.dataset.drawn = drawn;
    const item = (name, drawing, href, count) => h('a', {
      href, 'aria-current': name === now ? 'page' : undefined,
    },
    h('span', { class: 'rail-icon' }, icon(drawing), count > 0
      && h('span', { class: 'badge', 'aria-hidden': 'true' }, count > 99 ? '99+' : String(count))),
    h('span', {}, t(`nav.${name}`)),
    count > 0 && h('span', { class: 'unseen' }, t(`nav.${name}-count`, { n: count })));
    const focused = [...this.#rail.children].indexOf(document.activeElement);
    this.#rail.replaceChildren(
      item('talk', 'chat', '#/', unreadTotal()),
      item('people', 'people', '#/people', 0),
      ...(mayAdmit() ? [item('admit', 'door', '#/admit', waiting)] : []),
      item('more', 'more', '#/more', 0));
    this.#rail.children[focused]?.focus();
  }

  #title() {
    const count = unreadTotal();
    const place = this.#view?.title ?? visible(state.office?.office?.name ?? '');
    document.title = `${count > 0 ? `(${count}) ` : ''}${place ? `${place} – ` : ''}Zuruf`;
  }
}

/** The conversation that an address names, if there is one. */
function conversationAt(section, id) {
  if (section === 'g' && groupById(id)) return { group: id };
  if (section === 'p' && memberById(id)) return { member: id };
  return undefined;
}

/** The group that will be shown first, as far as the address and the last time tell. */
export function conversationInAddress() {
  const [section, id] = location.hash.replace(/^#\/?/, '').split('/');
  if (section === 'g') return id;
  return section === '' && wide.matches ? stored('zuruf-last') : undefined;
}

function stored(key) {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The first conversation is shown next time.
  }
}

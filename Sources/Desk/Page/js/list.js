// The list of conversations: groups, people, how much is unread, who is in reach.

import { Listening } from './bus.js';
import { below } from './controls.js';
import { h, perFrame } from './dom.js';
import { byName, t } from './i18n.js';
import { icon } from './icons.js';
import { avatar, groupAvatar, groupTitle, name } from './names.js';
import { newGroup } from './newgroup.js';
import { presenceOf } from './presence.js';
import {
  isLoaded, isPast, membersInReach, membersOf, mayAdmit, partner, state,
} from './state.js';
import { brief } from './times.js';
import { visible } from './text.js';

export class ConversationList {
  #listening = new Listening();
  #chosen;
  #drawn;
  #order;
  /** What stands in each line, and its element. */
  #lines = new Map();
  #level = 2;
  #head = h('header', { class: 'list-head' });
  #body = h('div', { class: 'list-body' });

  constructor() {
    this.element = h('nav', { class: 'list', 'aria-label': t('list.label') }, this.#head,
      this.#body);
  }

  open() {
    const soon = perFrame(() => this.#draw());
    for (const name of ['groups', 'members', 'devices', 'office']) this.#listening.on(name, soon);
    this.#draw();
  }

  close() {
    this.#listening.end();
  }

  /** Marks the conversation that is shown, a group's id or a member's; `level` of the heading. */
  choose(key, level) {
    this.#chosen = key;
    this.#level = level;
    this.#draw();
  }

  #draw() {
    const { office: info, groups, members } = state;
    const reached = membersInReach();
    const group = (one) => this.#group(one, reached);
    // Whoever is out of the office is out of all: that says nothing of one of them.
    const isOut = info?.standing === 'removed';
    const present = groups.filter((one) => isOut || !one.gone);
    const talks = present.filter((one) => one.kind === 'direct')
      .sort((one, other) => (other.latest?.ms ?? 0) - (one.latest?.ms ?? 0));
    const spoken = new Set(talks.map((one) => partner(one)?.id));
    const others = members
      .filter((one) => !isOut && !one.own && !one.removed && !spoken.has(one.id)
        && one.rank !== 'box')
      .sort(byName);
    const parts = [
      ['list.groups', present.filter((one) => one.kind !== 'direct').map(group)],
      ['nav.people', [...talks.map(group), ...others.map((one) => this.#member(one, reached))]],
      ['list.left', groups.filter((one) => !present.includes(one)).map(group)],
    ];
    // Who is here is told later than the groups.
    const isAlone = talks.length + others.length === 0 && isLoaded('members') && mayAdmit();
    // What is as it was stays, and whoever reads or points there is not disturbed.
    const head = [this.#level, info?.standing, info?.office?.name, info?.member?.name,
      info?.device?.name, isAlone];
    const now = JSON.stringify([head, parts]);
    if (now === this.#drawn) return;
    this.#drawn = now;
    const focused = this.element.contains(document.activeElement)
      && document.activeElement.dataset.key;
    this.#drawHead(info);
    const order = JSON.stringify([
      isAlone, parts.map(([, lines]) => lines.map((one) => one.route))]);
    const isSame = order === this.#order;
    const elements = parts.map(([label, lines]) =>
      [label, lines.map((one) => this.#line(one, isSame))]);
    if (!isSame) {
      this.#order = order;
      this.#body.replaceChildren(...elements.flatMap(([label, lines]) => part(label, lines)));
      if (isAlone) {
        this.#body.append(h('div', { class: 'empty' },
          h('p', {}, t('list.nobody')),
          h('a', { class: 'button primary', href: '#/admit' }, icon('door'), t('nav.admit'))));
      }
    }
    if (focused && document.activeElement?.dataset.key !== focused) {
      this.element.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
    }
  }

  #drawHead(info) {
    this.#head.replaceChildren(
      h('div', { class: 'grow' },
        h('p', { class: 'office-name', role: 'heading', 'aria-level': this.#level },
          name(info?.office?.name ?? '')),
        info?.member && h('p', { class: 'sub' }, t('list.you', {
          name: visible(info.member.name), device: visible(info.device?.name ?? ''),
        }))),
      info?.standing === 'ready' ? h('button', {
        class: 'icon-button', 'data-key': 'new', title: t('group.new'),
        'aria-label': t('group.new'), onclick: newGroup,
      }, icon('plus')) : '');
  }

  // What a line shows; only a function in it is not compared.

  #group(group, reached) {
    const other = partner(group);
    return {
      route: `g/${group.id}`,
      isChosen: this.#chosen === group.id || (other && this.#chosen === other.id),
      isHere: other && reached.has(other.id),
      title: groupTitle(group),
      sub: preview(group),
      time: group.latest && brief(group.latest.ms),
      unread: group.unread ?? 0,
      isNaming: group.unread > 0 && state.naming.has(group.id),
      picture: () => h('span', { class: 'picture' }, groupAvatar(group),
        other && presenceOf(other.id, true)),
    };
  }

  #member(member, reached) {
    return {
      route: `p/${member.id}`,
      isChosen: this.#chosen === member.id,
      isHere: reached.has(member.id),
      title: visible(member.name),
      sub: t('list.write-first'),
      unread: 0,
      picture: () => h('span', { class: 'picture' }, avatar(member), presenceOf(member.id, true)),
    };
  }

  /** The element of a line, put in the place of the one that stood for it where `replaces`. */
  #line(line, replaces) {
    const words = JSON.stringify(line);
    const known = this.#lines.get(line.route);
    if (known?.words === words) return known.element;
    const element = item(line);
    if (replaces) known?.element.replaceWith(element);
    this.#lines.set(line.route, { words, element });
    return element;
  }
}

function item({ route, isChosen, picture, title, sub, time, unread, isNaming }) {
  return h('li', {}, h('a', {
    href: `#/${route}`, class: unread > 0 ? 'item unread' : 'item', 'data-key': route,
    'aria-current': isChosen ? 'page' : undefined,
  },
  picture(),
  h('span', { class: 'grow' },
    h('span', { class: 'line' }, h('span', { class: 'title' }, name(title)),
      time !== undefined && h('span', { class: 'when' }, time)),
    h('span', { class: 'line' }, below(sub),
      isNaming && h('span', { class: 'count' }, h('span', { 'aria-hidden': 'true' }, '@'),
        h('span', { class: 'unseen' }, t('list.naming'))),
      unread > 0 && h('span', { class: 'count' },
        h('span', { 'aria-hidden': 'true' }, unread > 999 ? '999+' : String(unread)),
        h('span', { class: 'unseen' }, t('list.unread', { n: unread })))))));
}

function part(label, items) {
  if (items.length === 0) return [];
  return [h('h2', {}, t(label)), h('ul', { role: 'list' }, items)];
}

/** How the newest message begins, and who wrote it where that may be one of several. */
function lastWords({ kind, last: { member, own, text } }) {
  // Nobody's text looks like one's own.
  const isLikeOwn = text.trimStart().startsWith(`${t('word.you')}:`);
  if (kind === 'direct' && !own && !isLikeOwn) return visible(text);
  return `${own ? t('word.you') : visible(member.name)}: ${visible(text)}`;
}

/** What stands below a title: the newest message; or what it is for, or who is in it. */
function preview(group) {
  const isOut = state.office?.standing === 'removed';
  if (group.gone && !isOut) {
    const { word } = group.gone;
    return t(word === 'left' ? 'list.gone-left'
      : word === 'not-added' ? 'list.gone-not-added' : 'list.gone-removed');
  }
  if (group.readable === false) return t('absence.waiting');
  if (!isOut && isPast(partner(group)?.id)) return t('presence.removed');
  if (group.last) return lastWords(group);
  if (group.kind === 'direct') return t('list.direct');
  if (group.purpose) return visible(group.purpose);
  return t('group.members', { n: membersOf(group) });
}

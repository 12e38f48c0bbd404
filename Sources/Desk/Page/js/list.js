// The list of conversations: groups, people, how much is unread, who is in reach.

import { Listening } from './bus.js';
import { h } from './dom.js';
import { byName, t } from './i18n.js';
import { icon } from './icons.js';
import { avatar, groupAvatar, groupTitle, name } from './names.js';
import { newGroup } from './newgroup.js';
import { presenceOf } from './presence.js';
import { mayAdmit, partner, state } from './state.js';
import { brief } from './times.js';
import { visible } from './text.js';

export class ConversationList {
  #listening = new Listening();
  #chosen;
  #drawn;
  #level = 2;
  #head = h('header', { class: 'list-head' });
  #body = h('div', { class: 'list-body' });

  constructor() {
    this.element = h('nav', { class: 'list', 'aria-label': t('list.label') }, this.#head,
      this.#body);
  }

  open() {
    for (const name of ['groups', 'members', 'devices', 'office']) {
      this.#listening.on(name, () => this.#draw());
    }
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
    const { office: info, groups, members, devices } = state;
    // What is as it was stays, so that no click falls between two drawings.
    const now = JSON.stringify([
      this.#chosen, this.#level, info, members, Math.floor(Date.now() / 60_000),
      devices.map((device) => [device.id, device.state]),
      groups.map((group) => ({ ...group, lastCounted: undefined })),
    ]);
    if (now === this.#drawn) return;
    this.#drawn = now;
    const focused = document.activeElement?.dataset?.key;
    const hasFocus = this.element.contains(document.activeElement);
    this.#head.replaceChildren(
      h('div', { class: 'grow' },
        h('p', { class: 'office-name', role: 'heading', 'aria-level': this.#level },
          name(info?.office?.name ?? '')),
        info?.member && h('p', { class: 'sub' }, t('list.you', {
          name: visible(info.member.name), device: visible(info.device?.name ?? ''),
        }))),
      state.office?.standing === 'ready' ? h('button', {
        type: 'button', class: 'icon-button', 'data-key': 'new', title: t('group.new'),
        'aria-label': t('group.new'), onclick: newGroup,
      }, icon('plus')) : '');
    const present = groups.filter((group) => !group.gone);
    const rooms = present.filter((group) => group.kind !== 'direct');
    const talks = present.filter((group) => group.kind === 'direct');
    const spoken = new Set(talks.map((group) => partner(group)?.id));
    const others = members
      .filter((one) => !one.own && !one.removed && !spoken.has(one.id) && one.rank !== 'box')
      .sort((one, other) => byName(one.name, other.name));
    talks.sort((one, other) => (other.latest?.ms ?? 0) - (one.latest?.ms ?? 0));
    const left = groups.filter((group) => group.gone);
    this.#body.replaceChildren(
      ...part('list.groups', rooms.map((group) => this.#group(group))),
      ...part('list.people', [
        ...talks.map((group) => this.#group(group)),
        ...others.map((member) => this.#member(member)),
      ]),
      ...part('list.left', left.map((group) => this.#group(group))));
    if (talks.length + others.length === 0 && mayAdmit()) {
      this.#body.append(h('div', { class: 'empty' },
        h('p', {}, t('list.nobody')),
        h('a', { class: 'button primary', href: '#/admit' }, icon('door'), t('nav.admit'))));
    }
    if (hasFocus && focused) {
      this.element.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
    }
  }

  #group(group) {
    const other = group.kind === 'direct' ? partner(group) : undefined;
    const isChosen = this.#chosen === group.id || (other && this.#chosen === other.id);
    return this.#item(`g/${group.id}`, isChosen, {
      picture: h('span', { class: 'picture' }, groupAvatar(group),
        other && presenceOf(other.id, true)),
      title: groupTitle(group),
      sub: preview(group),
      time: group.latest?.ms,
      unread: group.unread ?? 0,
    });
  }

  #member(member) {
    return this.#item(`p/${member.id}`, this.#chosen === member.id, {
      picture: h('span', { class: 'picture' }, avatar(member), presenceOf(member.id, true)),
      title: visible(member.name),
      sub: t('list.write-first'),
      unread: 0,
    });
  }

  #item(route, isChosen, { picture, title, sub, time, unread }) {
    return h('li', {}, h('a', {
      href: `#/${route}`, class: unread > 0 ? 'item unread' : 'item', 'data-key': route,
      'aria-current': isChosen ? 'page' : undefined,
    },
    picture,
    h('span', { class: 'grow' },
      h('span', { class: 'line' }, h('span', { class: 'title' }, name(title)),
        time !== undefined && h('span', { class: 'when' }, brief(time))),
      h('span', { class: 'line' }, h('span', { class: 'sub' }, sub),
        unread > 0 && h('span', { class: 'count' },
          h('span', { 'aria-hidden': 'true' }, unread > 999 ? '999+' : String(unread)),
          h('span', { class: 'unseen' }, t('list.unread', { n: unread })))))));
  }
}

function part(label, items) {
  if (items.length === 0) return [];
  return [h('h2', {}, t(label)), h('ul', { role: 'list' }, items)];
}

/** What stands below a title: what it is for, or who is in it. */
function preview(group) {
  if (group.gone) return t(group.gone.word === 'left' ? 'list.gone-left' : 'list.gone-removed');
  if (group.readable === false) return t('absence.waiting');
  if (group.kind === 'direct') return t('list.direct');
  if (group.purpose) return visible(group.purpose);
  return t('group.members', { n: group.members?.length ?? 0 });
}

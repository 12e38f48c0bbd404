// How people, groups and ranks are called, and the coloured initials that stand for them.

import { h } from './dom.js';
import { hasText, t } from './i18n.js';
import { icon } from './icons.js';
import { isPast, memberById, partner } from './state.js';
import { visible } from './text.js';

/** A group's title; the other's name for a conversation of two. */
export function groupTitle(group) {
  // Any other group of that kind is called as somebody calls it.
  if (group.kind === 'everyone' && group.title === 'everyone') return t('group.everyone');
  if (group.kind === 'direct') {
    const other = group.members ? partner(group) : undefined;
    if (other) {
      const who = visible(other.name);
      return isPast(other.id) ? t('group.with-removed', { name: who }) : who;
    }
    if (group.title) return visible(group.title.replace(/^@/, ''));
  }
  return group.title ? visible(group.title) : t('group.untitled');
}

/** What to propose as a name: the system writes those to log in with in small letters. */
export function proposed(account = '') {
  return account.slice(0, 1).toLocaleUpperCase() + account.slice(1);
}

/** A name that somebody chose, apart from the direction of the writing around it. */
export function name(text) {
  return h('bdi', {}, visible(text));
}

export function rankWord(rank) {
  return hasText(`rank.${rank}`) ? t(`rank.${rank}`) : rank;
}

/** One of eight quiet colours, always the same for the same id. */
function hue(id) {
  return parseInt(id.slice(0, 4), 16) % 8 || 0;
}

function initials(text) {
  const words = visible(text).split(/[\s._-]+/).filter((word) => word !== '');
  const first = [...(words[0] ?? '?')][0];
  const last = words.length > 1 ? [...words[words.length - 1]][0] : '';
  return (first + last).toLocaleUpperCase();
}

/** The initials of a member, or a box; `size`: small, large or none. */
export function avatar(member, size = '') {
  const isBox = memberById(member.id)?.rank === 'box' || member.rank === 'box';
  return h('span', { class: `avatar hue-${hue(member.id)} ${size}`, 'aria-hidden': 'true' },
    isBox ? icon('box') : initials(member.name));
}

export function groupAvatar(group, size = '') {
  const other = partner(group);
  if (other) return avatar(other, size);
  return h('span', { class: `avatar square hue-${hue(group.id)} ${size}`, 'aria-hidden': 'true' },
    group.kind === 'everyone' ? icon('office') : initials(groupTitle(group)));
}

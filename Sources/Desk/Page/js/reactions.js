// Reactions below a message, each with how many people and whether oneself.

import { h } from './dom.js';
import { listed, number, t } from './i18n.js';
import { membersOf } from './state.js';
import { visible } from './text.js';

/** The bar of reactions of a message; empty where nobody reacted. */
export function reactionBar(message, place) {
  const bar = h('div', { class: 'reactions' });
  for (const reaction of message.reactions ?? []) {
    const { members, further } = reaction;
    const names = listed(members.map((member) => visible(member.name)), 6, further);
    const words = t('reaction.by', { names, emoji: visible(reaction.text) });
    bar.append(h('button', {
      class: reaction.own ? 'reaction own' : 'reaction', title: names,
      'aria-pressed': String(Boolean(reaction.own)), 'aria-label': words, tabindex: '-1',
      onclick: () => place.toggleReaction(message, reaction.text, reaction.own),
    }, h('span', { class: 'glyph' }, visible(reaction.text)),
    h('span', {}, number(membersOf(reaction)))));
  }
  return bar;
}

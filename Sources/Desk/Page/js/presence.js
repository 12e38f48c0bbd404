// Whether somebody's devices are in reach, in words and as a dot beside the words.

import { h } from './dom.js';
import { t } from './i18n.js';
import { devicesOf, isInReach, isPast, lastSeen, state } from './state.js';
import { ago } from './times.js';

/** The dot; what it means stands in words beside it, or is read out. */
export function presenceOf(member, isNamed = false) {
  const reached = isInReach(member);
  return h('span', {
    class: reached ? 'dot here' : 'dot',
    ...(isNamed ? { role: 'img', 'aria-label': t(reached ? 'presence.here' : 'presence.away') }
      : { 'aria-hidden': 'true' }),
  });
}

export function presenceWords(member) {
  if (member === state.office?.member?.id) return t('presence.you');
  if (isPast(member)) return t('presence.removed');
  if (isInReach(member)) return t('presence.here');
  if (devicesOf(member).length === 0) return t('presence.no-device');
  const seen = lastSeen(member);
  return seen ? t('presence.away-since', { when: ago(seen) }) : t('presence.away');
}

// How far an own message has come, in honest words, and on which devices it is.

import { below, remark, spinner } from './controls.js';
import { openDialog } from './dialog.js';
import { h } from './dom.js';
import { listed, t } from './i18n.js';
import { icon } from './icons.js';
import { groupTitle, name } from './names.js';
import { ask } from './rpc.js';
import { errorWords } from './say.js';
import { visible } from './text.js';
import { ago } from './times.js';

/** Whether nothing more is to come: everybody who can have it has it. */
export function isComplete(state) {
  return state.word === 'read' || (state.of > 1 && state.devices >= state.of);
}

/** The drawing beside the words. */
export function deliveryIcon(state) {
  if (state.word === 'nobody') return icon('warning');
  if (state.word === 'here') return icon('clock');
  return icon(isComplete(state) || state.word === 'on-recipient' ? 'checks' : 'check');
}

/** The state of a message of `group` in words; `keeper`: the name of one that holds it. */
export function deliveryWords(state, group, keeper = undefined) {
  const carried = keeper ? t('delivery.carried', { keeper: visible(keeper) }) : '';
  switch (state.word) {
    case 'nobody': return t('delivery.nobody');
    case 'read': return t('delivery.read');
    case 'here': return t(state.of <= 1 ? 'delivery.alone' : 'delivery.here');
    case 'on-recipient':
      if (group.kind === 'direct') return t('delivery.recipient', { name: groupTitle(group) });
      break;
    default: break;
  }
  if (state.devices >= state.of) {
    return group.kind === 'direct' ? t('delivery.recipient', { name: groupTitle(group) })
      : t(state.everyone ? 'delivery.all' : 'delivery.devices', { n: state.of });
  }
  return t('delivery.some', { devices: state.devices, of: state.of }) + notYet(state) + carried;
}

/** Whom it has not reached: devices count, but people ask for people. */
function notYet(state) {
  if (!state.missing?.length) return '';
  const names = state.missing.map((member) => visible(member.name));
  return t('delivery.not-yet', { names: listed(names, names.length, state.further) });
}

/** The name of a keeper that holds a message which is not everywhere yet. */
export async function carrier(entry) {
  const { devices } = await ask('delivery', { entry });
  const keeper = devices.find((one) => one.keeper && one.holds && one.reads !== true)
    ?? devices.find((one) => one.keeper && one.holds);
  return keeper?.device.name;
}

/** A dialog that names every device. */
export function showDelivery(message) {
  const place = h('div', { 'aria-busy': 'true' }, spinner(t('said.asking')));
  ask('delivery', { entry: message.entry }).then((answer) => {
    place.replaceChildren(
      h('p', { class: 'lead' }, deliveryWords(answer.state, answer.group)),
      deviceTable(answer.devices),
      remark(t('delivery.explained')));
  }, (error) => {
    place.replaceChildren(h('p', { class: 'form-error' }, errorWords(error)));
  }).finally(() => place.removeAttribute('aria-busy'));
  return openDialog(t('delivery.title'), () => place);
}

function deviceTable(devices) {
  const order = (one) => (one.holds ? 0 : 1);
  const sorted = [...devices].sort((one, other) => order(one) - order(other));
  return h('ul', { class: 'rows' }, sorted.map((one) => {
    // Of what somebody cannot read it is of no use that a device has it; but a keeper passes it on.
    const isClosed = one.reads === false;
    const isThere = one.holds && (one.keeper || !isClosed);
    const words = isThere ? t(isClosed ? 'delivery.keeps' : 'delivery.has')
      : t(isClosed ? 'delivery.cannot' : 'delivery.lacks');
    const seen = one.seen && !one.holds ? t('presence.seen', { when: ago(one.seen.ms) }) : '';
    return h('li', {},
      h('span', { class: `mark ${isThere ? 'good' : 'dim'}` },
        icon(isThere ? 'check' : isClosed ? 'close' : 'clock')),
      h('span', { class: 'grow' },
        h('strong', {}, name(one.device.name)),
        below(name(one.member.name),
          one.keeper && ` · ${t('word.keeper')}`)),
      h('span', { class: 'side' }, words, seen && below(seen)));
  }));
}

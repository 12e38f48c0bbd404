// Choosing members from a list, as for a new group.

import { checkbox, remark } from './controls.js';
import { h } from './dom.js';
import { byName, t } from './i18n.js';
import { avatar, name } from './names.js';

/** A list of members to tick. `chosen()` gives their ids. */
export function memberPicker(members, legend) {
  const boxes = [...members].sort(byName).map((member) => {
    const box = checkbox([avatar(member, 'tiny'), name(member.name)], { value: member.id });
    return { member, ...box };
  });
  const element = h('fieldset', { class: 'picker' },
    h('legend', {}, legend),
    boxes.length === 0 ? remark(t('members.nobody'))
      : h('div', { class: 'picker-list' }, boxes.map((box) => box.element)));
  return {
    element,
    chosen: () => boxes.filter((box) => box.input.checked).map((box) => box.member.id),
  };
}

// A dialog that makes a group.

import { form, submit, textField } from './controls.js';
import { decision, openDialog } from './dialog.js';
import { t } from './i18n.js';
import { memberPicker } from './members.js';
import { ask } from './rpc.js';
import { errorPlace } from './say.js';
import { loadGroups, state } from './state.js';

export async function newGroup() {
  const made = await openDialog(t('group.new'), (close) => {
    const place = errorPlace();
    const title = textField(t('group.title'), { maxlength: 60, autofocus: true });
    const purpose = textField(t('group.purpose'), { maxlength: 200 }, t('group.purpose-hint'));
    const people = memberPicker(
      state.members.filter((member) => !member.own && !member.removed), t('group.who'));
    return form({ class: 'form' }, place, async () => {
      if (!title.input.value.trim()) {
        place.show(t('group.title-missing'), title.input);
        return;
      }
      const { group } = await ask('group.new', {
        title: title.input.value.trim(),
        ...(purpose.input.value.trim() ? { purpose: purpose.input.value.trim() } : {}),
        members: people.chosen().map((id) => `id:${id}`),
      });
      close(group);
    },
    title.element, purpose.element, people.element, place.element,
    decision(close, submit(t('group.make'))));
  });
  if (!made) return;
  await loadGroups();
  location.hash = `#/g/${made.id}`;
}

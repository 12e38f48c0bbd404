// Dialogs that make a group, and that call one otherwise.

import { form, submit, textField } from './controls.js';
import { decision, openDialog } from './dialog.js';
import { t } from './i18n.js';
import { memberPicker } from './members.js';
import { ask } from './rpc.js';
import { errorPlace } from './say.js';
import { loadGroups, state } from './state.js';

export async function newGroup() {
  const people = memberPicker(
    state.members.filter((member) => !member.own && !member.removed), t('group.who'));
  const made = await openDialog(t('group.new'), (close) => groupForm({}, async (named) => {
    const members = people.chosen().map((id) => `id:${id}`);
    close((await ask('group.new', { ...named, members })).group);
  }, decision(close, submit(t('group.make'))), people.element));
  if (!made) return;
  await loadGroups();
  location.hash = `#/g/${made.id}`;
}

/** What a group is called and what it is for; `done` when that was changed. */
export function renameGroup(group, done) {
  return openDialog(t('group.rename'), (close) => groupForm(group, async (named) => {
    if (Object.keys(named).length) await ask('group.rename', { group: `id:${group.id}`, ...named });
    close();
    done();
    await loadGroups();
  }, decision(close, submit(t('action.save')))), 'narrow');
}

/**
 * `save` is given what was typed otherwise than it stood there: the rest may be another's by now.
 * What is `more` stands above the buttons.
 */
function groupForm(group, save, buttons, ...more) {
  const place = errorPlace();
  const title = textField(t('group.title'), { value: group.title, maxlength: 60, autofocus: true });
  const purpose = textField(t('group.purpose'), { value: group.purpose, maxlength: 200 },
    t('group.purpose-hint'));
  const typed = () => ({ title: title.input.value.trim(), purpose: purpose.input.value.trim() });
  const before = typed();
  return form({ class: 'form' }, place, async () => {
    const named = typed();
    if (!named.title) return place.show(t('group.title-missing'), title.input);
    for (const key in before) if (named[key] === before[key]) delete named[key];
    return save(named).catch((error) =>
      place.show(error, error.name.startsWith('name-') ? title.input : undefined));
  },
  title.element, purpose.element, ...more, place.element, buttons);
}

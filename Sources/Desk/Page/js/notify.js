// Notifications of the desktop: asked for by a click, and never for what oneself wrote.

import { isLeading } from './events.js';
import { t } from './i18n.js';
import { groupTitle } from './names.js';
import { beginning, visible } from './text.js';
import { groupById } from './state.js';

const key = 'zuruf-notify';

/** `unsupported`, `denied`, `off` or `on`. */
export function notifyState() {
  if (!('Notification' in globalThis)) return 'unsupported';
  if (Notification.permission === 'denied') return 'denied';
  try {
    return Notification.permission === 'granted' && localStorage.getItem(key) === 'on' ? 'on'
      : 'off';
  } catch {
    return 'off';
  }
}

/** To be called from a click only: the browser asks the person. */
export async function switchNotify(isOn) {
  const permission = isOn ? await Notification.requestPermission() : 'off';
  localStorage.setItem(key, permission === 'granted' ? 'on' : 'off');
  return notifyState();
}

/** A tab in front of which somebody sits says so, and then no other one calls for attention. */
const looksChannel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('zuruf-looks')
  : undefined;
const lookMs = 150;
const notesWaiting = new Map();
looksChannel?.addEventListener('message', ({ data }) => {
  clearTimeout(notesWaiting.get(data));
  notesWaiting.delete(data);
});

/** Tells of a message from somebody else while nobody looks at the page, in any of its tabs. */
export function notifyOf(message) {
  if (message.own || message.text === undefined) return;
  if (!document.hidden && document.hasFocus()) {
    looksChannel?.postMessage(message.entry);
    return;
  }
  if (!isLeading() || notifyState() !== 'on' || notesWaiting.has(message.entry)) return;
  notesWaiting.set(message.entry, setTimeout(() => {
    notesWaiting.delete(message.entry);
    showNote(message);
  }, lookMs));
}

function showNote(message) {
  const group = groupById(message.group.id) ?? message.group;
  const author = visible(message.member.name);
  const title = group.kind === 'direct' ? author
    : t('notify.title', { name: author, group: groupTitle(group) });
  const note = new Notification(title, {
    body: beginning(message.text, 200), icon: '/icon.svg', tag: message.group.id,
  });
  note.addEventListener('click', () => {
    focus();
    location.hash = `#/g/${message.group.id}`;
    note.close();
  });
}

// Begins: asks where this computer stands, and shows the page for it.

import { on, tell } from './bus.js';
import { h } from './dom.js';
import { followEvents } from './events.js';
import { applyLanguage, t } from './i18n.js';
import { watchEvents } from './live.js';
import { spinner } from './controls.js';
import { Shell } from './shell.js';
import {
  isInOffice, loadAll, loadDegraded, loadDevices, loadDoor, loadGroups, loadMembers, loadOffice,
  state,
} from './state.js';

const app = document.getElementById('app');
let shown;
let kind;

/** Shows what fits where this computer stands; the same view stays where nothing changed. */
async function show(isForced = false) {
  const next = kindNow();
  if (next === kind && !isForced) return;
  kind = next;
  const Start = next === 'start' ? (await import('./start.js')).Start : undefined;
  if (kind !== next) return;
  shown?.close?.();
  switch (next) {
    case 'office': shown = new Shell(); break;
    case 'start': shown = new Start(); break;
    case 'locked': shown = { element: lockedPage() }; break;
    default: shown = { element: waitingPage() };
  }
  app.replaceChildren(shown.element);
  shown.open?.();
}

let isLocked = false;

function kindNow() {
  if (isLocked) return 'locked';
  if (!state.office) return 'waiting';
  return isInOffice() ? 'office' : 'start';
}

/** The link was used or the node began anew: only a fresh link opens the page. */
function lockedPage() {
  return h('main', { class: 'plain' },
    h('img', { src: '/icon.svg', alt: '', class: 'logo' }),
    h('h1', {}, t('locked.title')),
    h('p', {}, t('locked.text')),
    h('p', {}, h('code', {}, 'zuruf open')));
}

function waitingPage() {
  const slow = h('div', { class: 'slow' }, h('h1', {}, t('away.title')),
    h('p', {}, t('away.text')), h('p', {}, h('code', {}, 'zuruf open')));
  return h('main', { class: 'plain waiting' },
    h('img', { src: '/icon.svg', alt: '', class: 'logo' }), spinner(t('said.asking')), slow);
}

async function begin() {
  applyLanguage();
  show();
  on('language', () => show(true));
  on('office', () => show());
  on('locked', () => {
    isLocked = true;
    show();
  });
  watchEvents();
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) tell('visible');
  });
  addEventListener('focus', () => tell('visible'));
  // Whatever changed while nobody told of it is asked again.
  on('resync', () => loadAll().catch(() => undefined));
  followEvents();
  // At once and not one after another: what there is not without an office is refused, and the
  // stream of events tells when a node that is away is back.
  await Promise.allSettled([loadOffice(), loadGroups(), loadMembers(), loadDevices(),
    loadDegraded()]);
  if (isInOffice()) loadDoor().catch(() => undefined);
}

begin();


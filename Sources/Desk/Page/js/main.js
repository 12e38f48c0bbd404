// Begins: asks where this computer stands, and shows the page for it.

import { on, tell } from './bus.js';
import { h } from './dom.js';
import { followEvents } from './events.js';
import { recallLanguage, t } from './i18n.js';
import { findNaming, watchEvents } from './live.js';
import { spinner } from './controls.js';
import { forgetAhead } from './rpc.js';
import { toast } from './say.js';
import { conversationInAddress, Shell } from './shell.js';
import { Start } from './start.js';
import {
  isInOffice, isReturning, loadAll, loadDegraded, loadDevices, loadDoor, loadGroups, loadMembers,
  loadOffice, state,
} from './state.js';
import { readAhead } from './reading.js';
import { warmUpTimes } from './times.js';

const app = document.getElementById('app');
let shown;
let kind;

/** Shows what fits where this computer stands; the same view stays where nothing changed. */
function show(isForced = false) {
  const next = kindNow();
  if (next === kind && !isForced) return;
  kind = next;
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

/** A window in the background is not drawn: it goes on after so long. */
const drawnMs = 250;
/** Who waits longer is told so. */
const waitingMs = 250;
let isLocked = false;

function kindNow() {
  if (isLocked) return 'locked';
  if (!state.office) return 'waiting';
  return isInOffice() && !isReturning() ? 'office' : 'start';
}

/** The link was used or the node began anew: only a fresh link opens the page. */
function lockedPage() {
  return plainPage('',
    h('h1', {}, t('locked.title')),
    h('p', {}, t('locked.text')),
    h('p', { class: 'small-print' }, t('locked.command')),
    command());
}

function waitingPage() {
  const slow = h('div', { class: 'slow' }, h('h1', {}, t('away.title')),
    h('p', {}, t('away.text')), command());
  return plainPage('waiting', spinner(t('said.asking')), slow);
}

function plainPage(kind, ...parts) {
  return h('main', { class: `plain ${kind}` },
    h('img', { src: '/icon.svg', alt: '', class: 'logo' }), parts);
}

/** What opens the page from a terminal. */
function command() {
  return h('p', {}, h('code', {}, 'zuruf open'));
}

async function begin() {
  await recallLanguage();
  // Where the answers are quick, all is there with the first picture on the screen.
  const waiting = setTimeout(() => show(), waitingMs);
  on('language', () => show(true));
  on('locked', () => {
    isLocked = true;
    // What was said to ears belongs to what is not shown any more.
    document.getElementById('live').replaceChildren();
    show();
    // Also what is said of the call that came to nothing.
    setTimeout(() => {
      for (const id of ['live', 'toasts']) document.getElementById(id).replaceChildren();
    });
  });
  watchEvents();
  refuseFiles();
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) tell('visible');
  });
  addEventListener('focus', () => tell('visible'));
  addEventListener('hashchange', () => show());
  // Whatever changed while nobody told of it is asked again.
  on('resync', () => loadAll().then(() => performance.mark('zuruf-ready'), () => undefined));
  // What is seen first is asked for at once, not one after another; without an office it is
  // refused. All else follows when that is on the screen, and once more with the stream of events,
  // which tells when a node that is away is back.
  const first = conversationInAddress();
  const answers = Promise.allSettled([loadOffice(), loadGroups(), first && readAhead(first)]);
  warmUpTimes();
  await answers;
  clearTimeout(waiting);
  on('office', () => show());
  show();
  forgetAhead();
  await drawn();
  followEvents();
  await Promise.allSettled([loadMembers(), loadDevices(), loadDegraded()]);
  if (isInOffice()) Promise.all([loadDoor(), findNaming()]).catch(() => undefined);
}

/** A picture that is pasted or let fall here is not sent: that is said, and the page stays. */
function refuseFiles() {
  const files = ({ clipboardData, dataTransfer }) =>
    [...(clipboardData ?? dataTransfer)?.types ?? []].includes('Files');
  addEventListener('dragover', (event) => files(event) && event.preventDefault());
  for (const kind of ['drop', 'paste']) {
    addEventListener(kind, (event) => {
      if (!files(event) || event.clipboardData?.types.includes('text/plain')) return;
      event.preventDefault();
      toast(t('composer.no-files'));
    });
  }
}

/** Until what is there is on the screen, or would be in a window that is seen. */
function drawn() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, drawnMs);
  });
}

begin();


// A small picker of emoji: a grid to walk through with the arrow keys.

import { h } from './dom.js';
import { t } from './i18n.js';

const rows = [
  ['faces', '😀 😄 😅 😂 🙂 😉 😊 😍 😘 😎 🤔 😐 😴 😕 😢 😭 😱 🥳 🤷 🤦'],
  ['hands', '👍 👎 👌 👏 🙏 💪 👋 🤝 ✌️ 🤞 👀 ❤️ 💚 💙 💔 🔥 🎉 🎂'],
  ['work', '✅ ❌ ⚠️ ❗ ❓ 🚀 💡 📌 📎 📷 📞 ✉️ 📦 🔧 🔩 🔨 🛠️ 🪚 🪛 📏 🪵 ⚙️ 🏭 🚚 🖨️ 💻 📅 ⏰ ⏳ 🔒 🗑️'],
  ['break', '☕ 🍵 🍺 🍰 🍕 🥨 🍽️ 🏠 🚗 🚲 ☀️ 🌧️ ❄️'],
];
export const quickReactions = ['👍', '❤️', '😂', '🎉', '👀', '✅'];

let opened;

/** Shows the picker at a button; `take` gets the emoji. Closes by itself, focus goes back. */
export function pickEmoji(button, take, isReaction = false) {
  const isSame = opened?.button === button;
  opened?.close(false);
  if (isSame) return;
  const panel = h('div', { class: 'emoji-panel', role: 'dialog', 'aria-label': t('emoji.title') });
  const close = (returnFocus = true) => {
    panel.remove();
    document.removeEventListener('pointerdown', outside, true);
    removeEventListener('resize', away);
    button.removeAttribute('aria-expanded');
    opened = undefined;
    if (returnFocus) button.focus();
  };
  const away = () => close(false);
  const outside = (event) => {
    if (!panel.contains(event.target) && !button.contains(event.target)) close(false);
  };
  const chosen = (emoji) => {
    close();
    take(emoji);
  };
  const grid = (emoji, words) =>
    h('div', { class: 'emoji-grid', role: 'group', 'aria-label': words },
    emoji.map((one) => h('button', {
      tabindex: '-1', class: 'emoji', onclick: () => chosen(one),
    }, one)));
  if (isReaction) panel.append(grid(quickReactions, t('emoji.often')));
  const all = h('div', { class: 'emoji-all' });
  for (const [key, text] of rows) {
    const words = t(`emoji.${key}`);
    all.append(h('p', { class: 'emoji-row', 'aria-hidden': 'true' }, words),
      grid(text.split(' '), words));
  }
  panel.append(all);
  panel.addEventListener('keydown', (event) => walk(event, panel, close));
  panel.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !panel.contains(event.relatedTarget)) close(false);
  });
  document.body.append(panel);
  put(panel, button);
  button.setAttribute('aria-expanded', 'true');
  opened = { button, close };
  document.addEventListener('pointerdown', outside, true);
  addEventListener('resize', away);
  focusOn(panel.querySelector('.emoji'));
}

/** Above the button where there is room, else below; never outside the window. */
function put(panel, button) {
  const at = button.getBoundingClientRect();
  const { width, height } = panel.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, innerWidth - width - 8));
  const top = at.top - height - 8 >= 8 ? at.top - height - 8
    : Math.min(at.bottom + 8, innerHeight - height - 8);
  panel.style.left = `${left}px`;
  panel.style.top = `${Math.max(8, top)}px`;
}

function focusOn(emoji) {
  emoji.closest('.emoji-panel').querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1');
  emoji.setAttribute('tabindex', '0');
  emoji.focus();
}

function walk(event, panel, close) {
  if (event.key === 'Escape') {
    event.stopPropagation();
    close();
    return;
  }
  const all = [...panel.querySelectorAll('.emoji')];
  const now = all.indexOf(document.activeElement);
  if (now < 0) return;
  let next;
  if (event.key === 'ArrowRight') next = all[now + 1];
  else if (event.key === 'ArrowLeft') next = all[now - 1];
  else if (event.key === 'Home') next = all[0];
  else if (event.key === 'End') next = all[all.length - 1];
  else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    next = nearest(all, all[now], event.key === 'ArrowDown');
  } else return;
  event.preventDefault();
  if (next) focusOn(next);
}

/** The emoji of the next line that stands closest below or above. */
function nearest(all, from, isDown) {
  const at = from.getBoundingClientRect();
  let best;
  let least = Infinity;
  for (const one of all) {
    const there = one.getBoundingClientRect();
    const lines = isDown ? there.top - at.top : at.top - there.top;
    if (lines < 4) continue;
    const distance = lines * 10 + Math.abs(there.left - at.left);
    if (distance < least) [best, least] = [one, distance];
  }
  return best;
}

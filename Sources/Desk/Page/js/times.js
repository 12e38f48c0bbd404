// Days and times as people say them.

import { cached, locale, t } from './i18n.js';

function format(name, options) {
  return cached(name, () => new Intl.DateTimeFormat(locale(), options));
}

export function clock(ms) {
  return format('clock', { hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** Makes what is dear to make and needed soon, while nothing else is to be done. */
export function warmUpTimes() {
  day(0);
  clock(0);
}

/** The day in which it lies, as a number that grows by one a day. */
export function dayOf(ms) {
  const date = new Date(ms);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}

/** "Today", "Yesterday", "Monday, 23 November", with the year where it is another one. */
export function day(ms) {
  const distance = dayOf(Date.now()) - dayOf(ms);
  if (distance === 0) return t('time.today');
  if (distance === 1) return t('time.yesterday');
  const isThisYear = new Date(ms).getFullYear() === new Date().getFullYear();
  return isThisYear
    ? format('day', { weekday: 'long', day: 'numeric', month: 'long' }).format(ms)
    : format('date', { day: 'numeric', month: 'long', year: 'numeric' }).format(ms);
}

/** For a narrow place: the time of today, else the day. */
export function brief(ms) {
  const distance = dayOf(Date.now()) - dayOf(ms);
  if (distance === 0) return clock(ms);
  if (distance === 1) return t('time.yesterday');
  if (distance > 1 && distance < 7) return format('weekday', { weekday: 'short' }).format(ms);
  return format('short', { day: '2-digit', month: '2-digit', year: '2-digit' }).format(ms);
}

function relative() {
  return cached('ago', () => new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }));
}

/** Day and time, whole, as they stand within a sentence. */
export function full(ms) {
  const distance = dayOf(ms) - dayOf(Date.now());
  const isNear = Math.abs(distance) < 2;
  return t('time.at', {
    day: isNear ? relative().format(distance, 'day') : day(ms), time: clock(ms),
  });
}

/** How long ago, roughly. */
export function ago(ms) {
  const seconds = Math.max(0, Math.round((Date.now() - ms) / 1000));
  if (seconds < 60) return t('time.just-now');
  const back = (unit, length) => relative().format(-Math.round(seconds / length), unit);
  if (seconds < 3600) return back('minute', 60);
  if (seconds < 86_400) return back('hour', 3600);
  if (seconds < 30 * 86_400) return back('day', 86_400);
  return day(ms);
}

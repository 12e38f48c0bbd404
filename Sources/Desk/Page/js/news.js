// Who came, went or got another rank, as sentences.

import { hasText, listed, t } from './i18n.js';
import { groupTitle, rankWord } from './names.js';
import { isPast, partner, state } from './state.js';
import { visible } from './text.js';

export function newsWords(news) {
  const { word, group, rank, device, was = '' } = news;
  const by = visible(news.by.name);
  if (news.recovery) {
    return t('news.recovery', { by, what: newsWords({ ...news, recovery: false }) });
  }
  const office = `news.${word}-office`;
  const text = !group && hasText(office) ? office : `news.${word}-${news.own ? 'you' : 'them'}`;
  return t(hasText(text) ? text : 'news.other', {
    by,
    names: listed(news.members.map((member) => visible(member.name)), 5),
    title: group ? groupTitle(group) : '',
    rank: rankWord(rank),
    device: visible(device?.name ?? ''),
    was: visible(was),
  });
}

/** What tells one event from all others, whatever everybody in it is called by now. */
export function newsKey({ time, word, by, rank, device, members }) {
  return [time.ms, word, by.id, rank, device?.id, ...members.map(({ id }) => id)].join();
}

/** How somebody comes to be in a group no more. */
export function goneWords(group) {
  const isOut = state.office?.standing === 'removed';
  if (!group.gone && !isOut && isPast(partner(group)?.id)) {
    return `${t('gone.partner', { name: visible(partner(group).name) })} ${t('gone.stays')}`;
  }
  const { word, by, computer, lost } = group.gone ?? { computer: true };
  const name = by && visible(by.name);
  // From two people's talk and from everyone's group nobody goes without going from the office.
  const isOffice = computer || (isOut && group.kind !== 'listed');
  let words = word === 'left' ? t(isOffice ? 'gone.office-left' : 'gone.left')
    : isOffice ? (by ? t('gone.office-by', { name }) : t('gone.office'))
      : by ? t(word === 'not-added' ? 'gone.not-added' : 'gone.removed-by', { name })
        : t('gone.removed');
  words += ` ${t('gone.stays')}`;
  if (lost > 0) words += ` ${t('gone.lost', { n: lost })}`;
  return words;
}

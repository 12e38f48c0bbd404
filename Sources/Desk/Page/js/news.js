// Who came, went or got another rank, as sentences.

import { listed, t } from './i18n.js';
import { groupTitle, rankWord } from './names.js';
import { isPast, partner, state } from './state.js';
import { visible } from './text.js';

export function newsWords(news) {
  const by = visible(news.by.name);
  const title = news.group ? groupTitle(news.group) : '';
  const names = listed(news.members.map((member) => visible(member.name)), 5);
  const whom = news.own ? 'you' : 'them';
  if (news.recovery) {
    return t('news.recovery', { by, what: newsWords({ ...news, recovery: false }) });
  }
  if (!news.group && news.word === 'removed') return t('news.removed-office', { by, names });
  if (!news.group && news.word === 'left') return t('news.left-office', { by });
  switch (news.word) {
    case 'added': return t(`news.added-${whom}`, { by, names, title });
    case 'removed': return t(`news.removed-${whom}`, { by, names, title });
    case 'left': return t(`news.left-${whom}`, { by, title });
    case 'joined': return t('news.joined', { by, names });
    case 'rank': return t(`news.rank-${whom}`, { by, names, rank: rankWord(news.rank) });
    case 'renamed': return t(`news.renamed-${whom}`, { was: visible(news.was), names });
    case 'unowned': return t(`news.unowned-${whom}`, { by, names });
    case 'device-joined':
    case 'device-removed':
    case 'device-renamed':
      return t(`news.${news.word}-${whom}`, {
        by, names, device: visible(news.device.name), was: visible(news.was ?? ''),
      });
    default: return t('news.other', { by });
  }
}

/** What tells one event from all others, whatever everybody in it is called by now. */
export function newsKey({ time, word, by, rank, device, members }) {
  return [time.ms, word, by.id, rank, device?.id, ...members.map(({ id }) => id)].join();
}

/** How somebody comes to be in a group no more. */
export function goneWords(group) {
  const isOut = state.office?.standing === 'removed';
  if (!group.gone && !isOut && isPast(partner(group)?.id)) {
    return t('gone.partner', { name: visible(partner(group).name) });
  }
  const { word, by, computer, lost } = group.gone ?? { computer: true };
  const name = by && visible(by.name);
  // From two people's talk and from everyone's group nobody goes without going from the office.
  const isOffice = computer || (isOut && group.kind !== 'listed');
  let words = word === 'left' ? t(isOffice ? 'gone.office-left' : 'gone.left')
    : isOffice ? (by ? t('gone.office-by', { name }) : t('gone.office'))
      : by ? t('gone.removed-by', { name }) : t('gone.removed');
  if (lost > 0) words += ` ${t('gone.lost', { n: lost })}`;
  return words;
}

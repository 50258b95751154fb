/** What is asked of the wall, in words. */
import type { CategoryLamps } from '../shared/catalogue';
import type { useLanguage } from '../shared/i18n';
import { MARKS } from '../shared/lights';
import type { Choice } from './choice';
import type { Lamps } from './lamps';

type Language = Pick<ReturnType<typeof useLanguage>, 't' | 'name'>;

/** A category or an item by its code and name; undefined if the catalogue has none such. */
export function partName(tree: CategoryLamps[], of: string | undefined, { name }: Language): string | undefined {
  const part = tree.flatMap((category) => [category, ...category.items]).find(({ code }) => code === of);
  return part ? `${part.code} ${name(part)}` : undefined;
}

/** Each thing that is asked, with what drops it. */
export function askedOf(
  { light, of, within, name, isWatched, isWorstFirst }: Choice,
  tree: CategoryLamps[],
  lamps: Lamps,
  language: Language,
): { key: string; text: string; drop: Partial<Choice> }[] {
  const { t } = language;
  const part = partName(tree, of, language);
  const one = (key: string, is: unknown, text: string, drop: Partial<Choice>) => (is ? [{ key, text, drop }] : []);
  return [
    ...(light
      ? one('light', true, `${MARKS[light]} ${t('choice.light', { light: t(`light.${light}`) })}`, { light: undefined })
      : []),
    ...one('of', part, part ?? '', { of: undefined }),
    ...within.map((code) => ({
      key: code,
      text: t('choice.only', { name: lamps.names.get(code) ?? code }),
      drop: { within: within.filter((other) => other !== code) },
    })),
    ...one('name', name, t('choice.name', { name }), { name: '' }),
    ...one('watched', isWatched, t('choice.watched'), { isWatched: false }),
    ...one('worst', isWorstFirst, t('choice.worst'), { isWorstFirst: false }),
  ];
}

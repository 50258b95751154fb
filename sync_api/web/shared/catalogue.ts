/** The catalogue as pages walk through it: category → item → indicator, with each one's column among the lamps. */
import type { Catalogue, Indicator } from './api';

export interface Lamp {
  indicator: Indicator;
  column: number;
}
interface Named {
  code: string;
  name_zh: string;
  name_en: string;
}
export interface ItemLamps extends Named {
  lamps: Lamp[];
}
export interface CategoryLamps extends Named {
  items: ItemLamps[];
}

/** All indicators under their item and category, in catalogue order. */
export function lampTree(catalogue: Catalogue): CategoryLamps[] {
  const lamps = catalogue.indicators.map((indicator, column) => ({ indicator, column }));
  return catalogue.categories.map((category) => ({
    ...category,
    items: category.items.map((item) => ({
      ...item,
      lamps: lamps.filter((lamp) => lamp.indicator.code.startsWith(`${item.code}.`)),
    })),
  }));
}

/** What is looked for, word by word; full-width digits and letters are as the plain ones, here and in what is searched. */
export const wordsOf = (wanted: string): string[] => plain(wanted).split(/\s+/).filter(Boolean);

/** Whether each word occurs somewhere. */
export function holds(words: string[], ...texts: (string | undefined)[]): boolean {
  const whole = plain(texts.join(' '));
  return words.every((word) => whole.includes(word));
}
const plain = (text: string): string => text.normalize('NFKC').toLowerCase();

/** By what an indicator is found: its code, in either language its name and what is measured, and everyday words. */
export const foundBy = (one: Indicator): string[] => [
  ...[one.code, one.name_zh, one.name_en, one.measure_zh, one.measure_en],
  ...(one.plain_words ?? []),
];

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

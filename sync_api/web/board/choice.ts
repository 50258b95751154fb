/** What is asked of the wall: which villages are on it and which lamps, as the address keeps it. */
import type { CategoryLamps } from '../shared/catalogue';
import { LETTERS, type Letter } from '../shared/lights';

export interface Choice {
  /** Only villages with a lamp of this letter. */
  light: Letter | undefined;
  /** The code of a category or an item: only its lamps count and are drawn. */
  of: string | undefined;
  /** In the name of the township or the village. */
  name: string;
  /** Only these divisions of those right below. */
  within: string[];
  isWatched: boolean;
  isWorstFirst: boolean;
}

/** Everything, by code. */
export const WHOLE: Choice = {
  light: undefined,
  of: undefined,
  name: '',
  within: [],
  isWatched: false,
  isWorstFirst: false,
};

/** As the last part of an address has it: `light=r&of=4.2&within=371724,371725`. What it does not know it passes over. */
export function readChoice(text: string | undefined): Choice {
  const query = new URLSearchParams(text);
  const light = query.get('light') ?? '';
  const of = query.get('of') ?? '';
  return {
    light: light.length === 1 && LETTERS.includes(light) ? (light as Letter) : undefined,
    of: /^\d(\.\d+)?$/.test(of) ? of : undefined,
    name: query.get('name') ?? '',
    within: (query.get('within') ?? '').split(',').filter((code) => /^\d{6,9}$/.test(code)),
    isWatched: query.get('watched') === 'true',
    isWorstFirst: query.get('first') === 'worst',
  };
}

/** The same as an address has it; also what the gateway is asked for it. */
export function queryOf(choice: Choice): URLSearchParams {
  const query = new URLSearchParams();
  if (choice.light) query.set('light', choice.light);
  if (choice.of) query.set('of', choice.of);
  if (choice.name.trim()) query.set('name', choice.name.trim());
  if (choice.within.length) query.set('within', choice.within.join(','));
  if (choice.isWatched) query.set('watched', 'true');
  if (choice.isWorstFirst) query.set('first', 'worst');
  return query;
}

const FILE_NAME_MAX = 60;

/** The same as the name of a file: `lamps-3717-r-4.2`. */
export function fileNameOf(division: string, choice: Choice): string {
  const asked = [...queryOf(choice)].map(([key, value]) => (value === 'true' ? key : value));
  const name = ['lamps', division, ...asked].join('-').replace(/[^\p{Script=Han}A-Za-z0-9.]+/gu, '-');
  return name.slice(0, FILE_NAME_MAX).replace(/[.-]+$/, '');
}

/** A division with what is asked of its wall, as an address. */
export function addressOf(division: string, choice: Choice): string[] {
  const text = queryOf(choice).toString();
  return text ? [division, text] : [division];
}

/** What stays asked where one goes further down or up: not what named the villages there. */
export function carried(choice: Choice): Choice {
  return { ...choice, name: '', within: [] };
}

/** The part of the catalogue that is asked for; all of it, if there is no such part. */
export function treeOf(tree: CategoryLamps[], of: string | undefined): CategoryLamps[] {
  if (of === undefined) return tree;
  const found = tree
    .map((category) => ({
      ...category,
      items: category.items.filter((item) => item.code === of || category.code === of),
    }))
    .filter((category) => category.items.length);
  return found.length ? found : tree;
}

export function columnsOf(tree: CategoryLamps[]): number[] {
  return tree.flatMap((category) => category.items.flatMap((item) => item.lamps.map(({ column }) => column)));
}

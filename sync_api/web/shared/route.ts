/** Where the page is, from the hash: `#/indicator/4.2.1` is `['indicator', '4.2.1']`. The browser's own back works. */
import { readonly, shallowRef } from 'vue';

/** A mistyped address is one that leads nowhere, not one that breaks the page. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return part;
  }
}

function read(): readonly string[] {
  return location.hash.split('/').slice(1).filter(Boolean).map(decoded);
}

const parts = shallowRef(read());
let [isGoing, isBack] = [false, false];
addEventListener('hashchange', () => {
  [isGoing, isBack] = [false, !isGoing];
  parts.value = read();
});
/** Whether the browser's own back or forward led here, not something on the page. */
export const isReturning = (): boolean => isBack;

export const route = readonly(parts);

function addressOf(to: readonly string[]): string {
  return `/${to.map(encodeURIComponent).join('/')}`;
}

export function go(...to: string[]): void {
  const { hash } = location;
  location.hash = addressOf(to);
  isGoing = location.hash !== hash; // or nothing changes
}

/** The same place, said otherwise: back goes to what was before it. */
export function amend(...to: string[]): void {
  history.replaceState(null, '', `#${addressOf(to)}`);
  parts.value = read();
}

/** Where the page is, from the hash: `#/indicator/4.2.1` is `['indicator', '4.2.1']`. The browser's own back works. */
import { readonly, shallowRef } from 'vue';

function read(): readonly string[] {
  return location.hash.split('/').slice(1).filter(Boolean).map(decodeURIComponent);
}

const parts = shallowRef(read());
addEventListener('hashchange', () => {
  parts.value = read();
});

export const route = readonly(parts);

export function go(...to: string[]): void {
  location.hash = `/${to.map(encodeURIComponent).join('/')}`;
}

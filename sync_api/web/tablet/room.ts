/** The storage of a tablet. */

/** What this page lets itself use. The browser's own quota is a share of the whole disk, whether that is free or not. */
const BUDGET_BYTES = 300_000_000;

/** From this share on the tablet says that its storage runs short. */
export const FULL_FROM = 0.8;

/** Asks the browser not to clear what lies here, which it grants once the page is installed; its answer, if it has one. */
export async function askToKeep(): Promise<boolean | undefined> {
  return (await navigator.storage?.persisted?.()) || navigator.storage?.persist?.();
}

/** Bytes used, by whatever comes from this origin, of those that may be; undefined where the browser does not say. */
export async function storage(): Promise<{ used: number; quota: number } | undefined> {
  const { usage, quota } = (await navigator.storage?.estimate?.()) ?? {};
  return usage === undefined || quota === undefined ? undefined : { used: usage, quota: Math.min(quota, BUDGET_BYTES) };
}

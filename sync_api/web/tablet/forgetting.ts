/** A PIN that nobody knows any more: what its person has not sent is counted, and taken off the tablet with all else. It
 * lies beside the store, which the door does without. */
import { type DialogOptions, showConfirmDialog } from 'vant';
import 'vant/es/dialog/index.css';
import 'vant/es/overlay/index.css';
import 'vant/es/popup/index.css';
import { forgetPhotos, photosOf } from './photos';
import { forgetStores, unsentOf } from './store';
import { Vault } from './vault';

export async function leftBy(alias: string): Promise<{ events: number; photos: number }> {
  return { events: await unsentOf(alias), photos: await photosOf(alias) };
}

/** Asks, and does it; false where the person would rather not. */
export async function forget(alias: string, question: DialogOptions): Promise<boolean> {
  const isSure = await showConfirmDialog(question).then(
    () => true,
    () => false,
  );
  if (!isSure) return false;
  await forgetStores(alias);
  await forgetPhotos(alias);
  await Vault.forget(alias);
  return true;
}

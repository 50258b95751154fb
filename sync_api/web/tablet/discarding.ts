/** What is written, and not saved, gives way to something else only if its person says so. */
import { closeDialog, showConfirmDialog } from 'vant';
import { onBeforeUnmount } from 'vue';
import { useLanguage } from '../shared/i18n';
import type { Desk } from './desk';
import { isWritten, keptDraft, putDraft } from './drafts';

const EXCERPT_CHARACTERS = 60;

export function useDiscarding(desk: Desk) {
  const { t } = useLanguage();
  // a tablet that locks itself asks nobody any more
  onBeforeUnmount(closeDialog);

  /** Asks whether what lies in a form may go; nothing is asked where nothing is written. */
  async function mayDiscard(form: string): Promise<boolean> {
    const draft = keptDraft<{ text?: string }>(desk.vault, form);
    if (!isWritten(draft)) return true;
    const text = draft?.text?.trim() ?? '';
    const start = text.length > EXCERPT_CHARACTERS ? `${text.slice(0, EXCERPT_CHARACTERS)}…` : text;
    return showConfirmDialog({
      title: t('drafts.unfinished'),
      message: [...(start ? [t('drafts.words', { text: start })] : []), t('drafts.gone')].join('\n'),
      confirmButtonText: t('drafts.discard'),
      cancelButtonText: t('drafts.keep'),
    }).then(
      () => true,
      () => false,
    );
  }

  /** Puts a draft into a form from outside; false where its person keeps what lies there. */
  async function replaceDraft(form: string, draft: object): Promise<boolean> {
    const before = keptDraft<{ photos?: string[] }>(desk.vault, form);
    const isSame = JSON.stringify(before) === JSON.stringify(draft);
    if (!isSame && !(await mayDiscard(form))) return false;
    putDraft(desk.vault, form, draft);
    await desk.dropPhotos(before?.photos ?? []);
    return true;
  }
  return { mayDiscard, replaceDraft };
}

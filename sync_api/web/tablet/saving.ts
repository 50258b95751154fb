/** How every form of the tablet saves: once, however often it is pressed, and with a word on what became of it. */
import { showSuccessToast } from 'vant';
import { type Ref, ref } from 'vue';
import { useLanguage } from '../shared/i18n';
import { isFull } from './store';

/** `keep` says whether it is kept; where the tablet has no room, `fault` says so and what was written stays in its form. */
export function useSaving(): {
  isSaving: Ref<boolean>;
  fault: Ref<string>;
  keep: (save: () => Promise<void>) => Promise<boolean>;
} {
  const { t } = useLanguage();
  const isSaving = ref(false);
  const fault = ref('');
  async function keep(save: () => Promise<void>): Promise<boolean> {
    if (isSaving.value) return false;
    isSaving.value = true;
    fault.value = '';
    try {
      await save();
      showSuccessToast(t('report.saved'));
      return true;
    } catch (error) {
      if (!isFull(error)) throw error;
      fault.value = t('sync.storage_full');
      return false;
    } finally {
      isSaving.value = false;
    }
  }
  return { isSaving, fault, keep };
}

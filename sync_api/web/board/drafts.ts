/** Drafts of an office's forms lie in the tab's own storage, each under its account: the next one who logs in on this
 * computer finds none of them, and whoever wrote them finds them after a reload or another page. */
import { useKept } from '../shared/drafts';
import type { Session } from '../shared/session';

/** `form` names the form and, where there are several, what it is about. */
export function useFormDraft<T extends object>(
  session: Session,
  form: string,
  empty: () => T,
): { draft: T; clear: () => void } {
  return useKept(sessionStorage, `d110.board.draft.${session.account.value?.alias ?? ''}.${form}`, empty);
}

/** Chinese first, English beside it. The choice is kept on the device. */
import { createI18n, useI18n } from 'vue-i18n';
import type { Failure } from './failures';
import { shared } from './messages';

export type Locale = 'zh' | 'en';
const KEY = 'd110.locale';

/** The plug-in of one page, with the page's own messages beside the shared ones. */
export function createLanguages<M extends object>(page: { zh: M; en: M }) {
  const locale: Locale = localStorage.getItem(KEY) === 'en' ? 'en' : 'zh';
  document.documentElement.lang = locale;
  return createI18n({
    legacy: false,
    locale,
    fallbackLocale: 'zh',
    messages: { zh: { ...shared.zh, ...page.zh }, en: { ...shared.en, ...page.en } },
  });
}

/** What a component needs to speak: `t`, the switch, and the right one of a pair of names or reasons. */
export function useLanguage() {
  const { t, locale } = useI18n({ useScope: 'global' });
  const change = (to: Locale): void => {
    locale.value = to;
    localStorage.setItem(KEY, to);
    document.documentElement.lang = to;
  };
  const name = (thing: { name_zh: string; name_en: string }): string =>
    locale.value === 'zh' ? thing.name_zh : thing.name_en;
  const why = (failure: Failure): string =>
    typeof failure === 'string' ? t(`failure.${failure}`) : failure[locale.value as Locale];
  const other = (): Locale => (locale.value === 'zh' ? 'en' : 'zh');
  return { t, locale, change, other, name, why };
}

/** Short names of villages and departments as people say them; the register and the catalogue hold the official ones. */
import type { Catalogue, Indicator } from './api';

/** 大高桥村村民委员会 → 大高桥村, 周海社区居委会 → 周海社区, 邓庄村委会 → 邓庄村. */
export function shortName(official: string): string {
  return official
    .replace(/(?:村民|居民)(?:委员会|委会|居委会|村委会)$/, '')
    .replace(/居(?:委会|委员会)$/, '')
    .replace(/村委会$/, '村');
}

/** The departments that lead on an indicator, by their full names. */
export function leadDepartments(
  indicator: Indicator,
  catalogue: Catalogue | undefined,
  name: (thing: { name_zh: string; name_en: string }) => string,
): string {
  const known = new Map(catalogue?.departments.map((department) => [department.short, department]));
  return indicator.lead_departments
    .map((short) => {
      const department = known.get(short);
      return department ? name(department) : short;
    })
    .join(' · ');
}

/** A number with the indicator's unit. */
export function withUnit(value: number, indicator: Indicator, locale: string): string {
  return `${value} ${unitName(indicator, locale)}`;
}
export function unitName(indicator: Indicator, locale: string): string {
  return locale === 'zh' ? indicator.unit : indicator.unit_en;
}

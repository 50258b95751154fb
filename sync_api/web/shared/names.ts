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

const UNITS_EN: Record<string, string> = {
  天: 'days',
  件: 'cases',
  处: 'places',
  个: '',
  人: 'people',
  宗: 'cases',
  项: 'items',
  '天/周': 'days a week',
  次: 'times',
  万元: '× 10,000 yuan',
  百分点: 'percentage points',
  分: 'points',
  '小时/周': 'hours a week',
  '次/周': 'times a week',
  批: 'batches',
};

/** A number with its unit; the catalogue writes units in Chinese. */
export function withUnit(value: number, unit: string, locale: string): string {
  return `${value} ${unitName(unit, locale)}`.trim();
}
export function unitName(unit: string, locale: string): string {
  return locale === 'zh' ? unit : (UNITS_EN[unit] ?? unit);
}

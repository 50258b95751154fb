/** An agenda and minutes while a person works at them. */
import type { AgendaItem } from '../shared/documents';

export interface AgendaDraft {
  held_on: string;
  begins_at: string;
  place: string;
  /** `departments`: who is invited, offices among them. */
  invited: { departments: string[] };
  points: (AgendaItem & { isKept: boolean })[];
}

export interface MinutesLine {
  matter: string;
  decision: string;
  lead: string;
  due: string;
  helpers: string[];
  checker: string;
  village?: string;
  case?: string;
}

export interface MinutesDraft {
  about?: string;
  at: string;
  place: string;
  chair: string;
  /** By the way in which an office took part. */
  there: { departments: string[]; excused: string[]; observers: string[] };
  text: string;
  dissent: string;
  next_on: string;
  lines: MinutesLine[];
}

export const blankLine = (due: string): MinutesLine => ({
  matter: '',
  decision: '',
  lead: '',
  due,
  helpers: [],
  checker: '',
});

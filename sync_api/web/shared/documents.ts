// Generated from models/documents.py by generate_types.py. Do not edit.

export type Severity = 'general' | 'major' | 'minor';
export type Channel = 'department' | 'hotline' | 'letter_box' | 'patrol' | 'tablet' | 'visit';
export type CaseStep = 'assigned' | 'cleared' | 'deadline' | 'escalated' | 'noticed' | 'opened' | 'progress' | 'reopened' | 'reviewed' | 'submitted' | 'taken' | 'team_sent';
export type Grade = 'fair' | 'paralysed' | 'strong' | 'weak';
export type Measure = 'admonition' | 'commendation' | 'criticism' | 'no_merit' | 'one_grade_lower' | 'reassignment' | 'self_criticism' | 'two_grades_lower';
export type Paper = 'circular' | 'meeting' | 'minutes' | 'rectification' | 'warning';
export type ReadingValue = number | boolean | string | null;
export type AgendaSection = 'last' | 'month' | 'next' | 'patrols' | 'red' | 'teams' | 'tendency' | 'untaken';
export type Topic = 'joint_conference' | 'other' | 'township_special';

/** The receiver's word that a paper has come (签收): by an account of the division that it is addressed to, which is that of the id; ``department``: for which of a county's or the city's departments, if for one. */
export interface Acknowledgement {
  type: 'acknowledgement';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  notice: string;
  department?: string | null;
}

/** What a meeting on a day is to go through, as a person approved it (mission 11). ``departments``: the departments and offices that are invited; ``begins_at``: 09:30. One that was ``withdrawn`` before anybody met on it is ``about`` the approved one, and says why in ``text``. */
export interface Agenda {
  type: 'agenda';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  step?: 'approved' | 'withdrawn';
  topic: 'joint_conference' | 'other' | 'township_special';
  held_on: string;
  begins_at?: string;
  place?: string;
  departments?: string[];
  items?: AgendaItem[];
  about?: string | null;
  text?: string;
}

/** A point of an agenda; ``village`` and ``case`` where it is about one. */
export interface AgendaItem {
  section: 'last' | 'month' | 'next' | 'patrols' | 'red' | 'teams' | 'tendency' | 'untaken';
  text: string;
  village?: string | null;
  case?: string | null;
}

/** A table behind the text: rows as wide as ``head``. */
export interface Annex {
  title: string;
  head: string[];
  rows: string[][];
}

/** An office's word to the author of ``about``. */
export interface Answer {
  type: 'answer';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  author: string;
  about: string;
  text: string;
}

/** An informant's appointment or dismissal, by alias; the person stands in the staff data base only. */
export interface Appointment {
  type: 'appointment';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  alias: string;
  is_dismissal?: boolean;
  natural_villages?: string[];
  households?: number;
}

/** The offices that took part in a meeting in one way, as they are printed below its minutes. */
export interface Attendance {
  how: 'excused' | 'observing' | 'present';
  names: string[];
}

/** What may have been reported late, not at all, or hidden, for a person to look at. ``about``: the id of the report that came late, or of what another channel or a patrol saw; ``again``: ids of the same matter seen again; ``evidence``: of informants' reports by which it was known before. ``days``: how late, or how many days the informants had; ``also``: what else a patrol saw on the same visit. */
export interface Candidate {
  finding: 'concealed' | 'late' | 'missed';
  village: string;
  indicator: string;
  about: string;
  seen_on: string;
  days: number;
  channel: 'department' | 'hotline' | 'letter_box' | 'patrol' | 'tablet' | 'visit';
  again?: string[];
  evidence?: string[];
  also?: string[];
}

/** A township's candidates, as the last night found them. */
export interface Candidates {
  type: 'candidates';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  policy: string;
  found: Candidate[];
}

/** A word on how a resolution is carried out: ``about`` the meeting, ``line`` of its resolutions, from 0. Its lead says that it is ``done``; the office that met has ``accepted`` it, or ``returned`` it with the reason. */
export interface Carrying {
  type: 'carrying';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  about: string;
  line: number;
  step: 'accepted' | 'done' | 'returned';
  office: string;
  text: string;
}

/** One step of a case. The case's ULID stands in the id; which fields a step needs: ``models.cases.step_faults``. ``office``: who was asked first (``opened``) or takes the case over (``taken``); ``is_better``: what a review found; ``notice``: the paper that was issued with it, by the request whose ULID the step's id ends with. */
export interface CaseEvent {
  type: 'case';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  step: 'assigned' | 'cleared' | 'deadline' | 'escalated' | 'noticed' | 'opened' | 'progress' | 'reopened' | 'reviewed' | 'submitted' | 'taken' | 'team_sent';
  author: string;
  indicator?: string | null;
  severity?: 'general' | 'major' | 'minor' | null;
  due?: string | null;
  department?: string | null;
  text?: string;
  found?: string;
  done?: string;
  verified_by?: string | null;
  notice?: string | null;
  office?: string | null;
  is_better?: boolean | null;
}

/** What a paper says of its case: the indicator and its light when it was issued, what was reported (no names), what is asked, by which day. ``department`` leads, where one does. */
export interface CaseNotice {
  village: string;
  case: string;
  indicator: string;
  name_zh: string;
  name_en: string;
  light: 'g' | 'r' | 's' | 'y';
  since: string;
  reported: string;
  asked: string[];
  due: string;
  follow_up: string;
  contact: string;
  norm?: string;
  department?: string | null;
}

/** What a new version says otherwise than the one that was decided. */
export interface Change {
  what: string;
  old: string;
  new: string;
}

/** A part of a score: ``amount`` of what (days, cases, readings) gave ``points``, below 0 where they were taken off. ``evidence``: ULIDs of cases and events; for lights ``4.2.1 y31 r3 s0``, an indicator's days in yellow, red and silence. */
export interface Component {
  code: string;
  points: number;
  amount?: number;
  evidence?: string[];
}

/** What a store was filled with, so that every page can say it is simulated. */
export interface Dataset {
  type: 'dataset';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  seed: number;
  until: string;
  months: number;
}

/** A person's word on an evaluation or a summary (mission 12): the grade and what follows from it. ``score`` is the one that stood there when it was decided (a summary's: the mean); what was computed anew since is not decided by it. */
export interface Decision {
  type: 'decision';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  about: string;
  score: number;
  text: string;
  grade?: 'fair' | 'paralysed' | 'strong' | 'weak' | null;
  measures?: ('admonition' | 'commendation' | 'criticism' | 'no_merit' | 'one_grade_lower' | 'reassignment' | 'self_criticism' | 'two_grades_lower')[];
}

/** How a village team stood in the period before; ``is_decided``: a person decided so. */
export interface Earlier {
  period: string;
  score: number;
  grade: 'fair' | 'paralysed' | 'strong' | 'weak';
  is_decided?: boolean;
}

/** How a village team did in a period, as proposed; a person decides (``Decision``). One that was decided is never written again: what is computed otherwise afterwards is the next version, and says its ``changes``. */
export interface Evaluation {
  type: 'evaluation';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  score: number;
  grade: 'fair' | 'paralysed' | 'strong' | 'weak';
  from_day: string;
  until_day: string;
  catalogue: string;
  policy: string;
  components: Component[];
  reasons?: Reason[];
  marks?: string[];
  red_at_close?: string[];
  response: Response;
  previous?: Earlier | null;
  changes?: Change[];
}

/** A random or planned check of a village (mission 10). ``patrol``: the one that it belongs to. */
export interface Inspection {
  type: 'inspection';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  is_planned: boolean;
  readings?: Record<string, number | boolean | string | null>;
  text?: string;
  patrol?: string | null;
}

/** A village's lamps: one letter an indicator in catalogue order (``models.lights.LETTERS``). */
export interface LightsDocument {
  type: 'lights';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  lights: string;
  catalogue: string;
  policy: string;
  cases?: OpenCase[];
}

/** A joint conference or a township's special meeting that was held (mission 11): offices that came, that were excused, and that sat in (``observers``), and the post that took the ``chair``, never names of persons; ``about``: the agenda; its resolutions become tasks. ``dissent``: what was said against them; ``next_on``: the next one. */
export interface Meeting {
  type: 'meeting';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  topic: 'joint_conference' | 'other' | 'township_special';
  departments?: string[];
  text?: string;
  about?: string | null;
  place?: string;
  excused?: string[];
  observers?: string[];
  chair?: string;
  dissent?: string;
  next_on?: string | null;
  resolutions?: Resolution[];
}

/** A settlement of a village (自然村), with how many households and people live there. */
export interface NaturalVillage {
  name: string;
  households: number;
  people: number;
}

/** An issued paper, with all that is printed of it. Its number and year stand in the id, ``{office}:notice:…``, and ``mark`` before them (菏动管〔2026〕7号). ``request`` is the ULID of what asked for it; ``source``: the id of the agenda or the minutes that it is made from. While ``is_reserved`` it is no paper yet: the number waits for the step of the case to be taken. Afterwards it is never changed. */
export interface Notice {
  type: 'notice';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  paper: 'circular' | 'meeting' | 'minutes' | 'rectification' | 'warning';
  request: string;
  issued_at: string;
  author: string;
  office: string;
  mark: string;
  title: string;
  receivers: Receiver[];
  body: Paragraph[];
  copies?: string[];
  about?: CaseNotice | null;
  annex?: Annex | null;
  source?: string | null;
  attendance?: Attendance[];
  is_reserved?: boolean;
}

/** A late, missed or concealed report; counts only when a person confirmed it and no appeal is open (mission 7). The id names the informant it is about. What an office set aside is about nobody: its id names the office itself. */
export interface Omission {
  type: 'omission';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  author: string;
  finding: 'concealed' | 'late' | 'missed';
  step: 'appealed' | 'confirmed' | 'found' | 'set_aside' | 'upheld' | 'withdrawn';
  about: string;
  text?: string;
}

/** What a village's lights document says of a case that is not cleared. ``owner``: the office in charge, a division or a department; ``asked``: the one that was asked to take it over. */
export interface OpenCase {
  case: string;
  indicator: string;
  severity: 'general' | 'major' | 'minor';
  opened_on: string;
  due: string;
  is_overdue?: boolean;
  stage?: 'cleared' | 'handling' | 'noticed' | 'reported' | 'review' | 'warned';
  owner?: string;
  asked?: string | null;
  is_relapse?: boolean;
}

/** ``level`` 1 is a heading 一、, 2 a heading (一), 0 the text, numbered items among it. */
export interface Paragraph {
  text: string;
  level?: number;
}

/** Which villages are to be checked, from ``since`` to ``until`` (mission 10): ``planned`` by a person, who says why in ``text``; or drawn by lot in two steps (models/patrols.py), ``announced`` with the ``villages`` that the lot is drawn from, how many, and the hash of a number that nobody has seen, and ``drawn`` with that number and a ``word`` of somebody else. */
export interface Patrol {
  type: 'patrol';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  step: 'announced' | 'drawn' | 'planned';
  villages: string[];
  since: string;
  until: string;
  text?: string;
  count?: number;
  commitment?: string | null;
  about?: string | null;
  secret?: string | null;
  word?: string;
}

/** A pledge of responsibility signed between two levels (mission 5). */
export interface Pledge {
  type: 'pledge';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  signer: string;
  until: string;
}

/** Why a grade or a measure is proposed; in words: ``models.evaluation.words``. */
export interface Reason {
  code: string;
  params?: string[];
}

/** The gateway's word that the store holds these documents of a device. */
export interface Receipt {
  type: 'receipt';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  received_at: string;
  ids: string[];
}

/** Whom a paper is addressed to: an office or a village's point, or a ``department`` (its short name) of a county or the city. ``name`` as it is printed. */
export interface Receiver {
  division: string;
  name: string;
  department?: string | null;
}

/** The division register as canonical CSV, and the day from which silence counts. */
export interface RegisterDocument {
  type: 'register';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  csv: string;
  watched_since: string;
}

/** A word on one matter, seen by an informant or an administrator or received by an office; it opens a case of its own (models/cases). ``photos`` are named by the SHA-256 of their content, and come after it. ``office``: the one that was asked first, which keeps the case until another takes it (mission 11). */
export interface Report {
  type: 'report';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  indicator: string;
  severity: 'general' | 'major' | 'minor';
  text: string;
  channel?: 'department' | 'hotline' | 'letter_box' | 'patrol' | 'tablet' | 'visit';
  place?: string;
  photos?: string[];
  office?: string | null;
}

/** A line of the minutes: what was decided on a matter, who leads, who helps, by which day, and who checks (the office that met, if unset). Each is a department's short name or the code of an office. */
export interface Resolution {
  matter: string;
  decision: string;
  lead: string;
  due: string;
  helpers?: string[];
  checker?: string | null;
  village?: string | null;
  case?: string | null;
}

/** Cases of a period by how fast the offices were; days are sums, so that divisions add up. */
export interface Response {
  opened?: number;
  taken_up?: number;
  take_up_days?: number;
  cleared?: number;
  clear_days?: number;
  overdue?: number;
}

/** CouchDB's revision history as it travels with ``new_edits: false``. */
export interface Revisions {
  start: number;
  ids: string[];
}

/** How likely a village team's lights are to get worse within half a year, with reasons. */
export interface Risk {
  type: 'risk';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  probability: number;
  reasons?: string[];
}

/** One visit's readings of many indicators. Values as ``catalogue.encode_reading`` takes them. */
export interface Round {
  type: 'round';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  readings: Record<string, number | boolean | string | null>;
  channel?: 'department' | 'hotline' | 'letter_box' | 'patrol' | 'tablet' | 'visit';
  text?: string;
}

/** A person's decision on what follows for an informant from omissions that were counted (mission 7): nothing follows by itself. The id names the informant. ``omissions``: ids of the steps that confirmed them; ``withheld_months``: from that of the decision on; ``suspended_days``: from its day on. */
export interface Sanction {
  type: 'sanction';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  author: string;
  omissions: string[];
  disciplines: ('admonished' | 'county_notice' | 'suspended')[];
  text: string;
  withheld_months?: number;
  suspended_days?: number;
}

/** Something done for people: roads, bridges, schools, water, visits (mission 13). */
export interface Service {
  type: 'service';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  topic: string;
  amount: number;
  unit: string;
  place?: string;
  text?: string;
}

/** The natural villages that a village consists of, as its station knows them; the latest counts. */
export interface Settlements {
  type: 'settlements';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  natural_villages: NaturalVillage[];
}

/** How the village teams of a township or county did in a period, and what is proposed to follow for its offices. ``newly_paralysed`` and ``put_right`` are codes of villages. */
export interface Summary {
  type: 'summary';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  mean: number;
  villages: number;
  grades: Record<string, number>;
  marks: Record<string, number>;
  response: Response;
  newly_paralysed?: string[];
  put_right?: string[];
  measures?: ('admonition' | 'commendation' | 'criticism' | 'no_merit' | 'one_grade_lower' | 'reassignment' | 'self_criticism' | 'two_grades_lower')[];
  reasons?: Reason[];
  policy: string;
  changes?: Change[];
}

/** A work team that helps a village's team (工作组): ``office`` sends it, the county's where it is hard and the township's where it is easy. Heads only, never names. ``about`` of a ``withdrawn`` one: its sending. */
export interface Team {
  type: 'team';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  step: 'sent' | 'withdrawn';
  office: string;
  text: string;
  departments?: string[];
  members?: number;
  until?: string | null;
  about?: string | null;
}

/** A training for informants or villagers: heads only, never names. ``informants``: those of an office who attended, by alias; such a training is the office's own and no village's. */
export interface Training {
  type: 'training';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  topic: string;
  attended: number;
  informants?: string[];
}

/** An analyst's judgement of one risk flag. */
export interface Verdict {
  type: 'verdict';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  observed_at: string;
  saved_at: string;
  clock_offset_ms?: number;
  app_version?: string;
  amends?: string | null;
  about: string;
  is_right: boolean;
  text?: string;
}

export const TEXT_CHARACTERS_MAX = 4000;
export const PHOTOS_MAX = 6;
export const AGENDA_SECTIONS: readonly AgendaSection[] = ['last', 'month', 'red', 'untaken', 'tendency', 'teams', 'patrols', 'next'];
export const SERVICES = [
  { zh: '修路', unit_zh: '公里', en: 'Roads', unit_en: 'km' },
  { zh: '架桥', unit_zh: '座', en: 'Bridges', unit_en: 'bridges' },
  { zh: '修涵洞', unit_zh: '处', en: 'Culverts', unit_en: 'culverts' },
  { zh: '清淤沟渠', unit_zh: '米', en: 'Channels', unit_en: 'm' },
  { zh: '改善校舍', unit_zh: '所', en: 'Schools', unit_en: 'schools' },
  { zh: '通自来水', unit_zh: '户', en: 'Water', unit_en: 'households' },
  { zh: '走访慰问', unit_zh: '户', en: 'Visits', unit_en: 'households' },
  { zh: '协调资金', unit_zh: '万元', en: 'Funds arranged', unit_en: '10,000 yuan' },
  { zh: '办实事', unit_zh: '件', en: 'Other deeds', unit_en: 'deeds' },
];
export const EARLIEST_DAY = '1949-10-01';
export const APPEAL_DAYS = 15;
export const BEHIND_DAYS_MAX = 366;
export const ALIAS_PATTERN = /^[a-z][a-z0-9_-]{0,31}$/;
export const DEVICE_PATTERN = /^[a-z0-9][a-z0-9_-]{0,63}$/;

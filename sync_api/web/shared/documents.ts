// Generated from models/documents.py by generate_types.py. Do not edit.

export type Severity = 'general' | 'major' | 'minor';
export type Channel = 'department' | 'hotline' | 'letter_box' | 'patrol' | 'tablet' | 'visit';
export type CaseStep = 'assigned' | 'cleared' | 'deadline' | 'escalated' | 'noticed' | 'opened' | 'progress' | 'recalled' | 'reopened' | 'reviewed' | 'seen' | 'submitted' | 'taken' | 'team_sent';
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

/** A table behind the text: rows as wide as ``head``; ``note``: below it, why cells of it are empty. */
export interface Annex {
  title: string;
  head: string[];
  rows: string[][];
  note?: string;
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

/** A word on how a resolution is carried out: ``about`` the meeting, ``line`` of its resolutions, from 0. Its lead says that it is ``done``; who checks it has ``accepted`` it, or ``returned`` it with the reason. */
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

/** One step of a case. The case's ULID stands in the id; which fields a step needs: ``models.cases.step_faults``. ``office``: who was asked first (``opened``), takes the case over (``taken``) or has seen it (``seen``); ``is_better``: what a review found; ``notice``: the paper that was issued with it, by the request whose ULID the step's id ends with, or the one that was withdrawn (``recalled``). */
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
  step: 'assigned' | 'cleared' | 'deadline' | 'escalated' | 'noticed' | 'opened' | 'progress' | 'recalled' | 'reopened' | 'reviewed' | 'seen' | 'submitted' | 'taken' | 'team_sent';
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

/** What a village's lights document says of a case that was cleared within the days in which it may relapse. No words of its steps: offices wrote them for offices, and all informants of the village read this. */
export interface ClearedCase {
  case: string;
  indicator: string;
  severity: 'general' | 'major' | 'minor';
  cleared_on: string;
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

/** How many lamps were yellow and red when a week ended; ``until``: its Sunday. */
export interface LampWeek {
  until: string;
  yellow: number;
  red: number;
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
  cleared?: ClearedCase[];
}

/** A joint conference or a township's special meeting that was held (mission 11): offices that came, that were excused, and that sat in (``observers``), and the post that took the ``chair``, never names of persons; ``about``: the agenda, without which no conference meets; its resolutions become tasks. ``dissent``: what was said against them; ``next_on``: the next one. */
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

/** A village that was watched from ``since`` to before ``until``. ``why``: its chance fell since it was listed; the places are full of others that rank before it; the model was learned anew and ranks otherwise; too little is known of it now; or it is no longer in the register. */
export interface NoLongerWatched {
  village: string;
  since: string;
  until: string;
  chance: number;
  why: 'better' | 'gone' | 'outranked' | 'relearned' | 'unknown';
}

/** An issued paper, with all that is printed of it. Its number and year stand in the id, ``{office}:notice:…``, and ``mark`` before them (菏动管〔2026〕7号). ``request`` is the ULID of what asked for it, ``content`` the hash of all that was asked; ``source``: the id of the agenda or the minutes that it is made from. While ``is_reserved`` it is no paper yet: the number waits for the step of the case to be taken. Afterwards it is never changed. */
export interface Notice {
  type: 'notice';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  paper: 'circular' | 'meeting' | 'minutes' | 'rectification' | 'warning';
  request: string;
  content?: string | null;
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

/** What a village's lights document says of a case that is not cleared. ``owner``: the office in charge, a division or a department; ``asked``: the one that was asked to take it over; ``told``: those that have not said yet that they saw it. */
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
  told?: string[];
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
  withdrawn?: string;
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

/** The villages of a township whose lights are likely to get worse within half a year, as the last night found them (mission 14). It says what a village team's work is likely to come to, and nothing of a person. ``model``: which one said it; ``unknown``: villages of which too little was seen to say anything; ``outcome``: of the list of half a year ago, counted once a month. */
export interface Risk {
  type: 'risk';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  policy: string;
  model: string;
  watched?: Watched[];
  ended?: NoLongerWatched[];
  unknown?: string[];
  outcome?: WatchOutcome | null;
}

/** One visit's readings of many indicators. Values as ``catalogue.encode_reading`` takes them. Where nothing could be read, ``text`` says what was left out and why. */
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
  withdrawn?: string;
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
  withdrawn?: string;
  topic: string;
  attended: number;
  informants?: string[];
}

/** An analyst's judgement of a village's being watched: whether it is right, and the grounds (``text``). The id names the village's township, since those in the village do not see who is watched. ``since``: from when on it was watched then, so that the same analyst's next word on the same list takes the place of this one. */
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
  village: string;
  is_right: boolean;
  text: string;
  since?: string | null;
}

/** How many lamps of a village were yellow and red at the end of each of its township's weeks. */
export interface VillageWeeks {
  yellow: number[];
  red: number[];
}

/** What became of a list: of those ``watched`` on a day, how many were ``worse`` half a year later, beside all ``others``; ``unknown``: those watched whose lights could not be compared. */
export interface WatchOutcome {
  on: string;
  watched?: number;
  worse?: number;
  unknown?: number;
  others?: number;
  others_worse?: number;
}

/** A sign that a village's lights may get worse, as a fact that can be looked up (models/early_warning/reasons). */
export interface WatchReason {
  code: string;
  zh: string;
  en: string;
  indicator?: string | null;
}

/** A village that is watched since a day; ``chance`` of getting worse in percent, in fives; ``listed_chance``: with which it was listed, or what the model said first where that was learned anew since. */
export interface Watched {
  village: string;
  since: string;
  chance: number;
  listed_chance?: number | null;
  reasons?: WatchReason[];
}

/** A township's lamps at the end of each of the last weeks, the oldest first, and which were ``red``, by village, when ``day`` ended: both as the last night knew them, by what had been observed till then (models/weeks.py). ``villages``: those that were not green all the time; empty, too, in what an earlier release wrote. */
export interface Weeks {
  type: 'weeks';
  _id: string;
  _rev?: string;
  _revisions?: Revisions;
  simulated?: boolean;
  catalogue: string;
  policy: string;
  day: string;
  weeks: LampWeek[];
  red: Record<string, string[]>;
  villages?: Record<string, VillageWeeks>;
}

/** The word of the office that issued a paper that it was issued by mistake, and why (撤回): by an account of that office, which is the division of the id. The paper and its number stay. */
export interface Withdrawal {
  type: 'withdrawal';
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
  text: string;
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
export const DIGIT_READINGS: readonly (readonly [string, string])[] = [["\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9\u07c0\u07c1\u07c2\u07c3\u07c4\u07c5\u07c6\u07c7\u07c8\u07c9\u0966\u0967\u0968\u0969\u096a\u096b\u096c\u096d\u096e\u096f\u09e6\u09e7\u09e8\u09e9\u09ea\u09eb\u09ec\u09ed\u09ee\u09ef\u0a66\u0a67\u0a68\u0a69\u0a6a\u0a6b\u0a6c\u0a6d\u0a6e\u0a6f\u0ae6\u0ae7\u0ae8\u0ae9\u0aea\u0aeb\u0aec\u0aed\u0aee\u0aef\u0b66\u0b67\u0b68\u0b69\u0b6a\u0b6b\u0b6c\u0b6d\u0b6e\u0b6f\u0be6\u0be7\u0be8\u0be9\u0bea\u0beb\u0bec\u0bed\u0bee\u0bef\u0c66\u0c67\u0c68\u0c69\u0c6a\u0c6b\u0c6c\u0c6d\u0c6e\u0c6f\u0ce6\u0ce7\u0ce8\u0ce9\u0cea\u0ceb\u0cec\u0ced\u0cee\u0cef\u0d66\u0d67\u0d68\u0d69\u0d6a\u0d6b\u0d6c\u0d6d\u0d6e\u0d6f\u0de6\u0de7\u0de8\u0de9\u0dea\u0deb\u0dec\u0ded\u0dee\u0def\u0e50\u0e51\u0e52\u0e53\u0e54\u0e55\u0e56\u0e57\u0e58\u0e59\u0ed0\u0ed1\u0ed2\u0ed3\u0ed4\u0ed5\u0ed6\u0ed7\u0ed8\u0ed9\u0f20\u0f21\u0f22\u0f23\u0f24\u0f25\u0f26\u0f27\u0f28\u0f29\u1040\u1041\u1042\u1043\u1044\u1045\u1046\u1047\u1048\u1049\u1090\u1091\u1092\u1093\u1094\u1095\u1096\u1097\u1098\u1099\u17e0\u17e1\u17e2\u17e3\u17e4\u17e5\u17e6\u17e7\u17e8\u17e9\u1810\u1811\u1812\u1813\u1814\u1815\u1816\u1817\u1818\u1819\u1946\u1947\u1948\u1949\u194a\u194b\u194c\u194d\u194e\u194f\u19d0\u19d1\u19d2\u19d3\u19d4\u19d5\u19d6\u19d7\u19d8\u19d9\u1a80\u1a81\u1a82\u1a83\u1a84\u1a85\u1a86\u1a87\u1a88\u1a89\u1a90\u1a91\u1a92\u1a93\u1a94\u1a95\u1a96\u1a97\u1a98\u1a99\u1b50\u1b51\u1b52\u1b53\u1b54\u1b55\u1b56\u1b57\u1b58\u1b59\u1bb0\u1bb1\u1bb2\u1bb3\u1bb4\u1bb5\u1bb6\u1bb7\u1bb8\u1bb9\u1c40\u1c41\u1c42\u1c43\u1c44\u1c45\u1c46\u1c47\u1c48\u1c49\u1c50\u1c51\u1c52\u1c53\u1c54\u1c55\u1c56\u1c57\u1c58\u1c59\ua620\ua621\ua622\ua623\ua624\ua625\ua626\ua627\ua628\ua629\ua8d0\ua8d1\ua8d2\ua8d3\ua8d4\ua8d5\ua8d6\ua8d7\ua8d8\ua8d9\ua900\ua901\ua902\ua903\ua904\ua905\ua906\ua907\ua908\ua909\ua9d0\ua9d1\ua9d2\ua9d3\ua9d4\ua9d5\ua9d6\ua9d7\ua9d8\ua9d9\ua9f0\ua9f1\ua9f2\ua9f3\ua9f4\ua9f5\ua9f6\ua9f7\ua9f8\ua9f9\uaa50\uaa51\uaa52\uaa53\uaa54\uaa55\uaa56\uaa57\uaa58\uaa59\uabf0\uabf1\uabf2\uabf3\uabf4\uabf5\uabf6\uabf7\uabf8\uabf9\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\ud835\udfce\ud835\udfcf\ud835\udfd0\ud835\udfd1\ud835\udfd2\ud835\udfd3\ud835\udfd4\ud835\udfd5\ud835\udfd6\ud835\udfd7\ud835\udfd8\ud835\udfd9\ud835\udfda\ud835\udfdb\ud835\udfdc\ud835\udfdd\ud835\udfde\ud835\udfdf\ud835\udfe0\ud835\udfe1\ud835\udfe2\ud835\udfe3\ud835\udfe4\ud835\udfe5\ud835\udfe6\ud835\udfe7\ud835\udfe8\ud835\udfe9\ud835\udfea\ud835\udfeb\ud835\udfec\ud835\udfed\ud835\udfee\ud835\udfef\ud835\udff0\ud835\udff1\ud835\udff2\ud835\udff3\ud835\udff4\ud835\udff5\ud835\udff6\ud835\udff7\ud835\udff8\ud835\udff9\ud835\udffa\ud835\udffb\ud835\udffc\ud835\udffd\ud835\udffe\ud835\udfff\ud83e\udff0\ud83e\udff1\ud83e\udff2\ud83e\udff3\ud83e\udff4\ud83e\udff5\ud83e\udff6\ud83e\udff7\ud83e\udff8\ud83e\udff9\uff38\uff58X\uff0b", "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789xxx+"], ["\u3007\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u96f6\u58f9\u8d30\u53c1\u8086\u4f0d\u9646\u67d2\u634c\u7396\u25cb\u58f1\u8cb3\u53c3\u9678\u25ef\u5f0c\u5f0d\u53c4\u53c2\u24ea\u2460\u2461\u2462\u2463\u2464\u2465\u2466\u2467\u2468\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089\u24ff\u24f5\u24f6\u24f7\u24f8\u24f9\u24fa\u24fb\u24fc\u24fd\u5e7a\u2776\u2777\u2778\u2779\u277a\u277b\u277c\u277d\u277e\u2780\u2781\u2782\u2783\u2784\u2785\u2786\u2787\u2788\u278a\u278b\u278c\u278d\u278e\u278f\u2790\u2791\u2792\u2474\u2475\u2476\u2477\u2478\u2479\u247a\u247b\u247c\u2488\u2489\u248a\u248b\u248c\u248d\u248e\u248f\u2490", "01234567890123456789012360123301234567890123456789012345678901234567891123456789123456789123456789123456789123456789"], ["\u6d1e\u4e24\u5169\u62d0\u52feIlOo", "022791100"]];
export const PERSONAL_NUMBERS = "(?<![0-9])(?:(?<card>[0-9]{17}[0-9x]|[0-9][\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-9][\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-9][\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-9][\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-9][\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-9][\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*(?:1[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*9|2[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*0)[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-9][\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-9][\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*(?:0[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[1-9]|1[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-2])[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*(?:0[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[1-9]|[12][\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-9]|3[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[01])[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-9][\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-9][\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-9][\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[0-9x]|[1-9][0-9]{7}[01][0-9][0-3][0-9]{4})|(?<phone>(?:(?:00|\\+)?86[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?)?1[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[3-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9]|(?=1[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[3-9])(?!(?:[1-9][0-9]*(?:\\s?[+\u00d7*xX\u3001]\\s?[1-9][0-9]*)+\\s{0,2}(?:[=\u5143\u5757\u4e07\u4ebf\u4ea9\u7c73\u5428]|\u6beb\u7c73|\u5398\u7c73|\u516c[\u91cc\u65a4\u9877]|mm|cm)|[0-9]+[\u3014(\uff08\\[]20[0-9]{2}[\u3015)\uff09\\]]))(?:[0-9]{3}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{4}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{4}|[0-9]{3}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{8}|[0-9]{7}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{4}|[0-9]{3}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{3}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{5}|[0-9]{3}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{3}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{3}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{2}|[0-9]{4}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{4}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{3}|[0-9]{3}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{2}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{2}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{2}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{2}|[0-9]{1}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{1}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{1}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{1}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{1}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{1}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{1}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{1}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{1}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{1}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{1})|(?:[(\uff08]?0|(?:00|\\+)86[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*)[1-9][0-9]{1,2}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[2-9](?:[0-9]{6,7}|[0-9]{2,3}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]+[0-9]{4})|(?<![\u53f7\u7801\u8d26\u6237\u5361\u8bc1\u7b2c\u2116])(?<![\u53f7\u7801\u8d26\u6237\u5361\u8bc1\u7b2c\u2116][:\uff1a\u4e3a\u662f ])[48]00(?:[0-9]{7}|[\\u002d\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212][0-9]{3}[\\u002d\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212][0-9]{4}|[\\u002d\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212][0-9]{4}[\\u002d\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212][0-9]{3})(?!\\s{0,2}(?:[\u5143\u5757\u4e07\u4ebf\u5343\u767e\u4ea9\u5e73\u33a1\u7c73\u6237\u6b21\u65a4\u5428\u4ef6\u53f0\u90e8\u4efd\u5ea6%\uff05]|\u516c[\u91cc\u65a4\u9877]|\u4eba\u6b21|\u7acb\u65b9|[\u4e2a\u6761]|\u5e74\u5ea6?|kg|km|\\.[0-9])))|(?:(?:\u7535\u8bdd|\u624b\u673a|\u5ea7\u673a|\u56fa\u8bdd|\u4f20\u771f|\u5c0f\u7075\u901a)|\u70ed\u7ebf|\u8054\u7cfb|\u503c\u73ed\u5ba4|[\u6765\u53bb\u81f4]\u7535|\u62e8\u6253?|\u6253|[Tt][Ee][Ll](?:ephone)?|TELEPHONE|[Pp][Hh][Oo][Nn][Ee]|[Mm]obile|[Cc]all|[Ff][Aa][Xx])(?:[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*(?:\u4eba[\\u4e00-\\u9fff]{2,4}(?:[\u3001\u548c\u53ca][\\u4e00-\\u9fff]{2,4})?|[\u4eba\u53f7\u7801\u662f\u4e3a\u5bb6\u91cc]|\u65b9\u5f0f|\u672c\u4eba|\u529e\u516c\u5ba4?|[\u6539\u6362][\u4e3a\u6210]|[:\uff1a(\uff08]\\s?[\\u4e00-\\u9fff]{2,4}(?:[\u3001\u548c\u53ca][\\u4e00-\\u9fff]{2,4})?)){0,3}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*(?<local>(?:[48]00 ?[0-9]{3,4} ?[0-9]{3,4}(?![0-9])(?!\\s{0,2}(?:[\u5143\u5757\u4e07\u4ebf\u5343\u767e\u4ea9\u5e73\u33a1\u7c73\u6237\u6b21\u65a4\u5428\u4ef6\u53f0\u90e8\u4efd\u5ea6%\uff05]|\u516c[\u91cc\u65a4\u9877]|\u4eba\u6b21|\u7acb\u65b9|[\u4e2a\u6761]|\u5e74\u5ea6?|kg|km|\\.[0-9]))|(?!20[0-4][0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9]{4}|20[0-4][0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9]{1,2}[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9])[2-9](?:(?:[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?){3}[0-9]){6,7}(?![0-9])(?!\\s{0,2}(?:[\u5143\u5757\u4e07\u4ebf\u5343\u767e\u4ea9\u5e73\u33a1\u7c73\u6237\u6b21\u65a4\u5428\u4ef6\u53f0\u90e8\u4efd\u5ea6%\uff05]|\u516c[\u91cc\u65a4\u9877]|\u4eba\u6b21|\u7acb\u65b9|[\u4e2a\u6761]|\u5e74\u5ea6?|kg|km|\\.[0-9])))(?:[\u3001,\uff0c/;\uff1b\u548c\u6216\u53ca\\s]{1,2}(?:[48]00 ?[0-9]{3,4} ?[0-9]{3,4}(?![0-9])(?!\\s{0,2}(?:[\u5143\u5757\u4e07\u4ebf\u5343\u767e\u4ea9\u5e73\u33a1\u7c73\u6237\u6b21\u65a4\u5428\u4ef6\u53f0\u90e8\u4efd\u5ea6%\uff05]|\u516c[\u91cc\u65a4\u9877]|\u4eba\u6b21|\u7acb\u65b9|[\u4e2a\u6761]|\u5e74\u5ea6?|kg|km|\\.[0-9]))|(?!20[0-4][0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9]{4}|20[0-4][0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9]{1,2}[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9])[2-9](?:(?:[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?){3}[0-9]){6,7}(?![0-9])(?!\\s{0,2}(?:[\u5143\u5757\u4e07\u4ebf\u5343\u767e\u4ea9\u5e73\u33a1\u7c73\u6237\u6b21\u65a4\u5428\u4ef6\u53f0\u90e8\u4efd\u5ea6%\uff05]|\u516c[\u91cc\u65a4\u9877]|\u4eba\u6b21|\u7acb\u65b9|[\u4e2a\u6761]|\u5e74\u5ea6?|kg|km|\\.[0-9]))))*)|(?<before>(?!20[0-4][0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9]{4}|20[0-4][0-9][\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9]{1,2}[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?[0-9])[2-9](?:(?:[\\u0020\\u002e\\u0028\\u0029\\uff08\\uff09\\uff0d\\u2014\\u2010\\u2011\\u2013\\u2212\\uff0e\\u0009\\u00a0\\u3000\\u002d]?){3}[0-9]){6,7}(?![0-9])(?!\\s{0,2}(?:[\u5143\u5757\u4e07\u4ebf\u5343\u767e\u4ea9\u5e73\u33a1\u7c73\u6237\u6b21\u65a4\u5428\u4ef6\u53f0\u90e8\u4efd\u5ea6%\uff05]|\u516c[\u91cc\u65a4\u9877]|\u4eba\u6b21|\u7acb\u65b9|[\u4e2a\u6761]|\u5e74\u5ea6?|kg|km|\\.[0-9]))(?=[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[(\uff08\\[\u3010](?:\u7535\u8bdd|\u624b\u673a|\u5ea7\u673a|\u56fa\u8bdd|\u4f20\u771f|\u5c0f\u7075\u901a)[\u53f7\u7801]{0,2}[)\uff09\\]\u3011]))|(?:\u62a4\u7167|\u901a\u884c\u8bc1|[Pp]assport)(?:[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*[\u53f7\u7801\u662f\u4e3a]){0,3}[\\u0001-\\u0023\\u0026-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a1\\u00a6-\\u00af\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u0300-\\u036f\\u2000-\\u202f\\u2035-\\u206f\\u20d0-\\u20ff\\u2190-\\u245f\\u2500-\\u2775\\u2794-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d-\\u303f\\u30fb\\ufe00-\\ufe68\\ufeff\\uff01-\\uff03\\uff06-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe2-\\uffe4\\uffe8-\\ufffd\ud83c\udc00-\ud83e\udeff]*(?<passport>[A-Za-z]{1,2}[0-9]{7,8}))(?![0-9])";

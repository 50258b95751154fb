/** What the gateway answers outside `/db`, and the one way to ask it. Documents stand in `documents.ts`. */
import type {
  AgendaItem,
  AgendaSection,
  Attendance,
  Carrying,
  CaseStep,
  Channel,
  Grade,
  LampWeek,
  Measure,
  NoLongerWatched,
  Omission,
  OpenCase,
  Paper,
  Paragraph,
  ReadingValue,
  Sanction,
  Severity,
  Topic,
  WatchOutcome,
  WatchReason,
} from './documents';

export type Role = 'informant' | 'administrator' | 'station' | 'county' | 'department' | 'city' | 'analyst' | 'leader';
export type Level = 'city' | 'county' | 'township' | 'village';

export interface Account {
  alias: string;
  role: Role;
  divisions: string[];
  databases: string[];
}

export interface Tokens {
  access_token: string;
  /** Null where the browser holds no key: the password is asked for again. */
  refresh_token: string | null;
  expires_in: number;
  account: Account;
  /** The account was closed: it serves for handing in only. */
  is_closed: boolean;
  /** What parcels are sealed to; unset where a former version of the gateway answered. */
  parcel_key?: string;
}

/** What is in a parcel that was carried to the station. */
export interface ParcelView {
  alias: string;
  role: Role;
  device: string;
  made_at: string;
  part: number;
  parts: number;
  villages: { code: string; name: string }[];
  kinds: Record<string, number>;
  known: number;
  photos: number;
  since: string | null;
  until: string | null;
  is_shut_off: boolean;
}
export interface ParcelTaken {
  stored: number;
  known: number;
  photos: number;
  refused: { id: string; reason: string; is_kept: boolean }[];
  photos_refused: { id: string; reason: string }[];
}

export interface Division {
  code: string;
  name: string;
  level: Level;
}

export interface DivisionView extends Division {
  ancestors: Division[];
  children: Division[];
}

interface Named {
  code: string;
  name_zh: string;
  name_en: string;
}

export type IndicatorKind = 'number' | 'yesno' | 'cases' | 'last_date' | 'start_date';

export interface Indicator extends Named {
  measure_zh: string;
  measure_en: string;
  unit: string;
  unit_en: string;
  kind: IndicatorKind;
  direction: 'higher_worse' | 'lower_worse' | null;
  no_light: 'yellow' | 'red' | null;
  yellow: number | null;
  red: number | null;
  minimum: number | null;
  maximum: number | null;
  is_count: boolean;
  interval_days: number | null;
  lead_departments: string[];
  /** Unset in what an earlier edition left on a tablet. */
  plain_words?: string[];
}

export interface Catalogue {
  version: string;
  categories: (Named & { items: Named[] })[];
  departments: { short: string; name_zh: string; name_en: string }[];
  indicators: Indicator[];
}

export interface Board {
  division: Division;
  ancestors: Division[];
  as_of: string;
  simulated: boolean;
  catalogue: string;
  policy: string;
  event_id: string;
  divisions: [code: string, name: string][];
  lights: string;
  cases?: OpenCase[];
  /** The newest first; `lamp`: its position in the catalogue. */
  changes: { at: string; village: string; lamp: number; before: LightSpan['light']; after: LightSpan['light'] }[];
}

/** Days on end in one light. */
export interface LightSpan {
  light: 'g' | 's' | 'y' | 'r';
  since: string;
  until: string;
}
/** One thing that a lamp's light came from; `case`: its ULID, where the reader may open it. */
export interface Reason extends Said {
  kind: 'reading' | 'case' | 'silence';
  case: string | null;
}
export interface LampChange {
  on: string;
  light: LightSpan['light'];
  reasons: Reason[];
}
export interface LampHistory {
  indicator: string;
  spans: LightSpan[];
  changes: LampChange[];
  readings: [on: string, value: number][];
}
/** Of the lamps that were not green all the time, or of which numbers were read. */
export interface VillageHistory {
  village: string;
  as_of: string;
  simulated: boolean;
  catalogue: string;
  since: string;
  until: string;
  lamps: LampHistory[];
}

/** The open cases of a department, those that want action first. `assigned`: the cleared ones too. */
export interface AssignedCases {
  as_of: string;
  simulated: boolean;
  catalogue: string;
  assigned: number;
  cases: AssignedCase[];
}

/** `place`: the names of county, township and village. */
export interface AssignedCase extends OpenCase {
  village: string;
  place: string[];
}

export type Stage = 'reported' | 'warned' | 'noticed' | 'handling' | 'review' | 'cleared';
/** One line of a list of cases. `place`: the names of county, township and village. */
export interface CaseView {
  village: string;
  case: string;
  place: string[];
  indicator: string;
  severity: Severity;
  stage: Stage;
  owner: string;
  owner_name: string;
  asked: string | null;
  asked_name: string | null;
  first_asked_name: string;
  told: string[];
  told_names: string[];
  departments: string[];
  opened_on: string;
  due: string;
  is_overdue: boolean;
  taken_up_on: string | null;
  cleared_on: string | null;
  is_relapse: boolean;
  channel: Channel | null;
  text: string;
  observed_at: string;
  saved_at: string;
  found: string;
  done: string;
  verified_by: string | null;
}
interface Casework {
  as_of: string;
  simulated: boolean;
  catalogue: string;
}
/** What waits for the account's office, by due day. */
export interface Tasks extends Casework {
  tasks: { task: 'asked' | 'own' | 'review' | 'told'; case: CaseView }[];
  papers: { task: 'acknowledge' | 'answer' | 'withdrawn'; paper: NoticeRow }[];
}
/** A page of the ledger; `count`, `open` and `overdue` are of all that passes the filter. */
export interface Ledger extends Casework {
  count: number;
  open: number;
  overdue: number;
  offset: number;
  rows: CaseView[];
}
/** One event of a case's history. `notice`: the id of the paper it was issued with; `set_aside`: why the step has no effect, Chinese and English. */
export interface CaseEntry {
  id: string;
  step: CaseStep;
  at: string;
  saved_at: string;
  author: string;
  office: string | null;
  department: string | null;
  severity: Severity | null;
  due: string | null;
  text: string;
  found: string;
  done: string;
  verified_by: string | null;
  notice: string | null;
  is_better: boolean | null;
  is_correction: boolean;
  set_aside: [zh: string, en: string] | null;
}
/** A case with its history; `steps`: what the reader's post may record, `offices`: in whose name,
 * `takes_as`: in whose it may be taken over; `issues`: the papers that it may issue. */
export interface CaseFile extends Casework {
  case: CaseView;
  history: CaseEntry[];
  earlier: string | null;
  offices: string[];
  takes_as: string[];
  steps: CaseStep[];
  papers: NoticeRow[];
  issues: Paper[];
  verifiers: string[];
  has_sealed: boolean;
  may_unseal: boolean;
}

/** The leaders' view of a division. */
export interface Terminal extends Casework {
  division: string;
  division_name: string;
  open: number;
  overdue: number;
  red: number;
  untaken: number;
  /** `within`: the county of a department. */
  debts: {
    office: string;
    within: string;
    name: string;
    open: number;
    overdue: number;
    red: number;
    next_due: string;
  }[];
  red_cases: CaseView[];
  overdue_cases: CaseView[];
  months: { month: string; opened: number; cleared: number }[];
  blind: number | null;
  lacking: number | null;
  unknown: number | null;
}
/** Lamps beside yesterday (`day`; null where no night has run yet), by week, and the divisions right below. */
export interface Overview extends Casework {
  division: string;
  division_name: string;
  day: string | null;
  /** Townships of which no night has said anything yet. */
  untold: number;
  yellow: number;
  red: number;
  turned_red: { village: string; place: string[]; indicator: string }[];
  weeks: LampWeek[];
  parts: {
    code: string;
    name: string;
    villages: number;
    yellow: number;
    red: number;
    silent: number;
    /** Four weeks ago; null where nobody knows. */
    red_before: number | null;
    open: number;
    overdue: number;
  }[];
}
/** A division's lamps when a week ended, and those of its parts, which add up to them. */
export interface OverviewWeek {
  as_of: string;
  simulated: boolean;
  division: string;
  division_name: string;
  until: string;
  yellow: number;
  red: number;
  parts: { code: string; name: string; villages: number; yellow: number; red: number }[];
}
/** Figures of a division and a period; `number` is null where what it is made from is not there. */
export interface Figures {
  division: string;
  division_name: string;
  since: string;
  until: string;
  watched_since: string;
  as_of: string;
  simulated: boolean;
  figures: Figure[];
}
export interface Figure {
  name: string;
  zh: string;
  en: string;
  number: number | null;
}
/** What a figure counts, the newest from `offset` on; the amounts of all `count` of them add up to its number. */
export interface Behind extends Casework {
  division: string;
  division_name: string;
  since: string;
  until: string;
  figure: Figure;
  count: number;
  offset: number;
  rows: {
    division: string;
    place: string[];
    day: string | null;
    amount: number;
    topic: string;
    unit: string;
    case: CaseView | null;
    ids: string[];
  }[];
}
/** What was done for people. */
export interface Services {
  as_of: string;
  simulated: boolean;
  rows: {
    id: string;
    division: string;
    division_name: string;
    observed_at: string;
    topic: string;
    amount: number;
    unit: string;
    place: string;
    text: string;
    is_corrected: boolean;
    may_correct: boolean;
  }[];
}

/** One word on a service, a training or a pledge, as far as its kind has it; or why it was withdrawn. */
export interface RecordWord {
  author: string;
  at: string;
  on: string;
  withdrawn: string;
  topic: string | null;
  amount: number | null;
  unit: string | null;
  place: string | null;
  text: string | null;
  attended: number | null;
  informants: string[] | null;
  signer: string | null;
  until: string | null;
}
/** Records that were corrected or withdrawn, with all that was said, the last changed first. */
export interface ChangedRecords {
  as_of: string;
  simulated: boolean;
  count: number;
  offset: number;
  rows: { id: string; division: string; division_name: string; is_withdrawn: boolean; words: RecordWord[] }[];
}

/** What was computed of a division for a period, and decided. `evidence` of lights: `4.2.1 y31 r3 s0`, days in each
 * light; of the others ULIDs of cases and events. */
export interface Said {
  zh: string;
  en: string;
}
/** A version of an evaluation, the last with those before it in `earlier`; `options`: measures that may be decided. */
export interface EvaluationView {
  id: string;
  version: number;
  /** The version that counts. */
  in_force: number;
  division: string;
  name: string;
  villages: number;
  score: number;
  grade: Grade | null;
  decided: Grade | null;
  is_decided: boolean;
  may_decide: boolean;
  options: Measure[];
  previous_score: number | null;
  previous_grade: Grade | null;
  marks: Record<string, number>;
  grades: Record<string, number>;
  newly_paralysed: { code: string; name: string }[];
  put_right: { code: string; name: string }[];
  measures: Measure[];
  decided_measures: Measure[];
  reasons: Said[];
  components: (Said & { code: string; points: number; amount: number; evidence: string[] })[];
  changes: Said[];
  response: {
    opened: number;
    taken_up: number;
    take_up_days: number | null;
    cleared: number;
    clear_days: number | null;
    overdue: number;
  };
  decisions: {
    author: string;
    at: string;
    text: string;
    grade: Grade | null;
    measures: Measure[];
    stands: boolean;
  }[];
  earlier: EvaluationView[];
}
/** Something behind a number; of an indicator's lights `spans` are its days, `events` what was read and open. */
export interface EvidenceLine extends Said {
  kind: 'lights' | 'case' | 'inspection' | 'round' | 'omission';
  on: string | null;
  ulid: string | null;
  indicator: string | null;
  spans: LightSpan[];
  events: EvidenceLine[];
}
export interface EvidenceView {
  id: string;
  division: string;
  name: string;
  components: (Said & { code: string; points: number; amount: number; lines: EvidenceLine[] })[];
}
export interface EvaluationPage {
  as_of: string;
  simulated: boolean;
  division: string;
  division_name: string;
  period: string;
  own: EvaluationView | null;
  below: EvaluationView[];
}

/** A division and the last pledge that was signed for it to the office above. */
export interface PledgeRow {
  division: string;
  name: string;
  signer: string | null;
  signed_on: string | null;
  until: string | null;
  is_in_force: boolean;
  entered_by: string | null;
  signers: string[];
  may_enter: boolean;
  id: string | null;
  is_corrected: boolean;
  may_correct: boolean;
}
export interface PledgePage {
  as_of: string;
  simulated: boolean;
  division: string;
  division_name: string;
  lacking: number;
  own: PledgeRow | null;
  rows: PledgeRow[];
}

/** Patrols of a division, the newest first; `villages` and `hard`: how many a lot can be drawn from. */
export interface Patrols extends Casework {
  villages: number;
  hard: number;
  patrols: PatrolView[];
  checks_count: number;
  checks: LooseView[];
}
export interface CheckView {
  id: string;
  at: string;
  author: string;
  readings: Record<string, ReadingValue>;
  text: string;
}
/** The patrols that an inspector may be on the way for: all that their tablet keeps of them. */
export interface OpenPatrols {
  simulated: boolean;
  catalogue: string;
  patrols: OpenPatrol[];
}
export interface OpenPatrol {
  id: string;
  division_name: string;
  by_lot: boolean;
  since: string;
  until: string;
  text: string;
  visits: { village: string; checks: { at: string; author: string }[] }[];
}
/** A check that belongs to no patrol on the page. */
export interface LooseView extends CheckView {
  village: string;
  place: string[];
  has_patrol: boolean;
}
export interface PatrolView {
  id: string;
  division: string;
  division_name: string;
  by_lot: boolean;
  author: string;
  since: string;
  until: string;
  text: string;
  count: number;
  pool: number;
  commitment: string | null;
  secret: string | null;
  word: string;
  witness: string | null;
  is_overdue: boolean;
  may_draw: boolean;
  villages: {
    village: string;
    place: string[];
    checks: CheckView[];
  }[];
}
/** Meetings of a division and of those right below it, the newest first. */
export interface Meetings extends Casework {
  topic: Topic;
  agendas: AgendaView[];
  meetings: MeetingView[];
  due: { division: string; name: string; topic: Topic; last: string | null; has_met: boolean }[];
}
/** `is_past`: its day went by without minutes; `paper`: the notice that called those who are invited. */
export interface AgendaView {
  id: string;
  topic: Topic;
  held_on: string;
  begins_at: string;
  place: string;
  departments: string[];
  items: AgendaItem[];
  author: string;
  is_held: boolean;
  is_past: boolean;
  withdrawn: string | null;
  paper: string | null;
  paper_number: string | null;
}
/** `paper`: its minutes as they were issued. */
export interface MeetingView {
  id: string;
  topic: Topic;
  division: string;
  division_name: string;
  at: string;
  place: string;
  departments: string[];
  excused: string[];
  observers: string[];
  chair: string;
  text: string;
  dissent: string;
  next_on: string | null;
  paper: string | null;
  paper_number: string | null;
  resolutions: ResolutionView[];
}
/** A line of minutes as it stands; `may_report`, `may_accept`: what the reader may say of it now. */
export interface ResolutionView {
  meeting: string;
  line: number;
  topic: Topic;
  held_on: string;
  division: string;
  division_name: string;
  matter: string;
  decision: string;
  lead: string;
  lead_name: string;
  helpers: string[];
  checker: string;
  due: string;
  village: string | null;
  case: string | null;
  place: string[];
  standing: 'open' | 'done' | 'accepted';
  is_overdue: boolean;
  said: { at: string; author: string; step: Carrying['step']; text: string }[];
  may_report: boolean;
  may_accept: boolean;
}
/** What the gateway proposes for the next meeting. */
export interface ProposedAgenda {
  topic: Topic;
  since: string;
  points: { section: AgendaSection; zh: string; en: string; village: string | null; case: string | null }[];
}
export interface Minutes {
  id: string;
  not_handed: { line: number; zh: string; en: string }[];
}
export interface OwnResolutions {
  as_of: string;
  simulated: boolean;
  resolutions: ResolutionView[];
}
/** A village that needs a work team (`level`: whose), or has one (`id`). */
export interface TeamView {
  village: string;
  place: string[];
  points: number;
  zh: string;
  en: string;
  level: 'township' | 'county' | null;
  id: string | null;
  office: string | null;
  office_name: string | null;
  sent_on: string | null;
  until: string | null;
  is_overdue: boolean;
  departments: string[];
  members: number;
  text: string;
  withdrawn_at: string | null;
  outcome: string;
}
export interface Teams {
  as_of: string;
  simulated: boolean;
  teams: TeamView[];
}

/** A village's, or a township's villages' added up; `blind`: natural villages that no informant covers. */
export interface CoverageRow {
  division: string;
  name: string;
  villages: number;
  unknown: number;
  unwatched: number;
  weak: number;
  natural_villages: number;
  people: number;
  blind: number;
  blind_people: number;
  required: number;
  heads: number;
  lacking: number;
  places: {
    name: string;
    households: number;
    people: number;
    required: number;
    appointed: number;
    lacking: number;
  }[];
}
/** `informants` and `waiting` (accounts without an appointment) are for the station that appoints. */
export interface InformantPage {
  as_of: string;
  simulated: boolean;
  division: string;
  division_name: string;
  is_station: boolean;
  total: CoverageRow;
  coverage: CoverageRow[];
  informants: {
    alias: string;
    village: string;
    village_name: string;
    since: string;
    natural_villages: string[];
    households: number;
    account: 'open' | 'closed' | 'none';
    is_named: boolean;
    pledged_until: string | null;
    pledge: string | null;
    may_correct_pledge: boolean;
    suspended_until: string | null;
    trainings: number;
  }[];
  waiting: { alias: string; village: string; village_name: string }[];
}
/** The newest trainings from `offset` on; who attended, by alias, for the station that appoints. */
export interface TrainingList {
  as_of: string;
  simulated: boolean;
  count: number;
  attended: number;
  offset: number;
  rows: {
    id: string;
    on: string;
    division: string;
    division_name: string;
    topic: string;
    attended: number;
    informants: string[];
    author: string;
    is_corrected: boolean;
    may_correct: boolean;
  }[];
}
/** Sums in yuan; `ids` of the events behind a row. */
export interface AllowanceSheet {
  as_of: string;
  simulated: boolean;
  division: string;
  division_name: string;
  month: string;
  month_days: number;
  monthly_yuan: number;
  training_yuan: number;
  total: number;
  rows: {
    alias: string;
    village: string;
    village_name: string;
    days: number;
    base: number;
    trainings: number;
    supplement: number;
    withheld: number;
    total: number;
    ids: string[];
  }[];
}

/** What may have been reported late or not at all. `alias` of who was late; else a person names one of `serving`. */
export interface CandidateView {
  finding: Omission['finding'];
  village: string;
  village_name: string;
  indicator: string;
  indicator_zh: string;
  indicator_en: string;
  also: string[];
  about: string;
  case: string | null;
  seen_on: string;
  days: number;
  channel: Channel;
  words: string;
  reading: string;
  evidence: string[];
  alias: string | null;
  serving: { alias: string; natural_villages: string[] }[];
  /** The reader did not enter it. */
  may_confirm: boolean;
}
/** What was said of one omission, step by step. */
export interface ChainView {
  alias: string;
  village: string;
  village_name: string;
  finding: Omission['finding'];
  about: string;
  case: string | null;
  /** What was seen, with its evidence. */
  matter: CandidateView | null;
  state: 'open' | 'set_aside' | 'confirmed' | 'appealed' | 'upheld' | 'withdrawn';
  is_final: boolean;
  appeal_until: string | null;
  may_judge: boolean;
  may_appeal: boolean;
  steps: { id: string; step: Omission['step']; author: string; at: string; text: string }[];
}
/** What the ladder proposes for a period; `decided`: the id of the last decision on these omissions. */
export interface ProposalView {
  alias: string;
  village: string;
  village_name: string;
  period: string;
  omissions: string[];
  disciplines: Sanction['disciplines'];
  withheld_months: number;
  suspended_days: number;
  decided: string | null;
}
export interface TruthPage {
  as_of: string;
  simulated: boolean;
  division: string;
  division_name: string;
  period: string;
  appeal_days: number;
  may_decide: boolean;
  candidates: CandidateView[];
  chains: ChainView[];
  proposals: ProposalView[];
  sanctions: {
    id: string;
    alias: string;
    village: string;
    village_name: string;
    author: string;
    at: string;
    disciplines: Sanction['disciplines'];
    withheld_months: number;
    suspended_days: number;
    text: string;
    omissions: string[];
    in_force: boolean;
  }[];
}

interface WatchPlace {
  village: string;
  village_name: string;
  township_name: string;
  county_name: string;
}
/** A village that is likely to get worse, in percent. `verdict`: what an analyst said of it last. */
export interface WatchedView extends WatchPlace {
  since: string;
  is_new: boolean;
  chance: number;
  reasons: WatchReason[];
  verdict: { author: string; at: string; is_right: boolean; text: string } | null;
}
export interface DroppedView extends WatchPlace {
  since: string;
  until: string;
  chance: number;
  why: NoLongerWatched['why'];
  why_zh: string;
  why_en: string;
}
/** The likeliest first; who no longer is watched; of whom nothing can be said; what became of the list of half a year ago. */
export interface WatchPage {
  as_of: string;
  simulated: boolean;
  division: string;
  division_name: string;
  is_ready: boolean;
  horizon_months: number;
  worse_by: number;
  models: string[];
  watched: WatchedView[];
  dropped: DroppedView[];
  unknown: WatchPlace[];
  outcome: WatchOutcome | null;
  verdicts_right: number;
  verdicts_wrong: number;
  may_judge: boolean;
}

/** What was refused and waits for an office: all of it by author and reason; and of those asked for, `matching` in all,
 * the oldest from `offset` on. `raw`: the text as it came, its beginning. */
export interface Quarantine {
  count: number;
  groups: QuarantineGroup[];
  matching: number;
  offset: number;
  oldest: Quarantined[];
}
export interface QuarantineGroup {
  author: string;
  code: string;
  zh: string;
  en: string;
  count: number;
  since: string;
}
export interface Quarantined {
  _id: string;
  received_at: string;
  author: string;
  document_id: string;
  code: string;
  zh: string;
  en: string;
  raw: string;
  raw_bytes: number;
}

/** How a tablet is, by its own word. */
export interface TabletState {
  pending: number;
  photos: number;
  refused: number;
  clock_offset_ms: number;
  app_version: string;
  storage_used: number | null;
  storage_quota: number | null;
}
export interface DeviceView {
  device: string;
  synced_at: string | null;
  state: TabletState | null;
  revoked_at: string | null;
  wiped_at: string | null;
}
export interface AccountDevices {
  alias: string;
  role: Role;
  divisions: string[];
  devices: DeviceView[];
}
/** The accounts below an office and their devices. `bounds`: when an office should look after one. */
export interface Devices {
  as_of: string;
  bounds: { silent_days: number; clock_minutes: number; storage_left_mb: number };
  accounts: AccountDevices[];
}

/** Whose account an enrolment code is for. */
export interface EnrolmentOffer {
  alias: string;
  role: Role;
  places: string[];
}

/** A one-time code as an office hands it on; `svg` is the QR code as an address for an image. */
export interface OfferedEnrolment {
  alias: string;
  address: string;
  svg: string;
  expires_at: string;
}

/** A paper in a list; `is_mine`: this account acknowledges for the receiver; `is_overdue`: not answered by `due`;
 * `has_heard`: the receiver said that it knows of the withdrawal. */
export interface NoticeRow {
  id: string;
  paper: Paper;
  number: string;
  issued_at: string;
  office: string;
  title: string;
  simulated: boolean;
  receivers: {
    division: string;
    name: string;
    is_mine: boolean;
    acknowledged_at: string | null;
    has_heard: boolean;
  }[];
  village: string | null;
  case: string | null;
  indicator: string | null;
  due: string | null;
  asked: string[];
  answered_at: string | null;
  is_overdue: boolean;
  withdrawn_at: string | null;
  withdrawn_because: string;
  may_withdraw: boolean;
}
export interface NoticeView extends NoticeRow {
  body: Paragraph[];
  copies: string[];
  attendance: Attendance[];
}
/** A paper as it would be issued; `earlier`: those of its kind on the same case or month. */
export interface PaperPreview {
  paper: NoticeView;
  earlier: NoticeRow[];
}
/** The newest of `count` papers; `waiting`: those that somebody has not acknowledged, `overdue`: not answered in time. */
export interface NoticeList {
  as_of: string;
  count: number;
  waiting: number;
  overdue: number;
  years: number[];
  answer_days: number;
  papers: NoticeRow[];
}

/** A photo of a case: at `/photos/{report}/{sha256}` and its `/thumbnail`, once it has come. */
export interface PhotoView {
  case: string;
  report: string;
  sha256: string;
}

/** RFC 9457 problem details, with the sentence in Chinese beside the English one; `/db` gives one `reason` for both. */
export interface Problem {
  status: number;
  code?: string;
  title?: string;
  detail?: string;
  detail_zh?: string;
  reason?: string;
}

/** The gateway answered, and refused. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.reason ?? `HTTP ${problem.status}`);
  }
}

/** Sends one request and reads JSON. Throws `Refused` for an error answer, `TypeError` where there is no network. */
export async function ask<T>(send: typeof fetch, path: string, body?: unknown, pack = plain): Promise<T> {
  const init = body === undefined ? {} : await pack(JSON.stringify(body));
  const response = await send(path, { ...init, credentials: 'same-origin' });
  if (!response.ok) throw new Refused(await problemOf(response));
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** A `pack` for `ask` that sends bytes as they are. */
export const bytesOf = (body: Blob | BufferSource) => async (): Promise<RequestInit> => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/octet-stream' },
  body,
});

async function plain(body: string): Promise<RequestInit> {
  return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body };
}

/** With gzip, for thin lines; `/db` takes it. A browser that knows none sends it as it is. */
export async function packed(body: string): Promise<RequestInit> {
  const init = await plain(body);
  if (typeof CompressionStream === 'undefined') return init;
  const zipped = new Blob([body]).stream().pipeThrough(new CompressionStream('gzip'));
  return {
    ...init,
    headers: { ...init.headers, 'Content-Encoding': 'gzip' },
    body: await new Response(zipped).arrayBuffer(),
  };
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('Content-Type') ?? '');
  return { ...(isJson && text ? (JSON.parse(text) as Problem) : {}), status: response.status };
}

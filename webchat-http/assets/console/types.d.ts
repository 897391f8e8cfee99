// The shapes of docs/protocol.md that the console reads.

export type Role = 'agent' | 'supervisor' | 'administrator';
export interface User { id: number; login: string; name: string; role: Role; agent: number | null }
export interface SessionBody { user: User; csrf: string; password: boolean }
export interface OwnSession { id: number; current: boolean; browser: string; signed_in: number; used: number; expires: number }

export interface Me { agent: number; name: string; signed_in: boolean; paused: string | null; on_call: boolean }
export interface DeskCampaign {
  campaign: number; name: string; colour: string; pull: boolean; cap: number | null;
  answer_within: number | null; time_chat: number | null; open: boolean; why_not: string | null;
  dispositions?: string[][]; disposition_required?: boolean; quality?: boolean; media?: boolean; files?: { max_bytes: number; kinds: string[] } | null;
}
export interface Colleague { agent: number; name: string; signed_in?: boolean; paused?: boolean }
export interface Destinations { agents: Colleague[]; campaigns: { campaign: number; name: string; colour: string; open: boolean }[] }

export interface Visitor { name?: string | null; email?: string | null; extra?: string | null; language?: string | null; page?: string | null; identity?: string | null }
export type Destination = { agent?: number; campaign?: number };
export type Phase =
  | { kind: 'waiting' }
  | { kind: 'offered'; agent: number; lapses_at: number | null }
  | { kind: 'active' }
  | { kind: 'transferring'; to: Destination; lapses_at: number | null };
export interface ChatView {
  chat: string; campaign: number; phase: Phase; visitor: Visitor; connected: boolean; requested_at: number; since: number;
  owner: number | null; participants: number[]; last: number; delivered: number; read: number; priority: number; returned: boolean; call?: Call | null;
}
/** Rings until it is running; `agent` is who called or accepted, missing while the visitor's call rings. */
export interface Call { from_visitor: boolean; video: boolean; running: boolean; since: number; agent?: number }

export interface Author { kind: 'visitor' | 'agent' | 'system' | 'bot'; name?: string | null; agent?: number | null }
export interface Message {
  number: number; at: number; author: Author; text: string; code: string | null; automatic: boolean; key: string | null;
  file?: { id: string; kind: string; mime: string; bytes: number };
}
export interface Note { agent: number; name: string; text: string; at: number; key?: string | null; whisper?: boolean }
export interface WaitingList { campaign: number; total: number; chats: ChatView[] }
export interface HelloAnswer {
  now?: number; me: Me; campaigns: DeskCampaign[]; agents: Colleague[]; chats: ChatView[]; waiting: WaitingList[];
}
export interface HistoryAnswer { messages: Message[]; notes?: Note[]; last: number }

export interface CannedReady { shortcut: string; language: string; text: string; unknown: string[] }
export interface EarlierChat {
  chat: string; campaign: number; requested_at: number; agent: number | null; messages: number; reason: string | null; disposition: string[] | null; score: number | null;
}
export interface Answer { text: string; score: number }
export interface Question { text: string; mandatory: boolean; answers: Answer[] }
export interface Category { name: string; questions: Question[] }
export interface QualityModel { model?: number; name: string; categories: Category[] }

export interface VisitorFacts { name?: string | null; email?: string | null; extra?: string | null; page?: string | null }
export interface ChatSummary {
  chat: string; sequence: number; campaign: number; visitor: string; facts: VisitorFacts; language: string; requested_at: number; answered_at: number | null; agent: number | null; last: number;
  closing: { at: number; reason: string; by: number | null; disposition: string[] | null }; feedback: { at: number; score: number; note: string | null } | null; erased_at: number | null;
}
export interface RecordingList { chats: ChatSummary[]; names: Record<string, string>; next: number | null }
export interface Evaluated { at: number; agent: number; evaluator: number; model: number; answers: (number | null)[]; score: { points: number; most: number } | null }
export interface Recording extends ChatSummary {
  calls?: RecordedCall[]; segments: { agent: number; from: number; until: number | null; how: string | null }[]; notes: Note[]; evaluations: Evaluated[]; names: Record<string, string>; models: Record<string, QualityModel>;
}

export interface Share { part: number; of: number }
export interface Spans { count: number; millis: number; mean: number | null }
export interface Judged { count: number; points: number; most: number; percent: number | null }
interface Counts {
  offered: number; answered: number; answered_in_time: number; abandoned: number; abandoned_in_time: number; short_abandoned: number; timed_out: number; closed: number; flowed_out: number; waiting: number; refused: Record<string, number>;
  service_level: Share | null; service_level_with_abandoned: Share | null; service_level_strict: Share | null; abandon_rate: Share | null; speed_of_answer: Spans;
}
interface Said { feedback: { count: number; sum: number; mean: number | null }; quality_by_agent: Judged; quality_by_others: Judged }
export interface CampaignFigures extends Counts, Said { campaign: number | null; name: string | null; waiting_before: number; first_response: Spans; handle_time: Spans }
export interface AgentFigures extends Said {
  agent: number; name: string | null; answered: number; answered_in_time: number; service_level: Share | null; speed_of_answer: Spans; first_response: Spans; handle_time: Spans;
  signed_in: number; busy: number; ready: number; away: number; occupancy: Share | null; concurrency: Share | null; offers: number; offers_lapsed: number; offers_refused: number;
}
export interface HourFigures extends Counts { day: string; hour: number }
export interface Report { from: number; to: number; zone: string; now: number; campaigns: CampaignFigures[]; total: CampaignFigures; agents: AgentFigures[]; hours: HourFigures[] }

export interface RecordedCall { from_visitor: boolean; agent: number | null; video: boolean; asked_at: number; accepted_at: number | null; ended_at: number | null; why: string | null }

export type Push =
  | { push: 'chat'; view: ChatView }
  | { push: 'message'; chat: string; message: Message }
  | { push: 'note'; chat: string; note: Note }
  | { push: 'typing'; chat: string; on: boolean }
  | { push: 'seen'; chat: string; delivered: number; read: number }
  | { push: 'gone'; chat: string; reason: string }
  | { push: 'call'; chat: string; call: Call | null; why?: string | null }
  | { push: 'signal'; chat: string; signal: string }
  | { push: 'waiting'; campaign: number; total: number; chats: ChatView[] }
  | { push: 'me'; me: Me }
  | { push: 'campaigns'; campaigns: DeskCampaign[] };

export interface Problem { field: string; value?: unknown; expected?: string }
export interface Pending { key: string; text: string; at: number; kind: 'message' | 'note'; failed: string | null }

// Administration. The draft is the server's campaign draft; a number may be a text while it is being typed.

export type Texts = Record<string, string>;
export interface Range { day: string; start: string; end: string }
export interface Hours { start: string; end: string }
export interface ScheduleException { date: string; ranges: Hours[]; name?: string }
export interface Schedule { always?: boolean; zone?: string; ranges?: Range[]; exceptions?: ScheduleException[] }
export interface ExtraField { visible: boolean; required: boolean; label: Texts; pattern: string }
export interface CampaignDraft {
  name: string; enabled: boolean; mode: string; order: string; penalty_tiers: boolean; offer_timeout: number; pause_after_lapses: number; weight: number;
  answer_within: number; target_percent: number; schedule: Schedule; on_close: string; default_language: string;
  welcome: Texts; out_of_time: Texts; not_available: Texts; feedback: Texts; automatic: Texts; alias: Texts;
  agent_cap: number; quality_model: number; dropout: number; time_chat: number; acd: number; max_chats: number; no_waiting: boolean;
  time_out: number; auto_finish: number; waiting_floor: number; colour: string; show_agent_name: boolean; feedback_form: boolean; require_email: boolean; media: boolean; files: FilesRule;
  offline_message: boolean; offline_address: string; offline_when_full: boolean; transcript_by_mail: boolean; notice_addresses: string[]; notice_cleared: boolean; extra_field: ExtraField; allowed_domains: string[];
  when_empty: string; leave_when_empty_after: number; wrap_up: number; on_agent_lost: string; disposition_required: boolean; dispositions: string[][]; retention_days: number;
}
export interface FilesRule { allowed: boolean; max_kib: number; kinds: string[] }
export interface CampaignRow { campaign: number; settings: CampaignDraft; open: boolean; waiting: number; active: number; version?: string }
export interface Warning { field: string; code: string; text: string }
export interface Saved { campaign: number; version?: string; warnings?: Warning[] }
export interface SettingChange { field: string; old: unknown; new: unknown }
export interface CampaignChange { number: number; at: number; by: string | null; changes: SettingChange[] }
export interface CampaignHistory { revisions: CampaignChange[]; names: Record<string, string>; next: number | null }
/** A save that came too late: the campaign as it is now, and what was changed since, the latest first. */
export interface Outdated { now: CampaignRow; since: CampaignChange[] }
export interface Visit {
  at: number; zone: string; open: boolean; next_change: number | null; refused: 'disabled' | 'out_of_time' | null; language: string; text: string | null; next_open_at: number | null; offline_form: boolean;
}
/** A draft tried out. `window` is what the visitor's window would be told. */
export interface Trial { warnings: Warning[]; window: any; texts: { welcome: string | null; automatic: string | null; feedback: string | null; alias: string | null }; visit: Visit }
export interface ClosedDates { exceptions: ScheduleException[]; skipped: Problem[] }
export interface Member { agent: number; penalty: number; skills: string[] }
export interface Account { id: number; login: string; name: string; role: Role; agent: number | null; disabled: boolean; voice?: boolean }

export interface CannedResponse { shortcut: string; texts: Texts }

export interface TenantSettings { agent_cap: number | null; voice_membership_required: boolean; agent_grace: number; transfer_timeout: number; text_chars: number }

export interface OwedMail { message: number; kind: 'offline' | 'transcript' | 'notice'; chat: string | null; alarm: 'service_level' | 'time_chat' | 'acd' | null; campaign: number; at: number; address: string; name: string | null; email: string | null; text: string | null; attempts: number; state: 'held' | 'due' | 'sending' | 'dead'; next_at: number | null; last_error: string | null }

export interface Webhook {
  webhook: number; url: string; events: string[]; enabled: boolean; state: 'idle' | 'retrying' | 'off'; behind: number; attempts: number; next_at: number | null; last_error: string | null;
  last_attempt: { at: number; outcome: string } | null; dead: number; secret?: string;
}
export interface DeadLetter { event: string; kind: string; at: number; error: string }

// Supervision.

export interface Share { part: number; of: number }
export interface FloorDay {
  since: number; offered: number; answered: number; answered_in_time: number; abandoned: number; abandoned_in_time: number; short_abandoned: number; timed_out: number; closed: number; flowed_out: number; waiting: number;
  refused: Record<string, number>; service_level: Share; service_level_with_abandoned: Share; service_level_strict: Share; abandon_rate: Share; mean_answer: number | null;
}
export interface FloorCard {
  campaign: number; name: string; colour: string; enabled: boolean; open: boolean; next_change: number | null; waiting: number; longest_since: number | null; active: number;
  staff: { members: number; signed_in: number; available: number; paused: number };
  limits: { answer_within: number | null; target_percent: number; dropout: number | null; time_chat: number | null; acd: number | null; max_chats: number | null; time_out: number | null };
  standing: { service_level: boolean; time_chat: number; acd: boolean; max_chats: boolean };
  in_time_today: Share; estimates: { scored: number; kept: number }; today: FloorDay; hour: { at: number; offered: number; answered: number; lost: number; refused: number }[];
}
export interface FloorAgent {
  agent: number; name: string; state: 'ready' | 'busy' | 'paused' | 'auto_paused' | 'on_call' | 'lost' | 'signed_out'; reason: string | null; lost_until: number | null; load: number; other_load: number; answered: number;
  seats: { campaign: number; place: number; penalty: number; why_not: string | null }[];
}
export interface FloorChat {
  chat: string; campaign: number; phase: 'waiting' | 'offered' | 'active' | 'transferring'; agent: number | null; to?: Destination; name?: string; email?: string; extra?: string; page?: string; language: string;
  connected: boolean; requested_at: number; since: number; last: number; priority: number; returned: boolean; late: boolean;
}
export interface FloorPush {
  push: 'floor'; now: number; first: boolean; more: boolean; live: number; campaigns?: FloorCard[]; campaigns_gone?: number[]; agents?: FloorAgent[]; agents_gone?: number[]; chats?: FloorChat[]; chats_gone?: string[];
}
export interface Admission { enabled: boolean; open: boolean; signed_in: number; waiting: number; max_chats: unknown }
export type WhyOutcome =
  | { kind: 'refused'; reason: string; admission: Admission }
  | { kind: 'admitted'; at_once: boolean; admission: Admission }
  | { kind: 'waiting'; because: { kind: 'closing' | 'disconnected' | 'pull' | 'nobody_eligible' | 'behind_others' }; position: number }
  | { kind: 'offered'; agent: number; lapses_at: number }
  | { kind: 'with_agent'; agent: number; since: number; to: Destination | null };
export interface Candidate { agent: number; why_not: string | null; rank: number | null; place: number; penalty: number; load: number; load_anywhere: number; answered_today: number; last_served: number | null }
export interface Why {
  explanation: { at: number; campaign: number; chat: string | null; outcome: WhyOutcome; strategy: { mode: string; order: string }; candidates: { members: number; eligible: number; why_not: Record<string, number>; listed: Candidate[] } | null };
  candidate: Candidate | null;
}
export interface Act {
  number: number; at: number; by: number; chat: string | null; campaign: number | null; agent: number | null;
  what: 'watched' | 'whispered' | 'took_over' | 'assigned' | 'moved' | 'closed' | 'evaluated' | 'paused' | 'resumed' | 'signed_out' | 'set_members';
}
export interface Acts { acts: Act[]; names: Record<number, string>; next: number | null }

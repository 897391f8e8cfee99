// The shapes of docs/protocol.md that the console reads.

export type Role = 'agent' | 'supervisor' | 'administrator';
export interface User { id: number; login: string; name: string; role: Role; agent: number | null }
export interface SessionBody { user: User; csrf: string }

export interface Me { agent: number; name: string; signed_in: boolean; paused: string | null; on_call: boolean }
export interface DeskCampaign {
  campaign: number; name: string; colour: string; pull: boolean; cap: number | null;
  answer_within: number | null; time_chat: number | null; open: boolean; why_not: string | null;
  dispositions?: string[][]; disposition_required?: boolean;
}
export interface Colleague { agent: number; name: string; signed_in?: boolean }

export interface Visitor { name?: string | null; email?: string | null; extra?: string | null; language?: string | null; page?: string | null }
export type Destination = { agent?: number; campaign?: number };
export type Phase =
  | { kind: 'waiting' }
  | { kind: 'offered'; agent: number; lapses_at: number | null }
  | { kind: 'active' }
  | { kind: 'transferring'; to: Destination; lapses_at: number | null };
export interface ChatView {
  chat: string; campaign: number; phase: Phase; visitor: Visitor; connected: boolean; requested_at: number; since: number;
  owner: number | null; participants: number[]; last: number; delivered: number; read: number; priority: number; returned: boolean;
}
export interface Author { kind: 'visitor' | 'agent' | 'system' | 'bot'; name?: string | null; agent?: number | null }
export interface Message {
  number: number; at: number; author: Author; text: string; code: string | null; automatic: boolean; key: string | null;
}
export interface Note { agent: number; name: string; text: string; at: number; key?: string | null; whisper?: boolean }
export interface WaitingList { campaign: number; total: number; chats: ChatView[] }
export interface HelloAnswer {
  now?: number; me: Me; campaigns: DeskCampaign[]; agents: Colleague[]; chats: ChatView[]; waiting: WaitingList[];
}
export interface HistoryAnswer { messages: Message[]; notes?: Note[]; last: number }

export type Push =
  | { push: 'chat'; view: ChatView }
  | { push: 'message'; chat: string; message: Message }
  | { push: 'note'; chat: string; note: Note }
  | { push: 'typing'; chat: string; on: boolean }
  | { push: 'seen'; chat: string; delivered: number; read: number }
  | { push: 'gone'; chat: string; reason: string }
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
  time_out: number; auto_finish: number; waiting_floor: number; colour: string; show_agent_name: boolean; feedback_form: boolean; require_email: boolean; media: boolean;
  offline_message: boolean; offline_address: string; offline_when_full: boolean; extra_field: ExtraField; allowed_domains: string[];
  when_empty: string; leave_when_empty_after: number; wrap_up: number; on_agent_lost: string; disposition_required: boolean; dispositions: string[][]; retention_days: number;
}
export interface CampaignRow { campaign: number; settings: CampaignDraft; open: boolean; waiting: number; active: number }
export interface Warning { field: string; code: string; text: string }
export interface Saved { campaign: number; warnings?: Warning[] }
export interface Member { agent: number; penalty: number; skills: string[] }
export interface Account { id: number; login: string; name: string; role: Role; agent: number | null; disabled: boolean; voice?: boolean }

export interface OwedMail { message: number; campaign: number; at: number; address: string; name: string | null; email: string | null; text: string; attempts: number; state: 'due' | 'sending' | 'dead'; next_at: number | null; last_error: string | null }

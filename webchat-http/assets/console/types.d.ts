// The shapes of docs/protocol.md that the console reads.

export type Role = 'agent' | 'supervisor' | 'administrator';
export interface User { id: number; login: string; name: string; role: Role; agent: number | null }
export interface SessionBody { user: User; csrf: string }

export interface Me { agent: number; name: string; signed_in: boolean; paused: string | null; on_call: boolean }
export interface DeskCampaign {
  campaign: number; name: string; colour: string; pull: boolean; cap: number | null;
  answer_within: number | null; time_chat: number | null; open: boolean; why_not: string | null;
}
export interface Colleague { agent: number; name: string }

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
export interface Note { agent: number; name: string; text: string; at: number; key?: string | null }
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

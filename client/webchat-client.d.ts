// Types of webchat-client.js. Messages as `GET /api/v1/messages.json` describes them.

export interface Message {
  number: number;
  /** Milliseconds since 1970 UTC. */
  at: number;
  author: { kind: 'visitor' | 'agent' | 'system' | 'bot'; name?: string; agent?: number };
  text: string;
  code: string | null;
  automatic: boolean;
  key: string | null;
  file?: { id: string; kind: string; mime: string; bytes: number };
}

export interface VisitorChat {
  chat: string;
  campaign: number;
  phase: 'waiting' | 'active';
  /** 1-based; 0 while an agent is asked; null when active. */
  position: number | null;
  /** Seconds; null when unknown. */
  estimate: number | null;
  agent: string | null;
  language: string;
  last: number;
  delivered: number;
  read: number;
}

export interface Ended {
  chat: string;
  reason: string;
  text: string | null;
  next_open_at?: number;
  offline_form?: boolean;
  feedback: { text: string; form: boolean; until: number } | null;
}

export interface Refused {
  code: 'out_of_time' | 'queue_full' | 'no_agents' | 'disabled';
  text: string;
  next_open_at: number | null;
  offline_form: boolean;
}

export interface Form {
  name?: string;
  email?: string;
  extra?: string;
  page?: string;
  identity?: { id: string; name?: string; email?: string; expires: number; signature: string };
}

export interface Written {
  number: number;
  at: number;
}

export class Refusal extends Error {
  /** Stable; see docs/protocol.md. `closed` when the socket ended for good. */
  code: string;
  field?: string;
  expected?: string;
  /** Until the same request may do. */
  seconds?: number;
}

interface Common {
  open: unknown;
  lost: { code: number };
  end: Refusal;
}

export interface VisitorPushes extends Common {
  message: { chat: string; message: Message };
  state: { view: VisitorChat };
  typing: { chat: string; on: boolean };
  seen: { chat: string; delivered: number; read: number };
  closed: Ended;
}

export interface Hello {
  token: string;
  chat: VisitorChat | null;
  messages: Message[];
  ended: Ended | null;
}

export class VisitorClient {
  constructor(options: {
    server: string;
    campaign: number;
    /** Of an earlier connection; keep it in `localStorage`. */
    token?: string | null;
    language?: string;
    page?: string;
    /** Another implementation, for programs. */
    WebSocket?: unknown;
    headers?: Record<string, string>;
  });
  /** The visitor's secret, once connected. */
  token: string | null;
  /** The live chat, as told last. */
  chat: VisitorChat | null;
  on<Name extends keyof VisitorPushes>(name: Name, handler: (what: VisitorPushes[Name]) => void): () => void;
  connect(): Promise<Hello>;
  start(form?: Form): Promise<{ chat?: VisitorChat; refused?: Refused }>;
  /** Resolves when the message is on disk. The same key is stored once. */
  write(text: string, key?: string): Promise<Written>;
  typing(on: boolean): void;
  read(number: number): void;
  end(): Promise<object>;
  feedback(chat: string, score: 1 | 2 | 3 | 4 | 5, note?: string): Promise<object>;
  leaveMessage(message: { email: string; text: string; name?: string; extra?: string }, key?: string): Promise<{ receipt: string }>;
  ask(name: string, fields?: object): Promise<any>;
  close(): void;
}

export interface AgentChat {
  chat: string;
  campaign: number;
  phase: { kind: 'waiting' | 'offered' | 'active' | 'transferring'; lapses_at?: number };
  visitor: { name: string | null; email: string | null; extra: string | null; language: string; page: string | null; identity: string | null };
  connected: boolean;
  requested_at: number;
  since: number;
  owner: number | null;
  participants: number[];
  last: number;
  delivered: number;
  read: number;
}

export interface AgentPushes extends Common {
  chat: { view: AgentChat };
  message: { chat: string; message: Message };
  note: { chat: string; note: { agent: number; name: string; text: string; at: number; whisper: boolean } };
  typing: { chat: string; on: boolean };
  seen: { chat: string; delivered: number; read: number };
  gone: { chat: string; reason: string };
  waiting: { campaign: number; total: number; chats: AgentChat[] };
  me: { me: { agent: number; name: string; signed_in: boolean; paused: string | null; on_call: boolean } };
}

export class AgentClient {
  constructor(options: { server: string; WebSocket?: unknown; headers?: Record<string, string> });
  static signIn(options: { server: string; login: string; password: string; WebSocket?: unknown }): Promise<AgentClient>;
  /** The agent's chats by id, as told last. */
  chats: Map<string, AgentChat>;
  on<Name extends keyof AgentPushes>(name: Name, handler: (what: AgentPushes[Name]) => void): () => void;
  connect(): Promise<any>;
  write(chat: string, text: string, key?: string): Promise<Written>;
  note(chat: string, text: string, key?: string): Promise<object>;
  take(chat: string): Promise<{ chat: AgentChat }>;
  accept(chat: string): Promise<{ chat: AgentChat }>;
  refuse(chat: string): Promise<object>;
  history(chat: string, after?: number): Promise<{ messages: Message[]; notes: object[]; last: number }>;
  endChat(chat: string, disposition?: string[]): Promise<object>;
  transfer(chat: string, to: { agent: number } | { campaign: number }): Promise<object>;
  pause(reason: string): Promise<object>;
  resume(): Promise<object>;
  typing(chat: string, on: boolean): void;
  read(chat: string, number: number): void;
  signOut(force?: boolean): Promise<object>;
  ask(name: string, fields?: object): Promise<any>;
  close(): void;
}

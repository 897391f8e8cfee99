// The part of the bundled libraries that the console uses, as types.

export interface VNode { readonly type: unknown; readonly props: unknown; readonly key: unknown }
export type Child = VNode | string | number | boolean | null | undefined | Child[];

export function h(type: unknown, props?: object | null, ...children: Child[]): VNode;
export function html(parts: TemplateStringsArray, ...values: unknown[]): VNode;
export function render(what: Child, into: Element): void;
export function Fragment(props: { children?: Child }): VNode;

export interface Ref<T> { current: T | null }
export interface Cell<T> { current: T }
export function useState<T>(first: T | (() => T)): [T, (next: T | ((was: T) => T)) => void];
export function useEffect(run: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useLayoutEffect(run: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useRef<T>(first: T): Cell<T>;
export function useMemo<T>(make: () => T, inputs: readonly unknown[]): T;
export function useCallback<T extends (...args: never[]) => unknown>(call: T, inputs: readonly unknown[]): T;
export function useId(): string;

export interface ReadonlySignal<T> { readonly value: T; peek(): T; subscribe(run: (value: T) => void): () => void }
export interface Signal<T> extends ReadonlySignal<T> { value: T }
export function signal<T>(first: T): Signal<T>;
export function computed<T>(make: () => T): ReadonlySignal<T>;
export function effect(run: () => void | (() => void)): () => void;
export function batch<T>(run: () => T): T;
export function untracked<T>(run: () => T): T;
export function useSignal<T>(first: T): Signal<T>;
export function useComputed<T>(make: () => T): ReadonlySignal<T>;
export function useSignalEffect(run: () => void | (() => void)): void;

// Draws a form for each route of the server's own description and sends it. No third party is asked for anything.

/** @typedef {{ type?: string | string[], $ref?: string, properties?: Record<string, Schema>, items?: Schema, anyOf?: Schema[], oneOf?: Schema[], default?: unknown, enum?: unknown[], const?: unknown, description?: string, required?: string[] }} Schema */
/** @typedef {{ name: string, in: string, required: boolean, schema: Schema, description?: string }} Parameter */
/** @typedef {{ summary: string, operationId: string, tags: string[], parameters: Parameter[], requestBody?: { content: Record<string, { schema: Schema }> }, security: Record<string, unknown>[] }} Operation */

/** @type {HTMLElement} */
const routes = find('#routes');
const key = /** @type {HTMLInputElement} */ (find('#key'));
/** @type {Record<string, Schema>} */
let known = {};

/** @param {string} selector @returns {HTMLElement} */
function find(selector) {
  const found = document.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`${selector} is not on the page`);
  return found;
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Partial<HTMLElementTagNameMap[T]>} [settings]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function make(tag, settings = {}, ...children) {
  const element = Object.assign(document.createElement(tag), settings);
  element.append(...children);
  return element;
}

/** An example of what a schema describes, to start from. @param {Schema | undefined} schema @param {number} [depth] @returns {unknown} */
function example(schema, depth = 0) {
  if (!schema || depth > 6) return null;
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.$ref) return example(known[schema.$ref.split('/').pop() ?? ''], depth + 1);
  const choice = (schema.anyOf ?? schema.oneOf)?.[0];
  if (choice) return example(choice, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object' || schema.properties) {
    const wanted = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name));
    return Object.fromEntries(wanted.map(([name, part]) => [name, example(part, depth + 1)]));
  }
  if (type === 'array') return [];
  return type === 'integer' || type === 'number' ? 0 : type === 'boolean' ? false : '';
}

/** @returns {Promise<string>} the session's token; empty when nobody is signed in */
async function token() {
  const answer = await fetch('/api/v1/session', { cache: 'no-store' });
  return answer.ok ? (await answer.json()).csrf : '';
}

/** @param {string} method @param {string} path @param {Operation} operation */
function form(method, path, operation) {
  const output = make('output');
  const fields = operation.parameters.map((parameter) => {
    const input = make('input', { name: parameter.name, required: parameter.required, autocomplete: 'off' });
    return { parameter, input, label: make('label', {}, `${parameter.name}${parameter.required ? '' : ' (optional)'}`, input, make('small', {}, parameter.description ?? '')) };
  });
  const kind = Object.keys(operation.requestBody?.content ?? {})[0];
  const body = kind === 'application/json'
    ? make('textarea', { spellcheck: false, value: JSON.stringify(example(operation.requestBody?.content[kind].schema), null, 2), ariaLabel: 'Body' }) : null;
  const send = async () => {
    const query = new URLSearchParams();
    let to = path;
    /** @type {Record<string, string>} */
    const headers = key.value ? { authorization: `Bearer ${key.value}` } : {};
    for (const { parameter, input } of fields) {
      if (!input.value) continue;
      if (parameter.in === 'path') to = to.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (parameter.in === 'header') headers[parameter.name] = input.value;
      else query.set(parameter.name, input.value);
    }
    if (body) headers['content-type'] = kind;
    if (method !== 'GET' && !key.value) headers['x-csrf-token'] = await token();
    const begun = performance.now();
    const answer = await fetch(query.size ? `${to}?${query}` : to, { method, headers, body: body?.value, credentials: key.value ? 'omit' : 'same-origin', cache: 'no-store' });
    let text = await answer.text();
    try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* shown as it came */ }
    const status = make('b', { className: answer.ok ? 'good' : 'bad' }, `${answer.status} ${answer.statusText}, ${Math.round(performance.now() - begun)} ms`);
    output.replaceChildren(status, make('pre', { tabIndex: 0 }, text || 'no body'));
  };
  const page = make('form', {
    onsubmit: (event) => {
      event.preventDefault();
      send().catch((error) => output.replaceChildren(make('b', { className: 'bad' }, String(error))));
    },
  }, ...fields.map(({ label }) => label), ...(body ? [make('label', {}, kind, body)] : []), make('button', {}, 'Send'), output);
  return page;
}

async function show() {
  const answer = await fetch('/api/v1/openapi.json');
  /** @type {{ paths: Record<string, Record<string, Operation>>, components: { schemas: Record<string, Schema> } }} */
  const description = await answer.json();
  known = description.components.schemas;
  /** @type {Map<string, HTMLElement[]>} */
  const rooms = new Map();
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const name = method.toUpperCase();
      const line = make('summary', {}, make('b', {}, name), make('code', {}, path), make('span', {}, operation.summary));
      const route = make('details', { id: operation.operationId }, line);
      // Forms are drawn when they are opened: most never are.
      route.addEventListener('toggle', () => route.open && route.childElementCount === 1 && route.append(form(name, path, operation)));
      rooms.set(operation.tags[0], [...rooms.get(operation.tags[0]) ?? [], route]);
    }
  }
  routes.replaceChildren(...[...rooms].map(([room, all]) => make('section', {}, make('h2', {}, room), ...all)));
}

find('#find').addEventListener('input', (event) => {
  const words = /** @type {HTMLInputElement} */ (event.target).value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const section of routes.querySelectorAll('section')) {
    for (const route of section.querySelectorAll('details')) {
      const text = route.querySelector('summary')?.textContent?.toLowerCase() ?? '';
      route.hidden = !words.every((word) => text.includes(word));
    }
    section.hidden = !section.querySelector('details:not([hidden])');
  }
});

show().catch((error) => routes.replaceChildren(make('p', {}, `The description could not be read: ${error}`)));

// Draws a form for each route of the server's own description and sends it. No third party is asked for anything.

/** @typedef {{ type?: string | string[], $ref?: string, properties?: Record<string, Schema>, items?: Schema, anyOf?: Schema[], oneOf?: Schema[], additionalProperties?: Schema | boolean, default?: unknown, enum?: unknown[], const?: unknown, description?: string, required?: string[] }} Schema */
/** @typedef {{ name: string, in: string, required: boolean, schema: Schema, description?: string }} Parameter */
/** @typedef {Record<string, { schema?: Schema }>} Content */
/** @typedef {{ summary: string, operationId: string, tags: string[], parameters: Parameter[], requestBody?: { content: Content }, responses: Record<string, { description?: string, content?: Content }>, security: Record<string, unknown>[] }} Operation */

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

/** What a reference leads to. @param {Schema} schema @returns {Schema} */
const meant = (schema) => (schema.$ref ? known[schema.$ref.split('/').pop() ?? ''] ?? {} : schema);

/** The choices of a schema, but for null. @param {Schema} schema */
const choices = (schema) => (schema.anyOf ?? schema.oneOf ?? []).filter((choice) => meant(choice).type !== 'null');

/** The words to choose from, if there are only so many. @param {Schema} schema @returns {unknown[]} */
function options(schema) {
  const here = meant(schema);
  if (here.const !== undefined) return [here.const];
  if (here.type === 'boolean') return [true, false];
  const each = here.enum ?? choices(here).map(options).filter((words) => words.length > 0).flat();
  return here.enum || choices(here).every((choice) => options(choice).length > 0) ? each : [];
}

/** A sentence, with its code as such. @param {string} text */
const prose = (text) => make('span', {}, ...text.split('`').map((part, place) => (place % 2 ? make('code', {}, part) : part)));

/** What a schema holds, in a few words. @param {Schema | undefined} schema @returns {string} */
function kind(schema) {
  if (!schema) return '';
  const here = meant(schema);
  if (here.const !== undefined) return JSON.stringify(here.const);
  if (here.enum) return here.enum.map((one) => JSON.stringify(one)).join(' | ');
  const several = choices(here);
  if (several.length > 0) return [...new Set(several.map(kind))].join(' | ');
  const type = Array.isArray(here.type) ? here.type.filter((one) => one !== 'null').join(' | ') : here.type;
  if (type === 'array') return here.items ? `list of ${kind(here.items)}` : 'list';
  return type ?? (here.properties ? 'object' : 'anything');
}

/** The object a schema is about: itself, what its list holds, its only choice. @param {Schema | undefined} schema @returns {Schema | undefined} */
function inner(schema) {
  if (!schema) return undefined;
  const here = meant(schema);
  if (here.properties) return here;
  const several = choices(here);
  if (several.length === 1) return inner(several[0]);
  const held = here.items ?? (typeof here.additionalProperties === 'object' ? here.additionalProperties : undefined);
  return held && inner(held);
}

/** The fields of an object, each with what it holds; what they hold in turn is drawn when it is opened. @param {Schema} schema @returns {HTMLElement} */
function shape(schema) {
  return make('ul', { className: 'shape' }, ...Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const notes = [kind(field), schema.required?.includes(name) ? '' : 'optional', field.default === undefined || field.default === null ? '' : `default ${JSON.stringify(field.default)}`];
    const line = [make('code', {}, name), ' ', make('i', {}, notes.filter(Boolean).join(', ')), prose(field.description ?? meant(field).description ?? '')];
    const part = inner(field);
    return make('li', {}, ...(part ? [unfold(line, () => shape(part))] : line));
  }));
}

/** A line that opens into what is drawn then. @param {(Node | string)[]} line @param {() => Node} draw */
function unfold(line, draw) {
  const part = make('details', {}, make('summary', {}, ...line));
  part.addEventListener('toggle', () => part.open && part.childElementCount === 1 && part.append(draw()));
  return part;
}

/** What a body holds, for those who want to know. @param {string} title @param {Content | undefined} content */
function holds(title, content) {
  const [type, media] = Object.entries(content ?? {})[0] ?? [];
  const part = inner(media?.schema);
  const line = [title, ' ', make('i', {}, type === 'application/json' ? kind(media?.schema) : type ?? 'no body')];
  return part ? unfold(line, () => shape(part)) : make('p', {}, ...line);
}

/** @returns {Promise<{ csrf: string, user?: { name: string, role: string } }>} the session; empty when nobody is signed in */
async function session() {
  const answer = await fetch('/api/v1/session', { cache: 'no-store' });
  return answer.ok ? answer.json() : { csrf: '' };
}

async function tellWho() {
  const { user } = key.value ? { user: undefined } : await session();
  const door = make('a', { href: '/console/' }, 'console');
  find('#who').replaceChildren(...(key.value ? ['Asking with the API key.'] : user ? [`Asking as ${user.name}, ${user.role}.`] : ['Nobody is signed in: sign in at the ', door, ', or paste a key.']));
}

/** @param {string} method @param {string} path @param {Operation} operation */
function form(method, path, operation) {
  const output = make('output');
  const fields = operation.parameters.map((parameter) => {
    const words = options(parameter.schema);
    const settings = { name: parameter.name, required: parameter.required };
    const input = words.length ? make('select', settings, ...['', ...words].map((word) => make('option', {}, String(word)))) : make('input', { ...settings, autocomplete: 'off' });
    const says = parameter.description ?? meant(parameter.schema).description ?? '';
    const name = make('span', {}, make('code', {}, parameter.name), ` ${[words.length ? '' : kind(parameter.schema), parameter.required ? '' : 'optional'].filter(Boolean).join(', ')}`);
    return { parameter, input, label: make('label', { title: says }, name, input) };
  });
  const type = Object.keys(operation.requestBody?.content ?? {})[0];
  const body = type === 'application/json'
    ? make('textarea', { spellcheck: false, value: JSON.stringify(example(operation.requestBody?.content[type].schema), null, 2), ariaLabel: 'Body' }) : null;
  const file = type && !body ? make('input', { type: 'file', required: true, ariaLabel: 'File' }) : null;
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
    if (type) headers['content-type'] = type;
    if (method !== 'GET' && !key.value) headers['x-csrf-token'] = (await session()).csrf;
    const begun = performance.now();
    const answer = await fetch(query.size ? `${to}?${query}` : to, { method, headers, body: body?.value ?? file?.files?.[0], credentials: key.value ? 'omit' : 'same-origin', cache: 'no-store' });
    let text = await answer.text();
    try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* shown as it came */ }
    const status = make('b', { className: answer.ok ? 'good' : 'bad' }, `${answer.status} ${answer.statusText}, ${Math.round(performance.now() - begun)} ms`);
    output.replaceChildren(status, make('pre', { tabIndex: 0 }, text || 'no body'));
    if (path === '/api/v1/session') await tellWho();
  };
  const answers = Object.entries(operation.responses).filter(([status]) => !status.endsWith('XX'));
  const shapes = make('div', { className: 'shapes' }, ...(body ? [holds('Takes', operation.requestBody?.content)] : []),
    ...answers.map(([status, answer]) => holds(`Answers ${status}`, answer.content)));
  if (operation.responses['101']) {
    return make('div', { className: 'socket' }, 'A WebSocket; its requests and pushes are in ', make('a', { href: '/api/v1/messages.json' }, 'messages.json'), '.');
  }
  const page = make('form', {
    onsubmit: (event) => {
      event.preventDefault();
      send().catch((error) => output.replaceChildren(make('b', { className: 'bad' }, String(error))));
    },
  }, shapes, make('div', { className: 'fields' }, ...fields.map(({ label }) => label)), ...(body ?? file ? [make('label', {}, type, /** @type {HTMLElement} */ (body ?? file))] : []), make('button', {}, 'Send'), output);
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
      const line = make('summary', {}, make('b', { className: method }, name), make('code', {}, path), prose(operation.summary));
      const route = make('details', { id: operation.operationId }, line);
      // Forms are drawn when they are opened: most never are.
      route.addEventListener('toggle', () => route.open && route.childElementCount === 1 && route.append(form(name, path, operation)));
      rooms.set(operation.tags[0], [...rooms.get(operation.tags[0]) ?? [], route]);
    }
  }
  routes.replaceChildren(...[...rooms].map(([room, all]) => make('section', {}, make('h2', {}, room), ...all)));
  // An address may name a route.
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) {
    named.open = true;
    named.scrollIntoView();
  }
}

find('#find').addEventListener('input', (event) => {
  const words = /** @type {HTMLInputElement} */ (event.target).value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const section of routes.querySelectorAll('section')) {
    for (const route of section.querySelectorAll(':scope > details')) {
      const text = route.querySelector('summary')?.textContent?.toLowerCase() ?? '';
      /** @type {HTMLElement} */ (route).hidden = !words.every((word) => text.includes(word));
    }
    section.hidden = !section.querySelector(':scope > details:not([hidden])');
  }
});

key.addEventListener('change', () => void tellWho());
find('.asker').addEventListener('submit', (event) => event.preventDefault());
tellWho().catch(() => {});
show().catch((error) => routes.replaceChildren(make('p', {}, `The description could not be read: ${error}`)));

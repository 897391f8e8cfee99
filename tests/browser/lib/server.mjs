// The reference server itself, started on a folder of its own, stopped, killed and started again.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const binary = process.env.WEBCHAT_SERVER ?? new URL('../../../target/debug/server', import.meta.url).pathname;

/** A port nobody listens on at the moment. */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export class Server {
  /** All it wrote to its log, over all its starts. */
  log = '';

  /**
   * Starts the server with its demo data, and stops it and removes its folder when the test is over.
   * @param {import('node:test').TestContext} t
   * @param {string[]} [flags] besides those every test needs
   */
  static async demo(t, flags = []) {
    const server = await Server.make(t, flags);
    await server.start();
    return server;
  }

  /**
   * The same, before it is started.
   * @param {import('node:test').TestContext} t
   * @param {string[]} [flags]
   */
  static async make(t, flags = []) {
    const server = new Server();
    server.flags = flags;
    server.folder = await mkdtemp(join(tmpdir(), 'webchat-'));
    server.port = await freePort();
    t.after(async () => {
      await server.kill();
      await rm(server.folder, { recursive: true });
    });
    return server;
  }

  /** Writes a settings file for the next start. */
  async settings(text) {
    const file = join(this.folder, 'settings.toml');
    await writeFile(file, text);
    this.flags = [...this.flags, '--config', file];
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves when it says that it is ready, with what it printed until then. */
  async start() {
    const flags = ['--demo', '--data', this.folder, '--listen', `127.0.0.1:${this.port}`, ...this.flags];
    this.process = spawn(binary, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => this.process.once('exit', (code, signal) => resolve({ code, signal })));
    this.process.stderr.on('data', (part) => (this.log += part));
    this.printed = [];
    for await (const line of createInterface(this.process.stdout)) {
      this.printed.push(line);
      if (line.startsWith('Stop with')) return this.printed;
    }
    throw new Error(`the server did not start:\n${this.log}`);
  }

  /** The password the demo prints for a user. */
  password(login) {
    const line = this.printed.find((line) => line.includes(` ${login} / `));
    return line?.match(/ \/ (\S+)/)?.[1] ?? '';
  }

  /** SIGKILL: nothing is flushed, nobody is told. */
  async kill() {
    this.process?.kill('SIGKILL');
    await this.ended;
  }

  /** SIGTERM, as an operator or Ctrl-C does it. */
  async stop() {
    this.process.kill('SIGTERM');
    return this.ended;
  }

  /**
   * Calls the REST interface as a signed-in user.
   * @param {string} login
   */
  async signIn(login) {
    const { url } = this;
    const answer = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ login, password: this.password(login) }),
    });
    if (!answer.ok) throw new Error(`${login} was not let in: ${answer.status} ${await answer.text()}`);
    const cookie = answer.headers.get('set-cookie').split(';')[0];
    const { csrf } = await answer.json();
    return async (method, path, body) => {
      const reply = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { 'content-type': 'application/json', 'x-csrf-token': csrf, cookie, origin: url },
        body: body && JSON.stringify(body),
      });
      const text = await reply.text();
      if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
      return text ? JSON.parse(text) : null;
    };
  }
}

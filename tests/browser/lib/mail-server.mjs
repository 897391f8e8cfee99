// The mail server of webchat-mail's tests, started for a test in the browser.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { within } from './wait.mjs';

const script = new URL('../../../webchat-mail/tests/smtp_server.py', import.meta.url).pathname;

export class MailServer {
  /**
   * Starts it, and stops it when the test is over. Without it the test fails.
   * @param {import('node:test').TestContext} t
   * @param {string[]} [faults] what the attempts meet, in order; see the script
   */
  static async start(t, faults = []) {
    const server = new MailServer();
    const python = process.env.PYTHON ?? '/usr/bin/python3';
    const running = spawn(python, [script, ...faults.flatMap((fault) => ['--fault', fault])], { stdio: ['ignore', 'pipe', 'pipe'] });
    running.stderr.pipe(process.stderr);
    t.after(() => running.kill());
    server.lines = createInterface(running.stdout)[Symbol.asyncIterator]();
    server.port = await server.next('port');
    return server;
  }

  /** The flags that make the server under test use it. */
  get flags() {
    return ['--mail-host', 'localhost', '--mail-port', `${this.port}`, '--mail-security', 'none', '--mail-from', 'Webchat <webchat@example.com>'];
  }

  /**
   * The next event of this kind.
   * @param {'port' | 'tried' | 'mail'} kind
   */
  async next(kind) {
    for (;;) {
      const { value, done } = await within(this.lines.next(), `${kind} from the mail server`);
      if (done) throw new Error(`the mail server ended before ${kind}; is python3-aiosmtpd installed?`);
      const event = JSON.parse(value);
      if (kind in event) return event[kind];
    }
  }
}

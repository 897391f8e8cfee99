// A relay for calls: Debian's coturn on loopback, started for a test and stopped with it.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';

/** A UDP port nobody uses at the moment. */
async function freePort() {
  const probe = createSocket('udp4');
  await new Promise((bound) => probe.bind(0, '127.0.0.1', bound));
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  return port;
}

export class Relay {
  /**
   * Starts one, and stops it when the test is over. Without it the test fails.
   * @param {import('node:test').TestContext} t
   * @param {{ secret?: string, ahead?: string }} [how] the secret it shares with the server, and how far ahead its clock is
   */
  static async start(t, { secret = 'north-star', ahead } = {}) {
    const relay = new Relay();
    Object.assign(relay, { secret, ahead });
    relay.folder = await mkdtemp(join(tmpdir(), 'relay-'));
    relay.port = await freePort();
    t.after(async () => {
      await relay.stop();
      await rm(relay.folder, { recursive: true });
    });
    await relay.run();
    return relay;
  }

  async run() {
    const lines = [
      `listening-ip=127.0.0.1`, `relay-ip=127.0.0.1`, `listening-port=${this.port}`, 'min-port=49200', 'max-port=49999', 'realm=example.com', 'use-auth-secret', `static-auth-secret=${this.secret}`,
      'allow-loopback-peers', 'no-tls', 'no-dtls', 'no-cli', 'no-tcp-relay', 'no-rfc5780', 'no-software-attribute', 'log-file=stdout', `pidfile=${join(this.folder, 'pid')}`, `userdb=${join(this.folder, 'db')}`,
    ];
    const file = join(this.folder, 'turnserver.conf');
    await writeFile(file, lines.join('\n'));
    const env = this.ahead ? { ...process.env, LD_PRELOAD: await faketime(), FAKETIME: this.ahead, FAKETIME_DONT_FAKE_MONOTONIC: '1' } : process.env;
    this.process = spawn('turnserver', ['-c', file], { stdio: ['ignore', 'pipe', 'pipe'], env });
    this.log = '';
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', (part) => (this.log += part));
    this.ended = new Promise((resolve) => this.process.once('close', resolve).once('error', resolve));
    for (let i = 0; !(await this.#answers()); i++) {
      if (i > 50) throw new Error(`the relay did not start; is coturn installed?\n${this.log}`);
      await after(100);
    }
  }

  async stop() {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  /** The flags that make the server under test use nothing else; `secret` is what it takes for the shared one. */
  async flags(secret = this.secret) {
    const file = join(this.folder, 'webchat.toml');
    await writeFile(file, `[calls]\nturn = ["turn:127.0.0.1:${this.port}?transport=udp"]\nsecret = "${secret}"\nrelay_only = true\n`);
    return ['--config', file];
  }

  /** Whether it answers a STUN binding request. */
  async #answers() {
    const socket = createSocket('udp4');
    try {
      const request = Buffer.alloc(20);
      request.writeUInt16BE(1, 0);
      request.writeUInt32BE(0x2112a442, 4);
      const heard = new Promise((yes) => socket.once('message', () => yes(true)).once('error', () => yes(false)));
      socket.send(request, this.port, '127.0.0.1');
      return await Promise.race([heard, after(500, false)]);
    } finally {
      socket.close();
    }
  }
}

/** Where Debian has the library that gives a program another clock. */
async function faketime() {
  for (const folder of await readdir('/usr/lib')) {
    const found = await readdir(`/usr/lib/${folder}/faketime`).catch(() => []);
    if (found.includes('libfaketimeMT.so.1')) return `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`;
  }
  throw new Error('libfaketime is not installed');
}

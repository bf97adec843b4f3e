// Starts the real server on a free port with a data directory of its own, and stops or kills it.
import { test as base, expect } from '@playwright/test';
import { ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..', '..');
const BINARY = process.env.FOLIOSTREAM_BINARY ?? join(ROOT, 'target/debug/foliostream');
export const TOKEN = 'end-to-end';

export type Quote = { ticker: string; price: string; previous_close?: string; currency?: string; time?: string };

export class Server {
  private child?: ChildProcess;
  private log = '';

  private constructor(readonly port: number, readonly dataDir: string, private readonly options: string[]) {}

  /** Starts a server; it answers when this returns. */
  static async start(...options: string[]): Promise<Server> {
    const server = new Server(await freePort(), mkdtempSync(join(tmpdir(), 'foliostream-')), options);
    await server.launch();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it again where it was: the same port and the same data. */
  async launch(): Promise<void> {
    const child = spawn(BINARY, ['--listen', `127.0.0.1:${this.port}`, '--data-dir', this.dataDir, '--site-dir', join(ROOT, 'target/site'),
      ...(this.options.includes('--max-streams-per-user') ? [] : ['--max-streams-per-user', '50']), '--drain-s', '0', '--ingest-token', TOKEN, '--log', 'warn', ...this.options], { cwd: ROOT });
    child.stderr.on('data', (chunk) => { this.log += chunk; });
    this.child = child;
    await expect.poll(async () => {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${this.log}`);
      return fetch(`${this.url}/readyz`).then((answer) => answer.status, () => 0);
    }, { timeout: 20_000, intervals: [50] }).toBe(200);
  }

  /** Kills it at once, as a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Ends it for good and removes its data. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }

  async push(...quotes: Quote[]): Promise<void> {
    const answer = await fetch(`${this.url}/api/v1/quotes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(quotes),
    });
    expect(answer.status, await answer.text()).toBe(202);
  }

  async post(path: string, body: unknown): Promise<any> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
    });
    const text = await answer.text();
    expect(answer.ok, text).toBe(true);
    return JSON.parse(text);
  }

  async delete(path: string): Promise<void> {
    const answer = await fetch(`${this.url}/api/v1${path}`, { method: 'DELETE' });
    if (!answer.ok) throw new Error(`DELETE ${path}: ${answer.status} ${await answer.text()}`);
  }

  async get(path: string): Promise<any> {
    return (await fetch(`${this.url}/api/v1${path}`)).json();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolvePort(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Options of the server a test runs against; `test.use({ serverOptions: [...] })` changes them. */
type Options = { serverOptions: string[] };
type Fixtures = { server: Server; complaints: string[] };

export const test = base.extend<Options & Fixtures>({
  serverOptions: [[], { option: true }],
  server: async ({ serverOptions }, use) => {
    const server = await Server.start(...serverOptions);
    await use(server);
    await server.stop();
  },
  // Every page's console must stay silent: a hydration mismatch, a refused script or a panic fails the test.
  complaints: [async ({ page }, use) => {
    const complaints: string[] = [];
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await use(complaints);
    expect(complaints.filter((text) => !EXPECTED.some((pattern) => pattern.test(text)))).toEqual([]);
  }, { auto: true }],
});

// What a browser says by itself when a server goes away or a form is refused.
const EXPECTED = [/Service Worker registration blocked/, /ERR_CONNECTION_REFUSED/, /ERR_INCOMPLETE_CHUNKED_ENCODING/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/, /status of 4\d\d/];

/** A portfolio in euros with one holding of each ticker, in a market that only moves when the test pushes. */
export async function quietPortfolio(server: Server): Promise<string> {
  await server.push(
    { ticker: 'AAPL', price: '150.00', previous_close: '145.00', currency: 'EUR' },
    { ticker: 'MSFT', price: '400.00', previous_close: '402.00', currency: 'EUR' },
  );
  const { portfolio_id } = await server.post('/portfolios', { name: 'Quiet', currency: 'EUR' });
  for (const [ticker, price] of [['AAPL', '140.00'], ['MSFT', '410.00']]) {
    await server.post(`/portfolios/${portfolio_id}/activities`, { kind: 'buy', time: '2026-01-05', ticker, quantity: '10', price });
  }
  return portfolio_id;
}

export const QUIET = ['--feed', 'none', '--no-demo'];
export { expect };

// The widget's rules that need no browser: who the visitor is, and what a refusal means.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { register } from 'node:module';
import { safeStorage } from '../shared/storage.js';
import { exclusively } from '../shared/exclusive.js';
import { kindOf, mayPass } from '../shared/refusals.js';
import { isComposing } from '../shared/keys.js';
import { Outbox } from '../shared/outbox.js';
import { uuidv7Maker } from '../shared/uuidv7.js';
import { Connection } from '../shared/connection.js';

// `shared/` is served below `/widget/`, but lies beside it.
register(`data:text/javascript,${encodeURIComponent(`
  export const resolve = (name, context, next) => {
    const url = /^\\.\\.?\\//.test(name) ? new URL(name, context.parentURL).href : name;
    return next(url.replace(/\\/console\\/widget\\/(shared|vendor)\\//, '/console/$1/'), context);
  };
`)}`);
const { Introduction } = await import('../widget/introduction.js');
const { Visitor } = await import('../widget/visitor.js');
const { PageMemory } = await import('../widget/page_memory.js');

/** A store of texts that tabs share. */
function sharedArea() {
  const texts = new Map();
  return {
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, text) => texts.set(key, text),
    removeItem: (key) => texts.delete(key),
    key: (i) => [...texts.keys()][i],
    get length() {
      return texts.size;
    },
  };
}

/** A desk that makes a contact for each session without a token; `asked` are the bodies of the requests. */
function fakeDesk(answerTo = () => null, contacts = 0) {
  const asked = [];
  globalThis.fetch = async (_, { body }) => {
    const request = JSON.parse(body);
    asked.push(request);
    await Promise.resolve();
    const refused = answerTo(request);
    if (refused) return { ok: false, status: refused.status, json: async () => refused };
    const id = request.token?.split(' ')[1] ?? `contact-${++contacts}`;
    return { ok: true, status: 200, json: async () => ({ token: `token ${id}`, expires_in: 3600, contact: { id, name: '' }, inbox: { name: 'Shop' }, conversation: null }) };
  };
  return asked;
}

const visitorOf = (area) => new Visitor({ base: 'https://desk.example/', inbox: 'i', storage: safeStorage(() => area) });

/** Locks as browsers lend them: one holder of a name at a time. */
function fakeLocks() {
  const tails = new Map();
  return {
    request(name, _, action) {
      const run = (tails.get(name) ?? Promise.resolve()).then(() => action());
      tails.set(name, run.catch(() => null));
      return run;
    },
  };
}

test('a code of the desk has one kind, others go by their status, and no answer passes', () => {
  assert.equal(kindOf({ code: 'forbidden_origin', status: 403 }), 'not_allowed');
  assert.equal(kindOf({ code: 'unknown_word', status: 404 }), 'gone');
  assert.equal(kindOf({ status: 422 }), 'wrong');
  for (const passing of [{}, undefined, { status: 0 }, { status: 502 }, { code: 'overloaded', status: 503 }, { status: 429 }]) assert.ok(mayPass(passing));
  for (const lasting of [{ status: 400 }, { status: 401 }, { status: 403 }, { code: 'conflict' }, { status: 413 }]) assert.ok(!mayPass(lasting));
});

test('keys that an input method takes are told apart, also where only the key code says so', () => {
  assert.ok(isComposing({ key: 'Escape', isComposing: true, keyCode: 27 }));
  assert.ok(isComposing({ key: 'Enter', isComposing: false, keyCode: 229 }));
  assert.ok(!isComposing({ key: 'Escape', isComposing: false, keyCode: 27 }));
});

test('what cannot be used of an introduction is left out', () => {
  for (const about of [{}, undefined, { name: '', email: '' }, { name: ' \n ', email: 'none' }, { email: 7 , name: {} }, { email: 'a@' }]) {
    assert.deepEqual(Introduction.of(about).body, {});
    assert.equal(Introduction.of(about).person, '');
  }
  assert.deepEqual(Introduction.of({ name: 'Ada\nLovelace \ud83d', email: ' A@X.test ' }).body, { email: 'a@x.test', name: 'Ada Lovelace \ufffd' });
  assert.equal(Introduction.of({ email: 'A@x.test', name: 'Ada' }).person, Introduction.of({ email: 'a@X.test' }).person);
});

test('a proof names the person, and one that cannot be read is left out', () => {
  const jwt = (claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
  const proven = Introduction.of({ jwt: jwt({ sub: 'é42' }), email: 'a@x.test' });
  assert.deepEqual([proven.person, proven.proves, proven.unproven().body], ['id:é42', true, { email: 'a@x.test' }]);
  assert.deepEqual(Introduction.of({ id: 42, hash: 'ab' }).body, { identity: { id: '42', hash: 'ab' } });
  for (const odd of [{ jwt: 'x' }, { jwt: '' }, { jwt: jwt({}) }, { jwt: 'a.!.b' }, { id: '42' }, { id: '', hash: 'ab' }]) {
    assert.deepEqual([Introduction.of(odd).person, Introduction.of(odd).proves], ['', false]);
  }
});

test('a proof that the desk refuses is left out, and a later one for the same person is brought', async () => {
  const lines = [];
  console.warn = (line) => lines.push(line);
  const asked = fakeDesk(({ identity }) => (identity?.hash === 'bad' ? { status: 403, code: 'identity_refused' } : null));
  const visitor = visitorOf(sharedArea());
  assert.equal(visitor.introduce(Introduction.of({ id: '42', hash: 'bad', name: 'Ada' }), 'script'), 'known');
  await visitor.token({ refused: false }, () => null);
  assert.deepEqual(asked.map(({ identity, name }) => [identity?.hash, name]), [['bad', 'Ada'], [undefined, 'Ada']]);
  assert.deepEqual([visitor.contact.id, lines.length], ['contact-1', 1]);
  assert.equal(visitor.introduce(Introduction.of({ id: '42', hash: 'good' }), 'script'), 'known');
  await visitor.token({ refused: true }, () => null);
  assert.equal(asked.at(-1).identity.hash, 'good');
});

test('two tabs that begin at once become one contact', async () => {
  Object.defineProperty(globalThis, 'navigator', { value: { locks: fakeLocks() }, configurable: true });
  const area = sharedArea();
  const asked = fakeDesk();
  const [a, b] = [visitorOf(area), visitorOf(area)];
  await Promise.all([a, b].map((visitor) => visitor.token({ refused: false }, () => null)));
  assert.deepEqual([a.contact.id, b.contact.id], ['contact-1', 'contact-1']);
  assert.deepEqual(asked.map(({ token }) => token), [null, 'token contact-1']);
});

test('without locks a note in storage keeps the tabs apart, and one that was left behind does not last', async () => {
  const notes = sharedArea();
  const order = [];
  const act = (name) => async () => {
    order.push(`${name} begins`);
    await new Promise((go) => setTimeout(go, 5));
    order.push(`${name} ends`);
  };
  await Promise.all(['a', 'b'].map((name) => exclusively('x', act(name), { locks: null, notes })));
  assert.deepEqual(order, ['a begins', 'a ends', 'b begins', 'b ends']);
  notes.setItem('x', String(Date.now() - 60_000));
  assert.equal(await exclusively('x', async () => 'done', { locks: null, notes }), 'done');
  const stuck = { request: (_, { signal }) => new Promise((_, failed) => signal.addEventListener('abort', () => failed(signal.reason))) };
  // Node does not stay for the timer of a signal alone.
  const staying = setInterval(() => null, 1_000);
  assert.equal(await exclusively('x', async () => 'done', { locks: stuck, waitMs: 5 }), 'done');
  clearInterval(staying);
  await assert.rejects(exclusively('x', async () => Promise.reject(new Error('mine')), { locks: fakeLocks() }), /mine/);
});

test('another person begins with nothing, a guest who is introduced goes on, and an answer for the person before is dropped', async () => {
  const area = sharedArea();
  fakeDesk();
  const visitor = visitorOf(area);
  await visitor.token({ refused: false }, () => null);
  const guest = visitor.contact.id;
  assert.equal(visitor.introduce(Introduction.of({ email: 'a@x.test' }), 'tag'), 'known');
  await visitor.token({ refused: true }, () => null);
  assert.equal(visitor.contact.id, guest);
  assert.equal(visitor.introduce(Introduction.of({ email: 'A@x.test' }), 'tag'), 'same');
  assert.equal(visitor.introduce(Introduction.of({ email: 'b@x.test' }), 'tag'), 'another');
  assert.equal(visitor.contact, null);

  fakeDesk(() => visitor.reset());
  await assert.rejects(visitor.token({ refused: false }, () => assert.fail('the person before')), { code: 'unreachable' });
  assert.equal(visitor.contact, null);
  fakeDesk(() => null, 10);
  await visitor.token({ refused: false }, () => null);
  assert.notEqual(visitor.contact.id, guest);
});

test('a tab that was not told yet writes nothing into the record of another person', () => {
  const area = sharedArea();
  const [stale, fresh] = [visitorOf(area), visitorOf(area)];
  fresh.reset();
  assert.equal(stale.remember({ conversation: 'of the person before' }), false);
  assert.equal(visitorOf(area).conversation, null);
  assert.equal(fresh.remember({ conversation: 'c' }), true);
  stale.reread();
  assert.equal(stale.conversation, 'c');
});

test('a tag without an introduction does not take back what a script said', () => {
  const area = sharedArea();
  const visitor = visitorOf(area);
  visitor.introduce(Introduction.of({ email: 'a@x.test' }), 'script');
  assert.equal(visitorOf(area).introduce(Introduction.none(), 'tag'), 'same');
  assert.equal(visitorOf(area).introduce(Introduction.none(), 'script'), 'another');
});

test('an introduction that the desk refuses is left out, and other refusals are handed on with their code', async () => {
  const lines = [];
  console.warn = (line) => lines.push(line);
  globalThis.location = { origin: 'https://shop.example' };
  const asked = fakeDesk(({ email }) => (email ? { status: 400, code: 'invalid' } : null));
  const visitor = visitorOf(sharedArea());
  visitor.introduce(Introduction.of({ email: 'a@x.test' }), 'tag');
  await visitor.token({ refused: false }, () => null);
  assert.deepEqual([asked.length, visitor.contact.id, lines.length], [2, 'contact-1', 0]);

  fakeDesk(() => ({ status: 403, code: 'forbidden_origin' }));
  const refused = visitorOf(sharedArea());
  for (let times = 0; times < 2; times++) await assert.rejects(refused.token({ refused: false }, () => null), { code: 'forbidden_origin', status: 403 });
  assert.equal(lines.length, 1);
  assert.ok(lines[0].includes('https://shop.example'));
});

test('a draft belongs to the person who typed it', () => {
  const storage = safeStorage(() => sharedArea());
  const memory = new PageMemory({ storage, inbox: 'i' });
  memory.keep({ shown: true, draft: 'half', fromEnd: 40, generation: 'a' });
  assert.deepEqual([memory.shown, memory.draft('a'), memory.draft('b'), memory.fromEnd('b')], [true, 'half', '', 0]);
});

test('an open that several tabs make ends under one name, with all that waits for it', () => {
  const storage = safeStorage(() => null);
  const outbox = new Outbox({ storage, scope: 's', newId: uuidv7Maker() });
  const opens = ['one', 'two'].map((text) => {
    const open = outbox.add({ type: 'open' });
    outbox.add({ type: 'say', conversation: null, text }, { lane: open.client_id });
    return open;
  });
  for (const open of opens) outbox.rename(open.client_id, 'contact');
  assert.deepEqual(outbox.items.filter(({ frame }) => frame.type === 'open').map(({ frame }) => frame.client_id), ['contact']);
  const again = new Outbox({ storage, scope: 's', newId: uuidv7Maker() });
  again.accepted('contact', 'c');
  assert.deepEqual(again.items.map(({ frame }) => [frame.text, frame.conversation]), [['one', 'c'], ['two', 'c']]);
});

test('messages go into a conversation that another tab opened, and need no open any more', () => {
  const outbox = new Outbox({ storage: safeStorage(() => null), scope: 's', newId: uuidv7Maker() });
  const open = outbox.add({ type: 'open' });
  outbox.add({ type: 'say', conversation: null, text: 'one' }, { lane: open.client_id });
  outbox.entered('c');
  assert.deepEqual(outbox.ready().map(({ frame }) => [frame.type, frame.conversation]), [['say', 'c']]);
});

test('a refusal stops the connection, and trying in vain ends after an hour while the page is not looked at', async (t) => {
  globalThis.addEventListener = globalThis.removeEventListener = () => null;
  globalThis.document = { addEventListener: (_, listener) => (document.look = listener), removeEventListener: () => null, visibilityState: 'hidden' };
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  const clock = { now: 0 };
  let refusal = { code: 'unreachable', status: 0 };
  let asked = 0;
  const connection = new Connection({ url: 'ws://x', token: async () => { asked += 1; throw refusal; }, now: () => clock.now });
  const settled = () => new Promise((go) => setTimeout(go, 0));
  t.after(() => connection.stop());
  connection.start();
  await settled();
  assert.deepEqual([connection.state, connection.kind], ['connecting', null]);
  clock.now = 61 * 60_000;
  connection.retryNow();
  await settled();
  assert.deepEqual([connection.state, connection.kind], ['stopped', 'again']);
  document.visibilityState = 'visible';
  document.look();
  await settled();
  assert.deepEqual([connection.state, asked], ['connecting', 3]);
  clock.now += 61 * 60_000;
  connection.retryNow();
  await settled();
  assert.deepEqual([connection.state, asked], ['connecting', 4], 'on a page that is looked at it goes on');
  asked = 3;

  refusal = { code: 'forbidden_origin', status: 403 };
  connection.retryNow();
  await settled();
  assert.deepEqual([connection.state, connection.kind, connection.problem], ['stopped', 'not_allowed', 'forbidden_origin']);
  document.look();
  connection.wake();
  await settled();
  assert.equal(asked, 4, 'the desk would say the same again');
  connection.retryNow();
  await settled();
  assert.equal(asked, 5);
});

// Signing out and in where there is no network.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import '../served_paths.mjs';

const listeners = new Map();
const kept = new Map();
Object.assign(globalThis, {
  addEventListener: (name, listener) => listeners.set(name, listener),
  document: { documentElement: {}, title: '' },
  localStorage: {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => kept.set(key, text),
    removeItem: (key) => kept.delete(key),
  },
  location: { origin: 'https://desk.example', hash: '' },
});

Object.defineProperty(globalThis, 'navigator', { value: { language: 'en', languages: ['en'] }, configurable: true });

const { Session } = await import('../console/session.js');

/** A desk that is told what is asked of it and answers by `answers`; without an answer there is no network. */
function deskWith(answers) {
  const asked = [];
  globalThis.fetch = async (path) => {
    asked.push(path.replace('/api/v1/auth/', ''));
    const status = answers[asked.at(-1)];
    if (!status) throw new TypeError('no network');
    return { ok: status < 300, status, json: async () => ({ code: 'x' }) };
  };
  return asked;
}

const fresh = () => {
  kept.clear();
  return new Session();
};

test('signing out without a network is said, and is finished when the network is back', async () => {
  const session = fresh();
  const asked = deskWith({});
  await session.logout();
  assert.deepEqual([session.state, session.leaving, asked], ['signed_out', true, ['logout']]);
  deskWith({ logout: 503 });
  await listeners.get('online')();
  assert.equal(session.leaving, true, 'the desk could not end it yet');
  deskWith({ logout: 204 });
  await listeners.get('online')();
  assert.deepEqual([session.leaving, kept.size], [false, 0]);
});

test('a page that is loaded before that goes on by no cookie', async () => {
  const session = fresh();
  kept.set('frontdesk.leaving', 'yes');
  const asked = deskWith({ refresh: 200, logout: 204 });
  await session.start();
  assert.deepEqual([session.state, asked], ['signed_out', ['logout']]);
});

test('who signs in anew is not signed out by what was to be finished', async () => {
  const session = fresh();
  deskWith({});
  await session.logout();
  const asked = deskWith({ login: 401, logout: 204 });
  await assert.rejects(session.login('ada@desk.example', 'wrong'));
  assert.equal(session.leaving, true, 'a wrong password changes nothing');
  kept.delete('frontdesk.leaving');
  await listeners.get('online')();
  assert.deepEqual(asked, ['login'], 'another tab signed in: nothing is ended');
});

test('the other tabs leave at once', () => {
  const session = fresh();
  session.state = 'signed_in';
  listeners.get('storage')({ key: 'frontdesk.leaving', newValue: 'yes' });
  assert.equal(session.state, 'signed_out');
});

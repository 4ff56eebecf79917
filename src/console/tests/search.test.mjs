// The search over conversations: `node --test src/console/tests/`.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Search } from '../console/conversations/search.js';

const row = (n, name, contact = `c${n}`) => ({ conversation: `v${n}`, contact, contact_name: name });

/** A desk with one contact who wrote long ago, and the newest rows of others loaded. */
function desk(answers) {
  const asked = [];
  const api = {
    get: async (path, query) => {
      asked.push([path, query]);
      const answer = answers[path];
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function' ? answer(query) : answer;
    },
  };
  const loaded = [row(100, 'Ada'), row(101, 'Bob')];
  const rows = { takeAll: (more) => loaded.push(...more) };
  let listener = () => {};
  const search = new Search({ api, rows, changed: () => listener(), pause: 0 });
  const settled = () => new Promise((resolve) => {
    listener = () => search.state !== 'asking' && resolve();
  });
  return { asked, loaded, search, settled };
}

const names = ({ search, loaded }) => search.matching(loaded).map((found) => found.contact_name);

test('a search finds a conversation that is not loaded, by name and by address', async () => {
  for (const text of [' zoe', 'zoe@shop.example']) {
    const it = desk({
      contacts: { items: [{ id: 'c1', name: 'Zoe', email: 'zoe@shop.example' }], next_cursor: null },
      conversations: ({ contact }) => ({ items: contact === 'c1' ? [row(1, 'Zoe', 'c1')] : [], next_cursor: null }),
    });
    it.search.find(text);
    assert.equal(it.search.state, 'asking');
    await it.settled();
    assert.equal(it.search.state, 'asked');
    assert.deepEqual(names(it), ['Zoe'], text);
    assert.deepEqual(it.asked[0], ['contacts', { text: text.trim(), limit: 10 }]);
    it.search.find('');
    assert.deepEqual(names(it), ['Ada', 'Bob', 'Zoe']);
  }
});

test('loaded names match at once, composed or not, and who may not ask is told what was searched', async () => {
  const it = desk({ contacts: Object.assign(new Error('forbidden'), { status: 403 }) });
  it.loaded.push(row(102, 'Rene\u0301e'));
  it.search.find('REN\u00c9E');
  assert.deepEqual(names(it), ['Rene\u0301e']);
  await it.settled();
  assert.equal(it.search.state, 'loaded');
});

test('a search that fails says so, and a former one does not answer for the present one', async () => {
  const it = desk({ contacts: Object.assign(new Error('unreachable'), { status: 0 }) });
  it.search.find('zoe');
  await it.settled();
  assert.equal(it.search.state, 'failed');
  let answer;
  it.search.api = { get: () => new Promise((resolve) => (answer = resolve)) };
  it.search.find('ad');
  await new Promise((resolve) => setTimeout(resolve, 5));
  const former = answer;
  it.search.find('bob');
  former({ items: [{ id: 'c100' }], next_cursor: null });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(names(it), ['Bob']);
});

// What administration pages are made of, as far as it needs no browser.

import { mock, test } from 'node:test';
import assert from 'node:assert/strict';
import '../served_paths.mjs';

const { Listing } = await import('../console/kit/listing.js');
const { fieldOf, problemWords } = await import('../console/kit/problem.js');
const { asked } = await import('../console/screens/audit/filters.js');
const { Ledger } = await import('../console/screens/ledger/store.js');
const { choiceOf, withChoice } = await import('../console/screens/roles/permissions.js');
const { differences, fieldsOf, valuesOf } = await import('../console/screens/settings/schema.js');
const { translator } = await import('../shared/language.js');
const { WORDS } = await import('../console/words/words.js');

const t = translator('en', WORDS);

/** Pages that are answered when the test says so. */
function pages() {
  const waiting = [];
  const listing = new Listing((cursor) => new Promise((answer, refuse) => waiting.push({ cursor, answer, refuse })));
  return { listing, waiting };
}

test('pages follow one another, and the last reading of a list counts', async () => {
  const { listing, waiting } = pages();
  const [early, late] = [listing.load(), listing.load()];
  waiting[1].answer({ items: [{ id: 2 }], next_cursor: 'b' });
  waiting[0].answer({ items: [{ id: 1 }], next_cursor: null });
  await Promise.all([early, late]);
  assert.deepEqual([listing.items, listing.hasMore], [[{ id: 2 }], true]);
  const more = listing.more();
  listing.more();
  assert.deepEqual(waiting.map(({ cursor }) => cursor), [null, null, 'b'], 'a page is asked for once');
  waiting[2].answer({ items: [{ id: 3 }], next_cursor: null });
  await more;
  assert.deepEqual([listing.items.map(({ id }) => id), listing.hasMore], [[2, 3], false]);
});

test('a page of a list that was read anew meanwhile is not added to it', async () => {
  const { listing, waiting } = pages();
  const first = listing.load();
  waiting[0].answer({ items: [{ id: 1 }], next_cursor: 'b' });
  await first;
  const [more, again] = [listing.more(), listing.load()];
  waiting[2].answer({ items: [{ id: 9 }], next_cursor: null });
  waiting[1].answer({ items: [{ id: 2 }], next_cursor: null });
  await Promise.all([more, again]);
  assert.deepEqual(listing.items, [{ id: 9 }]);
});

test('what was known stays when asking again fails', async () => {
  const { listing, waiting } = pages();
  const first = listing.load();
  waiting[0].answer({ items: [{ id: 1 }] });
  await first;
  const again = listing.load();
  waiting[1].refuse(new Error('unreachable'));
  await again;
  assert.deepEqual([listing.state, listing.items], ['failed', [{ id: 1 }]]);
  listing.take({ id: 1, name: 'new' });
  listing.take({ id: 2 });
  listing.drop(1);
  assert.deepEqual(listing.items, [{ id: 2 }]);
});

test('a problem stands at the field that it is about', () => {
  const fields = { name: ['title'], email: ['e-mail'], 'widget.colour': [] };
  assert.equal(fieldOf({ detail: 'this name of a role is taken' }, fields), 'name');
  assert.equal(fieldOf({ detail: 'the E-mail address is taken' }, fields), 'email');
  assert.equal(fieldOf({ detail: 'a username is needed' }, fields), null, 'part of a word is not the word');
  assert.equal(fieldOf({ detail: 'name', field: 'widget.colour' }, fields), 'widget.colour', 'what the server names counts');
  assert.equal(fieldOf({ detail: 'name', field: 'other.thing' }, fields), null);
});

test('a problem is said in our words, and what only the server knows is said too', () => {
  assert.equal(problemWords({ code: 'forbidden', detail: 'your role does not allow it' }, t), WORDS.en.problem_forbidden);
  const words = problemWords({ code: 'invalid', detail: 'not an origin: x at line 1 column 9' }, t);
  assert.ok(words.endsWith('not an origin: x'), words);
  assert.equal(problemWords({ code: 'of_a_newer_server', detail: 'the moon is full' }, t), 'the moon is full');
  assert.equal(problemWords({ code: 'of_a_newer_server' }, t), WORDS.en.problem_other);
});

test('days of the audit trail are whole days where the agent is', () => {
  const { since, until } = asked({ from: '2026-03-28', to: '2026-03-29' });
  assert.deepEqual([since, until], [new Date(2026, 2, 28).getTime(), new Date(2026, 2, 30).getTime()]);
  assert.deepEqual(asked({ from: 'soon', act: '' }), {});
});

test('a permission is granted at one scope', () => {
  const grants = [{ permission: 'converse', scope: 'own' }, { permission: 'read', scope: 'tenant' }];
  assert.deepEqual([choiceOf(grants, 'converse'), choiceOf(grants, 'read'), choiceOf(grants, 'oversee')], ['own', 'tenant', null]);
  const wider = withChoice(grants, 'converse', 'tenant');
  assert.deepEqual(wider.filter(({ permission }) => permission === 'converse'), [{ permission: 'converse', scope: 'tenant' }]);
  const both = withChoice(grants, 'converse', 'team_inbox');
  assert.deepEqual(both.filter((grant) => grant.permission === 'converse').map((grant) => grant.scope), ['team', 'inbox']);
  assert.equal(choiceOf(both, 'converse'), 'team_inbox');
  assert.deepEqual(withChoice(wider, 'converse', null), [{ permission: 'read', scope: 'tenant' }]);
});

const SCHEMA = {
  properties: { general: { $ref: '#/$defs/General' }, widget: { $ref: '#/$defs/Widget', default: {} } },
  $defs: {
    General: {
      properties: {
        language: { $ref: '#/$defs/Language', default: 'auto', description: 'Of the widget.' },
        presets: { type: 'array', items: { type: 'integer' }, default: [60, 240] },
        typing: { type: 'boolean', default: true },
        most: { type: 'integer', minimum: 100, maximum: 900, default: 500 },
      },
    },
    Language: { oneOf: [{ const: 'auto', description: 'x' }, { const: 'en' }] },
    Widget: { properties: { title: { type: 'string', maxLength: 100, default: '' } } },
  },
};

test('the fields of settings are those of the schema of the server', () => {
  const fields = fieldsOf(SCHEMA);
  assert.deepEqual(fields.map(({ path, kind }) => [path, kind]), [
    ['general.language', 'choice'], ['general.presets', 'numbers'], ['general.typing', 'switch'], ['general.most', 'number'], ['widget.title', 'text'],
  ]);
  assert.deepEqual([fields[0].choices, fields[0].otherwise, fields[0].description], [['auto', 'en'], 'auto', 'Of the widget.']);
  assert.deepEqual([fields[3].min, fields[3].max, fields[4].max], [100, 900, 100]);
  const values = valuesOf({ general: { typing: false, language: null }, widget: {} }, fields);
  assert.deepEqual(Object.entries(values).filter(([, value]) => value !== undefined), [['general.typing', false]]);
});

test('two versions of settings differ in the fields that were set, changed or taken back', () => {
  const before = { general: { typing: false, presets: [1, 2] }, widget: { title: 'a' } };
  const after = { general: { presets: [1, 2] }, widget: { title: 'b', colour: '' } };
  assert.deepEqual(differences(before, after), [
    { path: 'general.typing', before: false, after: undefined },
    { path: 'widget.colour', before: undefined, after: '' },
    { path: 'widget.title', before: 'a', after: 'b' },
  ]);
  assert.deepEqual(differences(undefined, {}), []);
});

test('a ledger that a role may not see any more is not asked for again; one that fails for a while is', async () => {
  globalThis.document = { addEventListener: () => null, removeEventListener: () => null, visibilityState: 'visible' };
  mock.timers.enable({ apis: ['setTimeout'] });
  const settled = async () => {
    for (let turns = 0; turns < 10; turns++) await Promise.resolve();
  };
  const asked = { count: 0 };
  let problem = { code: 'forbidden', status: 403 };
  const ledger = new Ledger({ get: async (path) => {
    if (path === 'ledger') asked.count += 1;
    throw problem;
  } });
  const end = ledger.watch();
  await settled();
  mock.timers.tick(60_000);
  await settled();
  assert.deepEqual([ledger.state, ledger.problem.code, asked.count], ['failed', 'forbidden', 1]);
  problem = { code: 'unavailable', status: 503 };
  await ledger.look();
  mock.timers.tick(5_000);
  await settled();
  assert.deepEqual([ledger.state, asked.count], ['failed', 3]);
  end();
  mock.timers.reset();
});

test('a list that a role does not allow says so, and not that the server did not answer', async () => {
  const { listing, waiting } = pages();
  const first = listing.load();
  waiting[0].refuse({ code: 'forbidden', status: 403 });
  await first;
  assert.deepEqual([listing.state, problemWords(listing.problem, t)], ['failed', t('problem_forbidden')]);
});

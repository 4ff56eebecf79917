// What the audit trail says of acts and values.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import '../served_paths.mjs';

const { ACTS } = await import('../console/screens/audit/filters.js');
const { fieldWords, readable } = await import('../console/screens/audit/values.js');
const { words } = await import('../console/screens/audit/screen.js');
const { translator } = await import('../shared/language.js');

const t = translator('en', words);
const nameOf = ({ kind, id }) => `${kind} ${id}`;

test('values of the trail are said in words', () => {
  const said = (field, value) => readable(field, value, nameOf, t);
  assert.equal(said('weekly', '{"monday":[{"from":"09:00","to":"17:00"}],"tuesday":[]}'), 'Monday 09:00-17:00');
  assert.equal(said('special_days', '[{"date":"2026-12-25","name":"Christmas"},{"date":"2026-12-26"}]'),
    '2026-12-25 Christmas, 2026-12-26');
  assert.equal(said('members', '["1","2"]'), 'agent 1, agent 2');
  assert.equal(said('skills', '{"7":3}'), 'skill 7 3');
  assert.equal(said('active', 'false'), 'no');
  assert.deepEqual([said('calendar', ''), said('members', '[]')], ['none', 'none']);
  assert.match(said('grants', 'converse:own'), /^Answer \(.+\)$/);
});

test('a value that cannot be read is shown as it is kept', () => {
  assert.equal(readable('weekly', 'of a newer version', nameOf, t), 'of a newer version');
  assert.equal(readable('grants', 'fly:moon', nameOf, t), 'fly:moon');
  assert.equal(readable('unknown', 'text', nameOf, t), 'text');
  assert.equal(fieldWords('agent', 'unknown', t), 'unknown');
});

test('the same field of another kind of object has words of its own', () => {
  assert.notEqual(fieldWords('agent', 'active', t), fieldWords('inbox', 'active', t));
});

test('every act and every field that the server records has words in both languages', () => {
  const folder = new URL('../../application/', import.meta.url);
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.rs') && !file.includes('tests'));
  const code = files.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n');
  const recorded = [...code.matchAll(/\bentry\([^;"]*"([a-z_]+\.[a-z_]+)"/g)].map(([, act]) => act);
  const fields = [...code.matchAll(/FieldChange::(?:set|between|secret)\(\s*"([a-z_]+)"/g)].map(([, field]) => field);
  assert.ok(recorded.length > 5 && fields.length > 10, `${recorded.length} acts, ${fields.length} fields`);
  for (const dictionary of Object.values(words)) {
    for (const act of [...ACTS, ...recorded]) assert.ok(dictionary[`act_${act}`], act);
    for (const field of fields) assert.ok(dictionary[`field_${field}`], field);
  }
  for (const act of recorded) assert.ok(ACTS.includes(act), `${act} can be filtered for`);
});

test('days and permissions are called as on their own pages', async () => {
  for (const screen of ['calendars', 'roles']) {
    const { words: theirs } = await import(`../console/screens/${screen}/screen.js`);
    const own = (language) => Object.keys(theirs[language]).filter((key) => /^(day_\w+day|scope_\w+|short_\w+)$/.test(key));
    for (const language of Object.keys(words)) {
      assert.ok(own(language).length > 4, screen);
      for (const key of own(language)) assert.equal(words[language][key], theirs[language][key], key);
    }
  }
});

// The rules of the socket client that need no browser: `node --test src/console/tests/`.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { uuidv7Maker } from '../shared/uuidv7.js';
import { CatchUp } from '../shared/catch_up.js';
import { Outbox } from '../shared/outbox.js';
import { Timeline } from '../shared/timeline.js';
import { Watermarks, entryState } from '../shared/message_state.js';
import { authorMark } from '../shared/author.js';
import { safeStorage } from '../shared/storage.js';
import { bestLanguage } from '../shared/language.js';
import { reconnectDelay } from '../shared/backoff.js';
import { mayEverywhere } from '../console/permissions.js';
import { durationText, ownZone, snoozeChoices } from '../console/screens/conversations/snooze.js';
import { en as shared } from '../console/words/en.js';
import { zh as sharedZh } from '../console/words/zh.js';
import { en } from '../console/screens/conversations/words/en.js';
import { zh } from '../console/screens/conversations/words/zh.js';
import { words } from '../widget/words.js';
import { coloured } from '../widget/colour.js';
import { tooLong } from '../shared/message_text.js';

const entry = (seq, prev = seq - 1) => ({ seq, prev, event: { kind: 'message_sent' } });

function outboxWith(clock, storage = safeStorage(() => null)) {
  return new Outbox({ storage, scope: 's', newId: uuidv7Maker(), now: () => clock.now, random: () => 0 });
}

test('ids grow even when the clock jumps back', () => {
  const times = [5000, 5000, 4000, 5000, 5001];
  const make = uuidv7Maker({ now: () => times.shift() ?? 1 });
  const ids = Array.from({ length: 5000 }, make);
  assert.deepEqual(ids, [...ids].sort());
  assert.equal(new Set(ids).size, 5000);
  const later = uuidv7Maker({ now: () => 1 });
  later.goOnAfter(ids.at(-1));
  assert.ok(later() > ids.at(-1));
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('one request of a conversation is in flight at a time, in order, under the same name', () => {
  const clock = { now: 0 };
  const outbox = outboxWith(clock);
  const [a, b] = ['one', 'two'].map((text) => outbox.add({ type: 'say', conversation: 'c', text }));
  const other = outbox.add({ type: 'say', conversation: 'd', text: 'else' });
  assert.deepEqual(outbox.ready(), [a, other]);
  outbox.sent(a);
  assert.deepEqual(outbox.ready(), [other]);
  outbox.disconnected();
  assert.deepEqual(outbox.ready()[0].frame, { type: 'say', conversation: 'c', text: 'one', client_id: a.client_id });
  outbox.accepted(a.client_id, 'c');
  assert.deepEqual(outbox.ready(), [b, other]);
});

test('a retryable refusal waits and blocks its lane; a final one fails and lets the rest pass', () => {
  const clock = { now: 0 };
  const outbox = outboxWith(clock);
  const [a, b] = ['one', 'two'].map((text) => outbox.add({ type: 'say', conversation: 'c', text }));
  outbox.sent(a);
  outbox.rejected(a.client_id, { code: 'overloaded', retryable: true, retry_after_ms: 400 });
  assert.deepEqual(outbox.ready(), []);
  assert.equal(outbox.nextTime(), 400);
  clock.now = 400;
  assert.deepEqual(outbox.ready(), [a]);
  outbox.rejected(a.client_id, { code: 'too_large', retryable: false });
  assert.deepEqual(outbox.ready(), [b]);
  const again = outbox.retry(a.client_id);
  assert.notEqual(again.client_id, a.client_id);
});

test('what is written before the conversation exists waits for it, through a reload', () => {
  const clock = { now: 0 };
  const storage = safeStorage(() => null);
  const opening = outboxWith(clock, storage).add({ type: 'open' });
  outboxWith(clock, storage).add({ type: 'say', conversation: null, text: 'hi' }, { lane: opening.client_id });
  const outbox = outboxWith(clock, storage);
  assert.deepEqual(outbox.ready().map(({ frame }) => frame.type), ['open']);
  outbox.accepted(opening.client_id, 'c');
  assert.deepEqual(outbox.ready().map(({ frame }) => [frame.text, frame.conversation]), [['hi', 'c']]);
  assert.equal(storage.keys('s.').length, 1);
});

test('entries are held back over a gap, shown once, and in order', () => {
  const timeline = new Timeline();
  assert.deepEqual(timeline.offer([entry(1), entry(2)]).map(({ seq }) => seq), [1, 2]);
  assert.deepEqual(timeline.offer([entry(5), entry(4)]), []);
  assert.equal(timeline.gap, true);
  assert.deepEqual(timeline.offer([entry(3), entry(2)]).map(({ seq }) => seq), [3, 4, 5]);
  assert.equal(timeline.gap, false);
  // A contact does not see notes: 6 and 7 are missing from its numbers without being missing.
  assert.deepEqual(timeline.offer([entry(8, 5)]).map(({ seq }) => seq), [8]);
});

test('a note is delivered by colleagues only, and states never go back', () => {
  const own = { kind: 'agent', id: 'a' };
  const marks = new Watermarks();
  const note = { seq: 3, event: { kind: 'note_added' } };
  marks.raise({ kind: 'contact', id: 'c' }, 'read', 9);
  assert.equal(entryState(note, own, marks), 'accepted');
  assert.equal(entryState(entry(3), own, marks), 'read');
  marks.raise({ kind: 'contact', id: 'c' }, 'read', 1);
  assert.equal(entryState(entry(3), own, marks), 'read');
  marks.raise({ kind: 'agent', id: 'b' }, 'delivered', 3);
  assert.equal(entryState(note, own, marks), 'delivered');
});

test('programs are marked, people are not, and a kind of a newer version still gets a word', () => {
  const marks = ['contact', 'agent', 'bot', 'system', 'integration', 'oracle'].map((kind) => authorMark({ member: { kind } }));
  assert.deepEqual(marks, [null, null, 'kind_bot', 'kind_system', 'kind_integration', 'kind_other']);
  for (const dictionary of [en, zh, words.en, words['zh-CN']]) for (const mark of marks) assert.ok(!mark || dictionary[mark], mark);
});

test('what a console may do comes from its grants alone', () => {
  const grants = [{ permission: 'converse', scope: 'tenant' }, { permission: 'assign_others', scope: 'team' }];
  assert.equal(mayEverywhere(grants, 'converse'), true);
  assert.equal(mayEverywhere(grants, 'assign_others'), false, 'a narrower scope is not everywhere');
  assert.equal(mayEverywhere(grants, 'administer'), false);
  assert.equal(mayEverywhere(undefined, 'converse'), false, 'what is not known is not shown');
});

test('reconnects stay within half a second and thirty', () => {
  for (const attempt of [0, 1, 5, 50]) {
    assert.equal(reconnectDelay(attempt, () => 0), 500);
    assert.ok(reconnectDelay(attempt, () => 0.999) <= 30_000);
  }
});

test('both languages know every word', () => {
  assert.deepEqual(Object.keys(sharedZh), Object.keys(shared));
  assert.deepEqual(Object.keys(zh), Object.keys(en));
  assert.deepEqual(Object.keys(words['zh-CN']), Object.keys(words.en));
  assert.equal(bestLanguage(['fr', 'zh-TW']), 'zh-CN');
  assert.equal(bestLanguage(['fr']), 'en');
});

/** A console that catches up, and everything it did. */
function catchUpWith() {
  const did = [];
  const timers = [];
  const catchUp = new CatchUp({
    send: (frame) => (did.push(frame.cursor ?? 'no cursor'), true),
    take: (rows) => did.push(rows),
    reload: () => did.push('reload'),
    random: () => 0.5,
    later: (action, ms) => timers.push({ action, ms }),
  });
  const told = (frame) => catchUp.receive({ conversations: [], more: false, reset: false, behind: false, ...frame });
  return { catchUp, did, timers, told, last: () => timers.at(-1) };
}

test('without a cursor, lists are read after it was given, and what came late is asked for', () => {
  const { catchUp, did, told, last } = catchUpWith();
  catchUp.online();
  told({ cursor: 'a' });
  assert.deepEqual(did, ['no cursor', 'reload', 'a']);
  assert.equal(catchUp.active, false);
  told({ cursor: 'b' });
  assert.equal(last().ms, 60_000);
  last().action();
  assert.equal(did.at(-1), 'b');
});

test('a console that was offline goes on from its old cursor and reads no list', () => {
  const { catchUp, did, told } = catchUpWith();
  catchUp.online();
  told({ cursor: 'a' });
  told({ cursor: 'a' });
  catchUp.offline();
  did.length = 0;
  catchUp.online();
  assert.equal(catchUp.active, true);
  told({ cursor: 'b', more: true, conversations: ['row 1'] });
  assert.equal(catchUp.active, true);
  told({ cursor: 'c', conversations: ['row 2'] });
  assert.deepEqual(did, ['a', ['row 1'], 'b', ['row 2']]);
  assert.equal(catchUp.active, false);
});

test('a reset reads the lists and goes on from the new cursor', () => {
  const { catchUp, did, told, last } = catchUpWith();
  catchUp.online();
  told({ cursor: 'a' });
  did.length = 0;
  told({ cursor: 'z', reset: true });
  last().action();
  assert.deepEqual(did, ['reload', 'z']);
});

test('a desk that is behind is asked again, ever more seldom, and not for ever more', () => {
  const { catchUp, told, timers, last } = catchUpWith();
  catchUp.online();
  told({ cursor: 'a' });
  told({ cursor: 'a' });
  timers.length = 0;
  // Unasked, or without a database: the cursor stays.
  for (let i = 0; i < 8; i += 1) told({ behind: true });
  assert.deepEqual(timers.map(({ ms }) => ms), [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  assert.equal(catchUp.active, true);
  told({ cursor: 'b' });
  assert.equal(catchUp.active, false);
  assert.equal(last().ms, 60_000);
});

test('an answer that does not come is asked for again', () => {
  const { catchUp, did, last } = catchUpWith();
  catchUp.online();
  assert.equal(last().ms, 15_000);
  last().action();
  assert.deepEqual(did, ['no cursor', 'no cursor']);
});

test('a node of the version before, which has no feed, gives its lists instead', () => {
  const { catchUp, did, told, last } = catchUpWith();
  catchUp.online();
  told({ cursor: 'a' });
  told({ cursor: 'a' });
  catchUp.offline();
  did.length = 0;
  catchUp.online();
  catchUp.refused('unknown_frame');
  assert.deepEqual(did, ['a', 'reload']);
  assert.equal(catchUp.active, false);
  assert.equal(last().ms, 60_000);
  catchUp.refused('rate_limited');
  assert.equal(last().ms, 2_000);
});

test('text on the colour of a tenant is black or white, whichever reads better, and nothing else becomes CSS', () => {
  assert.equal(coloured('#1a237e')['--on-accent'], '#fff');
  assert.equal(coloured('#ffeb3b')['--on-accent'], '#000');
  for (const none of ['', null, undefined, 'red', '#fff', '#3d5afe; background: url(x)']) assert.equal(coloured(none), null);
});

test('a message is as long as the tenant allows, in bytes', () => {
  assert.equal(tooLong('好'.repeat(40), 120), false);
  assert.equal(tooLong('好'.repeat(41), 120), true);
  assert.equal(tooLong('x'.repeat(16_385)), true);
});

const settingsWith = (presets, zone, source = 'tenant') => ({
  values: { conversation: { snooze_presets_minutes: presets }, general: { time_zone: zone } }, sources: { general: { time_zone: source } },
});

test('the snooze menu offers the durations of the settings, then two mornings', () => {
  const choices = snoozeChoices(settingsWith([30, 1440], 'UTC'));
  assert.deepEqual(choices.map(({ key }) => key), ['minutes_30', 'minutes_1440', 'tomorrow', 'week']);
  assert.deepEqual(choices.slice(0, 2).map(({ until }) => until(1000)), [1000 + 30 * 60_000, 1000 + 24 * 3_600_000]);
  assert.deepEqual(snoozeChoices(null).map(({ key }) => key), ['tomorrow', 'week'], 'while the settings are not read');
  assert.deepEqual([30, 60, 240, 1440, 10080].map((minutes) => durationText(minutes, 'en')), ['30 minutes', '1 hour', '4 hours', '1 day', '1 week']);
  assert.equal(durationText(240, 'zh-CN'), '4小时');
});

test('a morning is nine o\'clock in the time zone of the settings, also where the clocks change before it', () => {
  const mornings = (zone, now, source) =>
    snoozeChoices(settingsWith([], zone, source)).map(({ until }) => new Date(until(Date.parse(now))).toISOString());
  // Sunday 23:30 in Berlin is Monday already in Shanghai.
  assert.deepEqual(mornings('Asia/Shanghai', '2026-11-29T22:30:00Z'), ['2026-12-01T01:00:00.000Z', '2026-12-07T01:00:00.000Z']);
  assert.deepEqual(mornings('Europe/Berlin', '2026-11-29T22:30:00Z'), ['2026-11-30T08:00:00.000Z', '2026-11-30T08:00:00.000Z']);
  // Clocks in Berlin are set forward in the night to 29 March 2026.
  assert.deepEqual(mornings('Europe/Berlin', '2026-03-28T12:00:00Z')[0], '2026-03-29T07:00:00.000Z');
  assert.equal(snoozeChoices(settingsWith([], 'UTC', 'default'))[0].zone, ownZone(), 'without a setting the agent\'s own');
});

// The router, and what every screen of the console has to bring.

import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import '../served_paths.mjs';

const { resolve, fragmentOf, Router } = await import('../console/router.js');
const { GROUPS, SCREENS, linked } = await import('../console/screens/table.js');
const { parentOf } = await import('../console/shell/keyboard.js');
const { WORDS } = await import('../console/words/words.js');

const ID = '0190a4e5-7c1e-7000-8000-000000000001';
const LIST = { name: 'list', routes: ['', 'conversations/:id'] };
const ROLES = { name: 'roles', routes: ['roles', 'roles/:role'], group: 'people' };
const TABLE = [LIST, ROLES];

/** A window that only knows its address; `events` counts the steps of the back button. */
function browserAt(hash) {
  const watchers = new Set();
  const browser = {
    steps: 0,
    location: {
      held: hash,
      get hash() { return this.held; },
      set hash(next) { this.held = next; browser.steps += 1; watchers.forEach((watcher) => watcher()); },
    },
    history: { replaceState: (state, title, next) => { browser.location.held = next; } },
    addEventListener: (name, watcher) => watchers.add(watcher),
    removeEventListener: (name, watcher) => watchers.delete(watcher),
  };
  return browser;
}

test('an address names a screen and what it shows', () => {
  for (const empty of ['', '#', '#/']) assert.equal(resolve(TABLE, empty).screen, LIST);
  assert.deepEqual(resolve(TABLE, `#/conversations/${ID}`), { path: `conversations/${ID}`, screen: LIST, params: { id: ID }, query: {} });
  assert.deepEqual(resolve(TABLE, '#/roles/new?from=a%26b&x=').params, { role: 'new' });
  assert.deepEqual(resolve(TABLE, '#/roles/new?from=a%26b&x=').query, { from: 'a&b', x: '' });
  assert.deepEqual(resolve(TABLE, '#/roles/a%2Fb').params, { role: 'a/b' });
});

test('an address that no screen has leads to none, and breaks nothing', () => {
  for (const stranger of ['#/nowhere', '#/roles/a/b', '#/conversations', '#/conversations/17', '#/conversations/../roles', '#/%E0%A4%A', '#/roles/%']) {
    assert.equal(resolve(TABLE, stranger).screen, null, stranger);
  }
});

test('a place and its filters make the address that leads back to them', () => {
  const query = { act: 'agent.changed', actor: 'agent:1 & more', empty: '', none: null };
  const { path, query: again } = resolve(TABLE, fragmentOf('roles', query));
  assert.deepEqual([path, again], ['roles', { act: 'agent.changed', actor: 'agent:1 & more' }]);
  assert.equal(fragmentOf(''), '#/');
});

test('going somewhere is a step of the back button, refining a filter is not', () => {
  const browser = browserAt('#/roles');
  const router = new Router(TABLE, browser);
  router.start();
  router.replace('roles', { search: 'a' });
  assert.deepEqual([browser.steps, router.route.query], [0, { search: 'a' }]);
  router.go('roles/new');
  assert.deepEqual([browser.steps, router.route.params], [1, { role: 'new' }]);
  browser.location.hash = '#/roles';
  assert.deepEqual(router.route.params, {});
  router.close();
  browser.location.hash = '#/roles/other';
  assert.deepEqual(router.route.params, {}, 'a closed router follows no address');
});

test('a form that was not saved keeps its place until the agent decides', () => {
  const browser = browserAt('#/roles/new');
  const router = new Router(TABLE, browser);
  router.start();
  let clean = false;
  const end = router.guard(() => clean);
  router.go('roles');
  assert.deepEqual([router.route.path, browser.location.hash, router.held], ['roles/new', '#/roles/new', '#/roles']);
  router.decide(false);
  assert.deepEqual([router.route.path, router.held], ['roles/new', null]);
  router.go('roles');
  router.decide(true);
  assert.deepEqual([router.route.path, router.held], ['roles', null]);
  router.guard(() => false);
  end();
  router.go('roles/new');
  assert.equal(router.route.path, 'roles', 'the guard of one form is not ended by another');
  clean = true;
});

test('Escape leads one step up', () => {
  const up = (fragment) => parentOf(resolve([...TABLE, { name: 'ledger', routes: ['ledger'], group: 'rail' }], fragment));
  assert.deepEqual(['#/roles/new', '#/roles', '#/ledger', `#/conversations/${ID}`, '#/nowhere'].map(up), ['roles', 'manage', '', '', '']);
});

test('no two screens share a name or a route, and each has a title in every language', () => {
  const names = SCREENS.map(({ name }) => name);
  const routes = SCREENS.flatMap((screen) => screen.routes);
  assert.deepEqual([new Set(names).size, new Set(routes).size], [names.length, routes.length]);
  for (const screen of SCREENS) {
    for (const language of Object.keys(WORDS)) assert.ok(screen.title[language], `${screen.name}: ${language}`);
    assert.ok(!screen.group || [...GROUPS, 'rail'].includes(screen.group), `${screen.name}: ${screen.group}`);
    assert.ok(!screen.group || screen.icon, `${screen.name} has an icon`);
  }
});

test('every screen brings a view, its words in both languages, and style sheets', async () => {
  for (const screen of SCREENS) {
    const module = await screen.load();
    assert.equal(typeof module.View, 'function', screen.name);
    const { en, 'zh-CN': zh } = module.words;
    assert.deepEqual(Object.keys(zh), Object.keys(en), `${screen.name}: words`);
    const again = Object.keys(en).filter((key) => WORDS.en[key] !== undefined);
    assert.deepEqual(again, [], `${screen.name}: words that all screens share`);
    for (const url of module.styles ?? []) assert.match(url.pathname, /\/console\/.*\.css$/);
  }
});

test('every folder of a screen is in the table', () => {
  const folders = readdirSync(new URL('../console/screens/', import.meta.url), { withFileTypes: true });
  const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(names.sort(), SCREENS.map(({ name }) => name).sort());
});

test('navigation links what the permissions allow, and nothing else', () => {
  const names = (permissions) => [...GROUPS, 'rail'].flatMap((group) => linked((one) => permissions.includes(one), group)).map(({ name }) => name);
  const needed = SCREENS.filter(({ group, needs }) => group && needs);
  assert.deepEqual(names([]), SCREENS.filter(({ group, needs }) => group && !needs).map(({ name }) => name));
  for (const { name, needs } of needed) {
    assert.ok(names([needs]).includes(name), name);
    assert.ok(!names(['read', 'converse']).includes(name), name);
  }
});

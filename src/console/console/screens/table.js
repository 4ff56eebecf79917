// Every screen of the console: one entry each. `src/console/README.md` tells how to add one.
//
// - `routes`: the places that it shows, as `router.js` reads them. The first is where its link leads.
// - `title`, `icon`, `group`: how navigation names it. In the group `rail` it stands among the lists; else on the page
//   "Manage".
// - `needs`: the permission without which it is neither linked nor shown.
// - `load`: its module (`screen.js`), imported when the screen is first opened.

export const GROUPS = ['people', 'desk', 'oversight'];

export const SCREENS = [
  {
    name: 'conversations', routes: ['', 'conversations/:id'], title: { en: 'Conversations', 'zh-CN': '会话' },
    load: () => import('./conversations/screen.js'),
  },
  {
    name: 'manage', routes: ['manage'], title: { en: 'Manage', 'zh-CN': '管理' },
    load: () => import('./manage/screen.js'),
  },
  {
    name: 'ledger', routes: ['ledger'], title: { en: 'Ledger', 'zh-CN': '账本' }, icon: 'ledger', group: 'rail', needs: 'oversee',
    load: () => import('./ledger/screen.js'),
  },
  {
    name: 'agents', routes: ['agents', 'agents/:agent'], title: { en: 'Agents', 'zh-CN': '客服人员' }, icon: 'people', group: 'people', needs: 'administer',
    load: () => import('./agents/screen.js'),
  },
  {
    name: 'roles', routes: ['roles', 'roles/:role'], title: { en: 'Roles', 'zh-CN': '角色' }, icon: 'key', group: 'people', needs: 'administer',
    load: () => import('./roles/screen.js'),
  },
  {
    name: 'teams', routes: ['teams', 'teams/:team'], title: { en: 'Teams', 'zh-CN': '团队' }, icon: 'all', group: 'people', needs: 'administer',
    load: () => import('./teams/screen.js'),
  },
  {
    name: 'skills', routes: ['skills', 'skills/:skill'], title: { en: 'Skills', 'zh-CN': '技能' }, icon: 'star', group: 'people', needs: 'administer',
    load: () => import('./skills/screen.js'),
  },
  {
    name: 'inboxes', routes: ['inboxes', 'inboxes/:inbox'], title: { en: 'Inboxes', 'zh-CN': '收件箱' }, icon: 'queue', group: 'desk', needs: 'administer',
    load: () => import('./inboxes/screen.js'),
  },
  {
    name: 'calendars', routes: ['calendars', 'calendars/:calendar'], title: { en: 'Calendars', 'zh-CN': '日历' }, icon: 'calendar', group: 'desk', needs: 'administer',
    load: () => import('./calendars/screen.js'),
  },
  {
    name: 'settings', routes: ['settings', 'settings/history', 'settings/:kind/:id', 'settings/:kind/:id/history'], title: { en: 'Settings', 'zh-CN': '设置' },
    icon: 'settings', group: 'desk', needs: 'administer',
    load: () => import('./settings/screen.js'),
  },
  {
    name: 'audit', routes: ['audit'], title: { en: 'Audit trail', 'zh-CN': '审计记录' }, icon: 'scroll', group: 'oversight', needs: 'read_audit',
    load: () => import('./audit/screen.js'),
  },
];

/** The screens that `may(permission)` allows in navigation, in the order of the table. */
export const linked = (may, group) =>
  SCREENS.filter((screen) => screen.group === group && (!screen.needs || may(screen.needs)));

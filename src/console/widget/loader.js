// What the script tag of a shop loads: <script src="{base}/widget.js" data-inbox="{inbox id}" async></script>
//
// A classic script, because only those know where they came from. Everything else is found from there. Optional:
// data-lang ("zh-CN") chooses the language; data-name and data-email introduce a visitor whom the page
// knows; data-identity (a JWT), or data-user-id and data-user-hash, prove who it is.
//
// `window.Frontdesk` is there at once, so that the page can use it and a second tag finds the first. Calls before the
// widget is there are made when it is.
(() => {
  const script = document.currentScript ?? document.querySelector('script[data-inbox][src*="widget.js"]');
  if (!script?.dataset.inbox) return;
  const { inbox, lang: language = null, name, email, identity: jwt, userId: id, userHash: hash } = script.dataset;
  const tag = { script, inbox, about: { name, email, jwt, id, hash } };
  if (window.Frontdesk) {
    window.Frontdesk.tagged?.(tag);
    return;
  }
  const base = new URL('.', script.src).href;
  const early = [];
  const later = (name) => (...given) => void early.push([name, given]);
  const api = Object.fromEntries(['open', 'close', 'introduce', 'identify', 'reset', 'tagged'].map((name) => [name, later(name)]));
  window.Frontdesk = api;
  // All modules at once, instead of one layer of imports after the other.
  const modules = [
    'main.js', 'app.js', 'chat.js', 'visitor.js', 'introduction.js', 'page_memory.js', 'placement.js', 'panel.js', 'messages.js', 'composer.js', 'colour.js',
    'styles.js', 'words.js', 'shared/desk.js', 'shared/connection.js', 'shared/conversation.js', 'shared/outbox.js', 'shared/ui.js', 'shared/icons.js',
    'shared/message_text.js', 'shared/links.js', 'shared/refusals.js', 'shared/exclusive.js',
    'vendor/linkify-it.js', 'vendor/uc.micro.js', 'vendor/preact.js', 'vendor/preact-hooks.js', 'vendor/htm.js',
  ];
  for (const name of modules) {
    const link = Object.assign(document.createElement('link'), { rel: 'modulepreload', href: `${base}widget/${name}`, crossOrigin: 'anonymous' });
    document.head.append(link);
  }
  import(`${base}widget/main.js`).then(
    ({ mount }) => {
      Object.assign(api, mount({ base, language, tag }));
      for (const [name, given] of early) api[name](...given);
    },
    (error) => {
      // A later tag may try again.
      if (window.Frontdesk === api) delete window.Frontdesk;
      console.warn('Frontdesk: the chat could not be loaded.', error);
    },
  );
})();

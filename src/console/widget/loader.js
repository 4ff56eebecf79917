// What the script tag of a shop loads: <script src="{base}/widget.js" data-inbox="{inbox id}" async></script>
//
// A classic script, because only those know where they came from. Everything else is found from there. Optional:
// data-lang ("zh-CN") chooses the language; data-name and data-email introduce a visitor whom the page knows.
(() => {
  const script = document.currentScript ?? document.querySelector('script[data-inbox][src*="widget.js"]');
  if (!script?.dataset.inbox || document.querySelector('frontdesk-widget')) return;
  const base = new URL('.', script.src).href;
  const { inbox, lang: language = null, name, email } = script.dataset;
  // All modules at once, instead of one layer of imports after the other.
  const modules = [
    'main.js', 'app.js', 'chat.js', 'visitor.js', 'panel.js', 'messages.js', 'composer.js', 'colour.js', 'styles.js', 'words.js',
    'shared/desk.js', 'shared/connection.js', 'shared/conversation.js', 'shared/outbox.js', 'shared/ui.js', 'shared/icons.js',
    'shared/message_text.js', 'shared/links.js',
    'vendor/linkify-it.js', 'vendor/uc.micro.js', 'vendor/preact.js', 'vendor/preact-hooks.js', 'vendor/htm.js',
  ];
  for (const name of modules) {
    const link = Object.assign(document.createElement('link'), { rel: 'modulepreload', href: `${base}widget/${name}`, crossOrigin: 'anonymous' });
    document.head.append(link);
  }
  import(`${base}widget/main.js`).then(({ mount }) => mount({ base, inbox, language, about: { name, email } }));
})();

// Puts the widget on the demo shop, the way any shop would; only the inbox has to be asked for.

const notice = document.getElementById('notice');

try {
  const response = await fetch('/demo/config.json');
  const { inbox } = await response.json();
  if (!inbox) throw new Error('no inbox');
  const script = document.createElement('script');
  script.src = '/widget.js';
  script.dataset.inbox = inbox;
  script.async = true;
  document.head.append(script);
} catch {
  notice.hidden = false;
}

// One inbox: a new one, or what can be changed of one.

import { html } from '../../shared/ui.js';
import { Icon } from '../../shared/icons.js';
import { CheckField, SelectField, TextField } from '../../kit/fields.js';
import { Form, SaveBar, useForm } from '../../kit/form.js';
import { Page } from '../../kit/page.js';
import { Loaded, Missing } from '../../kit/states.js';
import { fragmentOf } from '../../router.js';
import { useDesk } from '../../shell/context.js';
import { Identity } from './identity.js';
import { kindWords } from './list.js';

const OTHER = 'other';

export function InboxPage({ id, inboxes }) {
  const { t } = useDesk();
  const known = inboxes.items?.find((inbox) => inbox.id === id);
  const settings = html`<a class="button" href=${fragmentOf(`settings/inbox/${id}`)} data-testid="inbox-settings"><${Icon} name="settings" size=${18} />${t('settings')}</a>`;
  return html`
    <${Page} title=${id ? (known?.name ?? '…') : t('new_inbox')} up="inboxes" actions=${known && settings} data-testid="inbox">
      <${Loaded} listing=${inboxes}>${(items) => {
        const inbox = items.find((one) => one.id === id);
        return id && !inbox ? html`<${Missing} />` : html`<${Fields} inbox=${inbox} inboxes=${inboxes} />
          ${inbox?.kind === 'web' && html`<${Snippet} inbox=${inbox} /><${Identity} inbox=${inbox} />`}`;
      }}<//>
    <//>`;
}

function Fields({ inbox, inboxes }) {
  const { workspace, t } = useDesk();
  const form = useForm({
    initial: inbox ? valuesOf(inbox) : { kind: 'web', word: '', name: '', greeting: '', origins: '' },
    fields: { name: ['title'], word: ['kind'], greeting: [], origins: ['origin'] },
    check: (values) => checked(values, inbox, t),
    save: async (values, leave) => {
      const { name, greeting, active } = values;
      const origins = lines(values.origins);
      const after = inbox
        ? await workspace.api.patch(`inboxes/${inbox.id}`, { name, greeting, origins, active })
        : await workspace.api.post('inboxes', { kind: values.kind === OTHER ? values.word : values.kind, name, greeting, origins });
      inboxes.take(after);
      workspace.directory.load();
      if (inbox) return valuesOf(after);
      leave();
      workspace.router.go(`inboxes/${after.id}`);
      return null;
    },
    reload: async () => {
      await inboxes.load();
      return valuesOf(inboxes.items.find((one) => one.id === inbox.id));
    },
  });
  const kind = inbox?.kind ?? form.values.kind;
  return html`
    <section class="card">
      <${Form} form=${form} data-testid="inbox-form">
        ${inbox
          ? html`<p class="muted">${t('kind')}: ${kindWords(kind, t)}</p>`
          : html`<${SelectField} form=${form} name="kind" label=${t('kind')} hint=${t('kind_hint')}
              options=${[['web', t('kind_web')], ['api', t('kind_api')], [OTHER, t('kind_other')]]} />`}
        ${!inbox && kind === OTHER && html`<${TextField} form=${form} name="word" label=${t('word')} hint=${t('word_hint')} maxlength="32" autocomplete="off" />`}
        <${TextField} form=${form} name="name" label=${t('name')} hint=${t('name_hint')} maxlength="100" autocomplete="off" />
        ${kind === 'web' && html`
          <${TextField} form=${form} name="greeting" label=${t('greeting')} hint=${t('greeting_hint')} rows="2" maxlength="500" />
          <${TextField} form=${form} name="origins" label=${t('origins')} hint=${t('origins_hint')} rows="3" placeholder="https://shop.example" spellcheck=${false} />`}
        ${inbox && html`<${CheckField} form=${form} name="active" label=${t('active')} hint=${t('active_hint')} />`}
        <${SaveBar} form=${form} label=${inbox ? null : t('make_inbox')} />
      <//>
    </section>`;
}

/** What a page has to carry to show the widget. */
function Snippet({ inbox }) {
  const { t } = useDesk();
  const text = `<script src="${location.origin}/widget.js" data-inbox="${inbox.id}" async></script>`;
  return html`<section class="card"><h2>${t('snippet')}</h2><p class="muted">${t('snippet_hint')}</p>
    <textarea class="snippet" readonly rows="3" aria-label=${t('snippet')} value=${text} onFocus=${(event) => event.currentTarget.select()} data-testid="snippet"></textarea></section>`;
}

const valuesOf = ({ kind, name, greeting, origins, active }) => ({ kind, word: '', name, greeting, origins: origins.join('\n'), active });

const lines = (text) => text.split('\n').map((line) => line.trim()).filter(Boolean);

function checked({ kind, word, name, origins }, inbox, t) {
  const errors = {};
  if (!name.trim()) errors.name = t('required');
  if (!inbox && kind === OTHER && !/^[a-z][a-z0-9_-]{0,31}$/.test(word)) errors.word = t('word_hint');
  const wrong = lines(origins).find((line) => !/^https?:\/\/[^\s/]+\/?$/.test(line));
  if (wrong) errors.origins = t('origin_wrong', { origin: wrong });
  return errors;
}

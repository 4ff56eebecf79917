// What was set at one scope, what is inherited there, and which fields there are.

import { kindOf } from '../../shared/refusals.js';
import { Observable } from '../../shared/observable.js';
import { useEffect, useObservable } from '../../shared/ui.js';
import { useConsole } from '../../shell/context.js';
import { fieldsOf } from './schema.js';

export class Settings extends Observable {
  /** Why it could not be loaded. */
  problem = null;
  /** loading, ready, failed or missing. */
  state = 'loading';
  /** The present version: `{version, at, by, document}`. */
  current = null;
  /** `[{section, name, path, kind, ...}]`, as the server describes them. */
  fields = [];
  /** The values that hold where nothing is set at this scope, by `section.field`, each with where it comes from. */
  inherited = {};
  #api;
  #scope;

  constructor(api, scope) {
    super();
    this.#api = api;
    this.#scope = scope;
  }

  async load() {
    const { path, kind } = this.#scope;
    const ofTenant = kind === 'tenant' ? null : 'settings/tenant/effective';
    try {
      const [current, schema, above] = await Promise.all([
        this.#api.get(path), this.#api.get('settings/schema'), ofTenant && this.#api.get(ofTenant),
      ]);
      const fields = fieldsOf(schema);
      const inherited = fields.map(({ path: at, section, name, otherwise }) => [at, {
        value: above ? above.values[section]?.[name] : otherwise,
        source: above?.sources[section]?.[name] ?? 'default',
      }]);
      Object.assign(this, { state: 'ready', current, fields, inherited: Object.fromEntries(inherited) });
    } catch (problem) {
      this.problem = problem;
      this.state = kindOf(problem) === 'gone' ? 'missing' : 'failed';
    }
    this.changed();
  }

  /**
   * Writes `values` (`section.field` to value) in place of what is set; fails where another version was written
   * meanwhile.
   */
  async write(values) {
    const document = {};
    for (const { path, section, name } of this.fields) {
      if (values[path] !== undefined) (document[section] ??= {})[name] = values[path];
    }
    this.current = await this.#api.put(this.#scope.path, { expected_version: this.current.version, document });
    this.changed();
  }

  /** Goes back to the content of an earlier version, as a new one. */
  async restore(version) {
    this.current = await this.#api.post(`${this.#scope.path}/restore`, { expected_version: this.current.version, version });
    this.changed();
  }
}

export function useSettings(scope) {
  const { workspace } = useConsole();
  const settings = workspace.store(scope.path, () => new Settings(workspace.api, scope));
  useEffect(() => {
    settings.load();
  }, [settings]);
  return useObservable(settings);
}

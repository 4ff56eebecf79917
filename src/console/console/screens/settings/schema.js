// The fields of the settings, read from the JSON Schema that the server gives, so that a field of a newer server is
// shown too.

/**
 * `[{section, name, path, kind, choices, otherwise, description, max, min}]`; `kind` is text, number, switch, choice or
 * numbers.
 */
export function fieldsOf(schema) {
  return Object.entries(schema.properties ?? {}).flatMap(([section, reference]) => {
    const { properties = {} } = resolved(reference, schema);
    return Object.entries(properties).map(([name, field]) => ({ section, name, path: `${section}.${name}`, ...described(field, schema) }));
  });
}

function described(field, schema) {
  const full = { ...resolved(field, schema), ...field };
  const choices = full.enum ?? full.oneOf?.map((one) => one.const ?? one.enum?.[0]).filter((one) => one !== undefined);
  const kind =
    choices?.length ? 'choice'
    : full.type === 'boolean' ? 'switch'
    : full.type === 'integer' || full.type === 'number' ? 'number'
    : full.type === 'array' ? 'numbers'
    : 'text';
  return { kind, choices, otherwise: full.default, description: field.description ?? '', max: full.maximum ?? full.maxLength, min: full.minimum };
}

function resolved(part, schema) {
  const reference = part.$ref ?? part.allOf?.[0]?.$ref;
  if (!reference) return part;
  return reference.replace(/^#\//, '').split('/').reduce((at, name) => at?.[name], schema) ?? {};
}

/** What is set in a document, by `section.field`. */
export const valuesOf = (document, fields) =>
  Object.fromEntries(fields.map(({ path, section, name }) => [path, document[section]?.[name] ?? undefined]));

/** The fields in which two documents differ: `[{path, before, after}]`. */
export function differences(before, after) {
  const flat = (document) => Object.fromEntries(
    Object.entries(document ?? {}).flatMap(([section, fields]) => Object.entries(fields ?? {}).map(([name, value]) => [`${section}.${name}`, value])),
  );
  const [one, other] = [flat(before), flat(after)];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort()
    .filter((path) => JSON.stringify(one[path]) !== JSON.stringify(other[path]))
    .map((path) => ({ path, before: one[path], after: other[path] }));
}

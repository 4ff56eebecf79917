// Draws openapi.json: every operation with its parameters, bodies and answers, and an example of each shape.

const main = document.getElementById('main');
const search = document.getElementById('search');

/** An element with children; texts are never read as HTML. */
function el(name, props = {}, ...children) {
  const element = Object.assign(document.createElement(name), props);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

const description = await fetch('/api/v1/openapi.json').then((response) => response.json());
const schemas = description.components?.schemas ?? {};
const nameOf = (schema) => schema?.$ref?.split('/').pop();
const resolve = (schema) => (schema?.$ref ? schemas[nameOf(schema)] ?? {} : schema ?? {});
const alternatives = (schema) => schema.oneOf ?? schema.anyOf;
const typesOf = (schema) => [schema.type ?? []].flat();

/** The type of a schema in one line. */
function typeText(schema) {
  if (!schema || schema === true) return 'any';
  if (schema.$ref) return nameOf(schema);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (alternatives(schema)) return [...new Set(alternatives(schema).map(typeText))].join(' | ');
  if (schema.allOf) return schema.allOf.map(typeText).join(' & ');
  const types = typesOf(schema).map((type) => (type === 'array' ? `${typeText(schema.items)}[]` : type));
  return (types.join(' | ') || 'object') + (schema.format ? ` (${schema.format})` : '');
}

/** An example value that fits a schema. */
function example(schema, depth = 0) {
  const shape = resolve(schema);
  const given = schema?.example ?? schema?.examples?.[0] ?? shape.example ?? shape.examples?.[0] ?? shape.const ?? shape.default;
  if (given !== undefined) return given;
  if (depth > 6) return null;
  if (shape.enum) return shape.enum[0];
  if (shape.allOf) return Object.assign({}, ...shape.allOf.map((part) => example(part, depth + 1)));
  const type = typesOf(shape).find((each) => each !== 'null');
  if (shape.properties || type === 'object') {
    const fields = Object.entries(shape.properties ?? {}).map(([name, field]) => [name, example(field, depth + 1)]);
    const variant = alternatives(shape) ? example(alternatives(shape)[0], depth + 1) : {};
    return { ...Object.fromEntries(fields), ...variant };
  }
  if (alternatives(shape)) {
    const some = alternatives(shape).find((each) => each.type !== 'null');
    return example(some, depth + 1);
  }
  if (type === 'array') return [example(shape.items, depth + 1)];
  if (type === 'string') return shape.format === 'uuid' ? '01920000-0000-7000-8000-000000000000' : 'text';
  if (type === 'integer' || type === 'number') return shape.minimum ?? 1;
  if (type === 'boolean') return true;
  return null;
}

/** A text in which `backticks` mark code. */
const words = (text) => (text ?? '').split('`').map((part, n) => (n % 2 ? el('code', {}, part) : part));

const row = (...cells) => el('tr', {}, cells.map((cell) => el('td', {}, cell)));
const json = (value) => el('pre', {}, JSON.stringify(value, null, 2));

function fields(schema) {
  const shape = resolve(schema);
  const properties = Object.entries(shape.properties ?? {});
  if (!properties.length) return null;
  return el('table', {}, properties.map(([name, field]) => row(
    el('code', {}, name, shape.required?.includes(name) ? '' : '?'),
    el('code', {}, typeText(field)),
    words(field.description ?? resolve(field).description),
  )));
}

function content(media) {
  const [type, { schema, example: given }] = Object.entries(media ?? {})[0] ?? [null, {}];
  if (!type) return [];
  return [el('p', { className: 'dim' }, `${type} · ${typeText(schema)}`), fields(schema), schema ? json(given ?? example(schema)) : null];
}

function answers(responses) {
  return Object.entries(responses ?? {}).map(([status, answer]) => {
    const good = Number(status) < 400;
    const line = el('p', {}, el('code', {}, status), ' ', words(answer.description));
    return good ? [line, content(answer.content)] : line;
  });
}

function operation(method, path, what) {
  const parameters = (what.parameters ?? []).map((each) => row(
    el('code', {}, each.name, each.required ? '' : '?'),
    el('code', {}, `${each.in} · ${typeText(each.schema)}`),
    words(each.description),
  ));
  const needs = (what.security ?? []).flatMap((each) => Object.keys(each));
  const body = el('div', {},
    what.description ? el('p', { className: 'about' }, words(what.description)) : null,
    needs.length ? el('p', { className: 'dim' }, `Needs: ${needs.join(', ')}`) : null,
    parameters.length ? [el('h3', {}, 'Parameters'), el('table', {}, parameters)] : null,
    what.requestBody ? [el('h3', {}, 'Body'), content(what.requestBody.content)] : null,
    el('h3', {}, 'Answers'), answers(what.responses));
  const title = el('summary', {}, el('code', { className: `method ${method}` }, method.toUpperCase()), el('code', {}, path), el('span', { className: 'dim' }, words(what.summary)));
  const box = el('details', {}, title, body);
  box.dataset.text = `${method} ${path} ${what.summary ?? ''} ${what.description ?? ''}`.toLowerCase();
  return box;
}

function draw() {
  const groups = new Map((description.tags ?? []).map(({ name, description: text }) => [name, { text, boxes: [] }]));
  for (const [path, methods] of Object.entries(description.paths ?? {})) {
    for (const [method, what] of Object.entries(methods)) {
      const tag = what.tags?.[0] ?? 'other';
      if (!groups.has(tag)) groups.set(tag, { text: '', boxes: [] });
      groups.get(tag).boxes.push(operation(method, path, what));
    }
  }
  const sections = [...groups].filter(([, { boxes }]) => boxes.length)
    .map(([name, { text, boxes }]) => el('section', {}, el('h2', {}, name), text ? el('p', { className: 'dim' }, text) : null, boxes));
  const shapes = Object.entries(schemas).map(([name, schema]) => el('details', { id: name },
    el('summary', {}, el('code', {}, name), el('span', { className: 'dim' }, words(schema.description))),
    el('div', {}, fields(schema), json(schema))));
  main.replaceChildren(el('p', { className: 'about' }, words(description.info?.description)), ...sections, el('h2', {}, 'Shapes'), ...shapes);
}

search.addEventListener('input', () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const box of main.querySelectorAll('section > details')) box.hidden = !words.every((word) => box.dataset.text.includes(word));
});

draw();

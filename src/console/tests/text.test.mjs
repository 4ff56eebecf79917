// Texts as people and phones write them: what is a link in them, and what is sent: `node --test src/console/tests/`.

import '../served_paths.mjs';
import { test } from 'node:test';
import assert from 'node:assert/strict';

const { cleanLine, cleanText, partsOf } = await import('../shared/message_text.js');
const linksOf = (text) => partsOf(text).filter(({ href }) => href).map(({ href }) => href);

/** A text, and the only link in it; none when there is no second one. */
function linked(cases) {
  for (const [text, link] of cases) {
    assert.deepEqual(linksOf(text), link === undefined ? [] : [link], text);
    assert.equal(partsOf(text).map((part) => part.text).join(''), text, 'nothing of the text is lost');
  }
}

test('a link keeps the brackets that are its own and leaves those of the sentence', () => linked([
  ['https://en.wikipedia.org/wiki/Rust_(programming_language)', 'https://en.wikipedia.org/wiki/Rust_(programming_language)'],
  ['(see https://a.example/x)', 'https://a.example/x'],
  ['(https://a.example/x_(y))', 'https://a.example/x_(y)'],
  ['https://a.example/?q=[1]&r={2}.', 'https://a.example/?q=[1]&r={2}'],
  ['<https://a.example/x>, and', 'https://a.example/x'],
  ['"https://a.example/x"', 'https://a.example/x'],
  ['`https://a.example/x`', 'https://a.example/x'],
]));

test('a link ends before the punctuation of its sentence', () => linked([
  ['https://a.example/x.', 'https://a.example/x'],
  ['https://a.example/x...', 'https://a.example/x'],
  ['https://a.example/x, https', 'https://a.example/x'],
  ['https://a.example/x?!', 'https://a.example/x'],
  ['Is it https://a.example?', 'https://a.example'],
  ['https://a.example/1,2;3.html?a=1&b=2#!/c', 'https://a.example/1,2;3.html?a=1&b=2#!/c'],
  ['https://a.example/it’s', 'https://a.example/it'],
  ['https://a.example/x—that one', 'https://a.example/x'],
]));

test('a link ends where Chinese, Japanese or Korean text goes on', () => linked([
  ['请看https://example.com/a，谢谢', 'https://example.com/a'],
  ['（https://example.com/b）说明', 'https://example.com/b'],
  ['https://example.com/c。好', 'https://example.com/c'],
  ['「https://example.com/d」、', 'https://example.com/d'],
  ['《https://example.com/e》', 'https://example.com/e'],
  ['网址：https://example.com/f；电话：1', 'https://example.com/f'],
  ['打开https://example.com/g看看', 'https://example.com/g'],
  ['https://example.com谢谢', 'https://example.com'],
  ['한국 https://example.com/h입니다', 'https://example.com/h'],
  ['詳しくはhttps://example.com/iをご覧ください', 'https://example.com/i'],
  ['https://example.com/j　好', 'https://example.com/j'],
]));

test('letters of any script that are part of an address stay in it', () => linked([
  ['https://zh.wikipedia.org/wiki/上海', 'https://zh.wikipedia.org/wiki/上海'],
  ['https://例子.中国/路径?词=值', 'https://例子.中国/路径?词=值'],
  ['https://bücher.example/straße', 'https://bücher.example/straße'],
  ['https://пример.рф/а', 'https://пример.рф/а'],
  ['https://a.example/%E4%B8%8A%E6%B5%B7', 'https://a.example/%E4%B8%8A%E6%B5%B7'],
  ['https://abc例子.example/'],
]));

test('what looks like a link and is none, or another one, is text', () => linked([
  ['javascript:alert(1)'], ['https://'], ['http://.'], ['http://-a.example'], ['xhttps://a.example'], ['ftp://a.example'], ['//a.example'],
  ['a@b.example'], ['mailto:a@b.example'], ['www.a.example'],
  ['https://a.example/x\u202egnp.exe', 'https://a.example/x'],
  ['https://a.example/(\u202ex)', 'https://a.example/'],
  ['https://a.example\u200b.evil.example/', 'https://a.example'],
]));

test('addresses with ports, names, numbers and capitals are links as they are written', () => linked([
  ['http://user:pass@a.example:8080/', 'http://user:pass@a.example:8080/'],
  ['HTTP://A.EXAMPLE', 'HTTP://A.EXAMPLE'],
  ['http://localhost:3000/', 'http://localhost:3000/'],
  ['https://[::1]:8080/x', 'https://[::1]:8080/x'],
  ['http://192.0.2.1/x', 'http://192.0.2.1/x'],
  ['🙂https://a.example/x', 'https://a.example/x'],
  ['地址:https://a.example/x', 'https://a.example/x'],
]));

test('a long text is read in time that grows with its length', () => {
  const started = performance.now();
  for (const hostile of ['https://', 'https://a.example/(', 'https://a.', '看https://a/', '((((', 'https://a.example/"', 'http://a-']) partsOf(hostile.repeat(16_384 / hostile.length));
  assert.ok(performance.now() - started < 5_000, `${performance.now() - started} ms`);
});

test('what cannot be seen or kept is taken out of a text before it is sent', () => {
  assert.equal(cleanText('a\u0000b\u000bc\u0085d\u007fe\tf\r\ng'), 'abcde\tf\r\ng');
  assert.equal(cleanText('hi \ud83d'), 'hi \ufffd');
  assert.equal(cleanText('\ude42 hi 🙂'), '\ufffd hi 🙂');
  assert.equal(cleanText('  你好 👩‍👩‍👧 \n'), '你好 👩‍👩‍👧');
  for (const blank of ['', ' \n\t', '\u200b', '\u200b\u200d \ufeff', '\u2060\u00ad', '\u3164', '\u2800', '\u0001\u200b', '\u{e0020}\ufe0f']) {
    assert.equal(cleanText(blank), '', JSON.stringify(blank));
  }
});

test('a name is one line in its composed form', () => {
  assert.equal(cleanLine('  Ame\u0301lie\r\nB\u0000\t '), 'Am\u00e9lie B');
  assert.equal(cleanLine('\u1112\u1161\u11ab'), '\ud55c');
});

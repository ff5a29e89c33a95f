// A chat template that is given in place of the model's.
import { expect, it } from 'vitest';
import { EMBEDDED_MODEL, Engine } from '../../src/engine/index.js';
import { readModelFolder } from '../../src/engine/model-folder.js';

it('replaces what the files have', () => {
  const chat = [{ role: 'user', content: 'Hi' }];
  const own = readModelFolder(EMBEDDED_MODEL).tokenizer;
  const chatTemplate = '[{{ messages[0].content }}]';
  const { tokenizer } = readModelFolder(EMBEDDED_MODEL, { chatTemplate });
  expect(tokenizer.applyChatTemplate(chat)).toBe('[Hi]');
  expect(tokenizer.chatTemplates).toEqual([chatTemplate]);
  expect(own.applyChatTemplate(chat)).not.toBe('[Hi]');
  expect(tokenizer.eosTokenIds).toEqual(own.eosTokenIds);
});

it('must be a text', () => {
  expect(() => new Engine({ chatTemplate: 3 as unknown as string })).toThrow(
    "option 'chatTemplate' must be the text",
  );
  expect(() => new Engine({ memoryShare: 1.5 })).toThrow(
    "option 'memoryShare' must be a number above 0 and below 1",
  );
});

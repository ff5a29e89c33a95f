// Llama 3: JSON objects behind <|python_tag|> or bare, more of them after semicolons.
import { type Declaration, JSON_ARGUMENTS, trigger } from '../declaration.js';
import { object, objects } from './json-objects.js';

export const llama3: Declaration = {
  name: 'llama3',
  aliases: ['llama3_json', 'llama4_json'],
  wire: {
    before: ['<|python_tag|>'],
    shapes: [objects({ anywhere: 'object', separator: ';', others: ['type', 'id'] })],
    inside: [objects({ separator: ';' })],
  },
  written: {
    triggers: trigger('{"name": '),
    between: '; ',
    call: (name) => object(name, 'parameters'),
    arguments: JSON_ARGUMENTS,
    callEnd: '<|eom_id|>',
  },
  template: [['<|python_tag|>'], ['<|start_header_id|>', '"parameters"']],
};

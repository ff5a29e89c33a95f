// Which format a chat template asks for. The snippets are written for this test after what the families' templates hold.
import { expect, it } from 'vitest';
import { detectToolFormat } from '../../src/tools/index.js';

it.each([
  [
    '<tool_call>\\n{"name": "\' }}{{ tool_call.name }}{{ \'", "arguments": \' }}{{ tool_call.arguments | tojson }}',
    'hermes',
  ],
  [
    "{{ '<tool_call>\\n<function=' + tool_call.name + '>\\n' }}{{ '<parameter=' + k + '>' }}{{ tool_call.arguments }}",
    'qwen3_coder',
  ],
  [
    '{{ \'<|python_tag|>\' }}{"name": "{{ call.name }}", "parameters": {{ call.arguments | tojson }}}',
    'llama3',
  ],
  ["{{ '<|header_start|>' }}[func_name1(params_name1=params_value1)]", 'pythonic'],
  ['[AVAILABLE_TOOLS]{{ tools }}[/AVAILABLE_TOOLS][TOOL_CALLS]{{ calls }}', 'mistral'],
  [
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>{{ type }}<｜tool▁sep｜>{{ name }}\\n```json\\n',
    'deepseekv3',
  ],
  ['<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>{{ name }}<｜tool▁sep｜>{{ arguments }}', 'deepseekv31'],
  ['<｜DSML｜function_calls>{% for c in tool_calls %}<｜DSML｜invoke name="', 'deepseekv32'],
  ['<｜DSML｜tool_calls>{% for c in tool_calls %}<｜DSML｜invoke name="', 'deepseekv4'],
  ['<｜DSML｜ calls>{% for c in tool_calls %}<｜DSML｜ invoke name="', 'deepseekv41'],
  ['<|tool_calls_section_begin|>{% for c in tool_calls %}<|tool_call_begin|>', 'kimi_k2'],
  ['<tool_call>{{ name }}\\n<arg_key>{{ k }}</arg_key>\\n<arg_value>{{ v }}</arg_value>', 'glm45'],
  ['<tool_call>{{ name }}<arg_key>{{ k }}</arg_key><arg_value>{{ v }}</arg_value>', 'glm47'],
  ['<|start|>assistant<|channel|>commentary to={{ name }}', 'gpt-oss'],
  ['<minimax:tool_call>\\n<invoke name="{{ name }}">', 'minimax-m2'],
  ['<tool_calls><tool_call>{{ name }}<tool_sep><arg_key>{{ k }}</arg_key><arg_value>', 'hunyuan'],
  ['<｜tool_calls_begin｜><steptml:invoke name="', 'step3'],
  ['<|tool_call_start|>[{{ call }}]<|tool_call_end|>', 'lfm2'],
  ['<|action_start|><|plugin|>', 'interns1'],
  ['<|tools_prefix|>[{{ calls }}]<|tools_suffix|>', 'apertus2509'],
  ['<|START_ACTION|>[', 'cohere_command4'],
  ['<|start_of_role|>assistant<|end_of_role|><|tool_call|>', 'granite'],
  ['{{ message.content }}', undefined],
])('%s', (template, name) => {
  expect(detectToolFormat(template)?.name).toBe(name);
});

// Pages of figures whose sections are written by different benchmarks.
import { expect, it } from 'vitest';
import { withSection } from '../../bench/masks/sections.js';

it('replaces a section and leaves the others', () => {
  const page = '# One\n\nfirst\n\n## Two\n\nsecond\n\n## Three\n\nthird\n';
  expect(withSection(page, '## Two', 'new\n\n| a |')).toBe(
    '# One\n\nfirst\n\n## Two\n\nnew\n\n| a |\n\n## Three\n\nthird\n',
  );
  expect(withSection(page, '# One', 'new')).toBe('# One\n\nnew\n\n## Two\n\nsecond\n\n## Three\n\nthird\n');
});

it('appends a section that is not there, to a page that is not there', () => {
  expect(withSection('', '# One', 'text')).toBe('# One\n\ntext\n');
  expect(withSection('# One\n\ntext\n', '## Two', 'more')).toBe('# One\n\ntext\n\n## Two\n\nmore\n');
});

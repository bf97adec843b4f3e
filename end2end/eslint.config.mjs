import tseslint from 'typescript-eslint';

// What would let a browser test pass by itself: a promise nobody waits for, a pause in the place of an event, a part that never runs.
export default tseslint.config(
  { ignores: ['node_modules', 'test-results', 'screenshots'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Answers of the server are what a test asks of them.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
      'no-restricted-properties': ['error', { property: 'waitForTimeout', message: 'wait for what is to happen' }],
    },
  },
);

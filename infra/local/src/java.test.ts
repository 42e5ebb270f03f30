import { expect, test } from 'vitest'
import { findJava, javaMajor } from './java.ts'

test.each([
  ['openjdk version "25.0.1" 2026-10-21', 25],
  ['openjdk version "21" 2023-09-19', 21],
  ['java version "1.8.0_402"', 8],
  ['no such command', null],
])('%s is Java %s', (told, major) => {
  expect(javaMajor(told)).toBe(major)
})

test('a Java that is too old, or missing, is one sentence that says what to install', () => {
  expect(() => findJava({ JAVA_HOME: '/nowhere', PATH: '/nowhere' }, [])).toThrow(
    'Java 21 or newer is missing: install a JDK (for example Temurin 25) or set JAVA_HOME to one',
  )
})

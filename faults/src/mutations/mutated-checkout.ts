import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '@backhaul/local'
import type { Mutation, Replacement } from './mutation.ts'

/** What the reconciler is made of. */
const COPIED = ['libs', 'services', 'schemas', 'package.json']
const SCOPE = '@backhaul'

/**
 * Copies the sources of the checkout into a folder, with one defence switched off. Packages are linked, but for those of
 * the checkout itself, which are the copy's own.
 *
 * @throws Error when the mutation no longer fits the source.
 */
export function mutatedCheckout(mutation: Mutation, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...COPIED],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  )
  for (const file of listed.split('\n').filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(ROOT, file), join(folder, file))
  }
  linkPackages(folder)
  for (const change of mutation.changes) {
    const path = join(folder, change.file)
    writeFileSync(path, replaced(readFileSync(path, 'utf8'), change, mutation.name))
  }
}

function linkPackages(folder: string): void {
  const packages = join(ROOT, 'node_modules')
  const linked = join(folder, 'node_modules')
  mkdirSync(join(linked, SCOPE), { recursive: true })
  for (const name of readdirSync(packages)) {
    if (name !== SCOPE) symlinkSync(join(packages, name), join(linked, name))
  }
  for (const group of ['libs', 'services']) {
    for (const name of readdirSync(join(folder, group))) {
      symlinkSync(join(folder, group, name), join(linked, SCOPE, name))
    }
  }
  symlinkSync(join(folder, 'schemas'), join(linked, SCOPE, 'schemas'))
}

function replaced(source: string, { file, replace, by }: Replacement, name: string): string {
  const count = source.split(replace).length - 1
  if (count !== 1)
    throw new Error(`«${name}» no longer fits ${file}: its text is there ${count} times, not once`)
  return source.replace(replace, () => by)
}

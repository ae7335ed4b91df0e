/** A page for people made from the OpenAPI description: no scripts, so that it needs no exception in the CSP. */
import type { JsonSchema, OpenApi, Operation } from './openapi.ts'

export function docsPage(api: OpenApi): string {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))]
  const sections = tags.map(
    (tag) =>
      `<h2 id="${tag}">${tag}</h2>\n${operations
        .filter(({ operation }) => operation.tags.includes(tag))
        .map(({ path, method, operation }) => section(path, method, operation))
        .join('\n')}`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${html(api.info.title)} HTTP API</title>
<style>${style}</style>
<h1>${html(api.info.title)} HTTP API</h1>
<p>${html(api.info.description)}</p>
<p>For machines: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1). Operations marked <b>token</b> need the header
<code>Authorization: Bearer …</code> with an access token.</p>
<nav>${tags.map((tag) => `<a href="#${tag}">${tag}</a>`).join(' · ')}</nav>
${sections.join('\n')}
</html>
`
}

function section(path: string, method: string, operation: Operation): string {
  const parameters = operation.parameters.map(
    ({ name, in: place, required, schema }) =>
      `<tr><td><code>${html(name)}</code><td>${place}${required ? '' : ', optional'}<td><code>${html(typeText(schema))}</code>`,
  )
  return `<details id="${operation.operationId}">
<summary><code class="${method}">${method}</code> <code>${html(path)}</code> ${operation.security.length > 0 ? '<b>token</b>' : ''}
<span>${html(operation.summary)}</span></summary>
${parameters.length > 0 ? `<h3>Parameters</h3><table>${parameters.join('')}</table>` : ''}
${operation.requestBody ? `<h3>Body</h3><pre>${html(typeText(operation.requestBody.content['application/json'].schema))}</pre>` : ''}
<h3>Answer</h3><pre>${html(typeText(operation.responses['200']?.content['application/json'].schema ?? {}))}</pre>
</details>`
}

/** A schema as a short type, the way TypeScript writes it. */
export function typeText(schema: JsonSchema, indent = ''): string {
  const {
    type,
    enum: values,
    const: constant,
    anyOf,
    oneOf,
    items,
    properties,
    required = [],
  } = schema as {
    type?: string
    enum?: unknown[]
    const?: unknown
    anyOf?: JsonSchema[]
    oneOf?: JsonSchema[]
    items?: JsonSchema
    properties?: Record<string, JsonSchema>
    required?: string[]
  }
  const choices = anyOf ?? oneOf
  if (choices) return choices.map((choice) => typeText(choice, indent)).join(' | ')
  if (constant !== undefined) return JSON.stringify(constant)
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ')
  if (items) return `${typeText(items, indent)}[]`
  if (!properties) return type ?? 'unknown'
  const inner = `${indent}  `
  const fields = Object.entries(properties).map(
    ([name, field]) => `${inner}${name}${required.includes(name) ? '' : '?'}: ${typeText(field, inner)}`,
  )
  return fields.length > 0 ? `{\n${fields.join('\n')}\n${indent}}` : '{}'
}

const html = (text: string) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)

const style = `
body { font: 16px/1.55 system-ui, sans-serif; max-width: 52rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark }
details { border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent); padding: .5rem 0 }
summary { cursor: pointer } summary span { display: block; opacity: .75; padding-left: 1.1rem }
code, pre { font: .875rem/1.5 ui-monospace, monospace } pre { overflow-x: auto }
summary code:first-child { display: inline-block; min-width: 4rem; font-weight: 700 }
h3 { font-size: .875rem; margin: 1rem 0 .25rem } td { padding: 0 1.5rem 0 0; vertical-align: top }
summary b { font-size: .75rem; opacity: .6; font-weight: 600 }
`

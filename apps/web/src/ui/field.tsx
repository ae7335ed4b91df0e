import { type ComponentProps, useId } from 'react'

interface FieldProps extends ComponentProps<'input'> {
  readonly label: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
}

/** A labelled input whose hint and error are tied to it. */
export function Field({ label, hint, error, id, ...input }: FieldProps) {
  const own = useId()
  const inputId = id ?? own
  const note = error ?? hint
  return (
    <div className="field" data-invalid={error ? true : undefined}>
      <label htmlFor={inputId}>{label}</label>
      <input
        id={inputId}
        dir="auto"
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? `${inputId}-note` : undefined}
        {...input}
      />
      {note ? (
        <p id={`${inputId}-note`} className="field-note" role={error ? 'alert' : undefined}>
          {note}
        </p>
      ) : null}
    </div>
  )
}

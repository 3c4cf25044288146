/**
 * The providers a reader can choose, from `playground/providers.yml`.
 */
import data from "../../providers.yml"

/** How a provider is reached; the fields are described in providers.yml. */
export interface Provider {
  id: string
  name: string
  base_url: string | null
  key: "none" | "optional" | "required"
  stainless_headers: boolean
  note: string
}

export const providers: readonly Provider[] = data as Provider[]

/** The provider that answers inside the sandbox; what a reader begins with. */
export const DEMO = "demo"

/**
 * Find a provider.
 *
 * @param id - Its id in providers.yml
 *
 * @returns The provider, or the offline demo for an unknown id
 */
export function findProvider(id: string): Provider {
  const provider = providers.find(candidate => candidate.id === id) ?? providers[0]
  if (!provider) throw new Error("providers.yml is empty")
  return provider
}

/** build.mjs turns a YAML file into its content. */
declare module "*.yml" {
  const content: unknown
  export default content
}

/** The runtime manifest's hashed file name, set by build.mjs. */
declare const MANIFEST: string

/** The script of the sandbox's iframe, set by build.mjs. */
declare const FRAME_SOURCE: string

/** build.mjs gathers style sheets into one file of their own. */
declare module "*.css"

/**
 * The life of a run, from pressing 运行 to its outcome. There is one runner for the page, and one run
 * at a time; others wait their turn.
 */
import type { Artifact, ExchangeEvent, Omitted, RunOutcome, RunTarget, StreamName, WorkerMessage } from "../protocol.ts"
import { Gateway, PLACEHOLDER } from "./gateway.ts"
import { loadRuntime } from "./runtime.ts"
import type { Progress } from "./runtime.ts"
import { Sandbox } from "./sandbox.ts"
import type { Connection } from "./settings.ts"

/* ----------------------------------------------------------------------------
 * Types
 * ------------------------------------------------------------------------- */

/** How the last run of a snippet ended. */
export type Ending = "ok" | "error" | "stopped"

/** Where a run stands. */
export type RunState =
  | { name: "idle"; ending?: Ending; seconds?: number }
  | { name: "loading"; step: "queue" }
  | { name: "loading"; step: "download"; progress: Progress }
  | { name: "loading"; step: "start" }
  | { name: "running" }
  | { name: "stopping" }
  | { name: "failed"; message: string }

/** Where a request was answered: by the demo in the sandbox, or outside the browser. */
export type ExchangeSource = RunTarget["transport"]

/** Told what happens during a run. */
export interface RunListener {
  state(state: RunState): void
  output(stream: StreamName, text: string): void
  /** Called at most once, before the outcome, when the run wrote files. */
  artifacts(artifacts: Artifact[], omitted: Omitted): void
  outcome(outcome: RunOutcome): void
  /** Called for everything that happens to the run's requests, if anyone wants to know. */
  exchange?(source: ExchangeSource, event: ExchangeEvent): void
}

interface Job {
  id: number
  code: string
  connection: Connection
  listener: RunListener
  gateway?: Gateway
  started?: number
  shared?: boolean
  done: () => void
  stopped: boolean
}

/* ----------------------------------------------------------------------------
 * Helper functions
 * ------------------------------------------------------------------------- */

function transportOf(connection: Connection): RunTarget["transport"] {
  return connection.provider.key === "none" ? "demo" : "remote"
}

function targetOf({ connection, listener }: Job): RunTarget {
  return {
    transport: transportOf(connection),
    inspected: listener.exchange !== undefined,
    baseUrl: connection.baseUrl,
    variables: {
      OPENAI_API_KEY: PLACEHOLDER,
      OPENAI_BASE_URL: connection.baseUrl,
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/* ----------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------- */

class Runner {
  private sandbox: Sandbox | undefined
  private current: Job | undefined
  private queue: Promise<void> = Promise.resolve()
  private runs = 0

  /**
   * Run code after the runs before it have ended.
   *
   * @param code - Python source
   * @param connection - Where its requests may go
   * @param listener - Told what happens
   *
   * @returns A function that stops the run
   */
  start(code: string, connection: Connection, listener: RunListener): () => void {
    const job: Job = {
      id: ++this.runs, code, connection, listener, stopped: false, done: () => undefined,
    }
    if (this.current) listener.state({ name: "loading", step: "queue" })
    this.queue = this.queue.then(() => this.execute(job))
    return () => this.stop(job)
  }

  private async execute(job: Job): Promise<void> {
    if (job.stopped) return
    this.current = job
    const ended = new Promise<void>(resolve => { job.done = resolve })
    try {
      const sandbox = await Promise.race([this.prepare(job), ended])
      if (!sandbox || job.stopped) return
      job.gateway = new Gateway(
        job.connection,
        message => sandbox.send(message),
        event => job.listener.exchange?.("remote", event),
      )
      job.started = performance.now()
      job.listener.state({ name: "running" })
      sandbox.send({ kind: "run", run: job.id, code: job.code, target: targetOf(job) })
      await ended
    } catch (error) {
      if (!job.stopped) this.discard(job, messageOf(error))
    } finally {
      job.gateway?.abortAll()
      this.current = undefined
    }
  }

  private async prepare(job: Job): Promise<Sandbox> {
    const show = (state: RunState): void => {
      if (!job.stopped) job.listener.state(state)
    }
    if (!this.sandbox) {
      const runtime = await loadRuntime(progress => show({ name: "loading", step: "download", progress }))
      // Stopping while it loaded made no sandbox; a run that waits will make the only one.
      this.sandbox ??= new Sandbox(runtime, message => this.receive(message))
    }
    const { sandbox } = this
    show({ name: "loading", step: "start" })
    await sandbox.ready
    return sandbox
  }

  private receive(message: WorkerMessage): void {
    const job = this.current
    if (!job || job.stopped) return
    switch (message.kind) {
      case "output":
        if (message.run === job.id) job.listener.output(message.stream, message.text)
        break
      case "request":
        void job.gateway?.send(message.request)
        break
      case "abort":
        job.gateway?.abort(message.request)
        break
      case "exchange":
        // Only the demo's exchanges happen where the page cannot see them.
        if (message.run === job.id && transportOf(job.connection) === "demo") {
          job.listener.exchange?.("demo", message.event)
        }
        break
      case "artifacts":
        // Once for each run: the limits of the message are those of the run.
        if (message.run !== job.id || job.shared) break
        job.shared = true
        job.listener.artifacts(message.artifacts, message.omitted)
        break
      case "finished":
        if (message.run !== job.id) break
        job.listener.outcome(message.outcome)
        job.listener.state({ name: "idle", ending: message.outcome.status, ...this.seconds(job) })
        job.done()
        break
      case "crashed":
        this.discard(job, message.message)
        job.done()
        break
      case "ready":
        break
    }
  }

  private seconds(job: Job): { seconds?: number } {
    return job.started === undefined ? {} : { seconds: (performance.now() - job.started) / 1000 }
  }

  /** The sandbox is of no more use: throw it away, the next run makes a new one. */
  private discard(job: Job, message: string): void {
    this.sandbox?.terminate()
    this.sandbox = undefined
    job.listener.state({ name: "failed", message })
  }

  private stop(job: Job): void {
    if (job.stopped) return
    job.stopped = true
    if (this.current === job && job.started !== undefined) {
      job.listener.state({ name: "stopping" })
      job.gateway?.abortAll()
      // Python cannot be interrupted in a loop or a wait: end the worker and warm up the next one.
      this.sandbox?.terminate()
      this.sandbox = undefined
      void loadRuntime(() => undefined).then(runtime => {
        this.sandbox ??= new Sandbox(runtime, message => this.receive(message))
      }, () => undefined)
    }
    job.listener.state({ name: "idle", ending: "stopped", ...this.seconds(job) })
    job.done()
  }
}

/** The page's runner. */
export const runner = new Runner()

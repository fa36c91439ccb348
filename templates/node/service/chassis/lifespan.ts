/** Something that runs as long as the process: started in order, stopped in reverse. */
export interface Lifespan {
  name: string;
  start(): Promise<void>;
  /** Accept no new work, at the first sign of the shutdown; work in progress continues. */
  drain?(): Promise<void>;
  stop(): Promise<void>;
}

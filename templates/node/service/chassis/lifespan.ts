/** Something that runs as long as the process: started in order, stopped in reverse. */
export interface Lifespan {
  name: string;
  start(): Promise<void>;
  /** Takes no new work, at the first sign of the end; what is in hand goes on. */
  drain?(): Promise<void>;
  stop(): Promise<void>;
}

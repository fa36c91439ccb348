/** Values for tests: as JSON shows them, and different with each number. */
import { randomUUID } from "node:crypto";

interface Bounds<T> {
  min?: T;
  max?: T;
}

let numbers = 0;

/** The next number. */
export const next = () => ++numbers;

const day = (n: number) => new Date(Date.UTC(2001, 0, n)).toISOString();

export const string = (n: number, { min = 1, max = 255 }: Bounds<number> = {}) =>
  `text ${n}`.padStart(min, "-").slice(-max);

export const text = string;

export const email = (n: number) => `person${n}@example.com`;

export const url = (n: number) => `https://example.com/${n}`;

export const uuid = (_n: number): string => randomUUID();

export function integer(n: number, { min, max }: Bounds<number> = {}): number {
  const least = min ?? (max === undefined ? 0 : max - 1000);
  return least + (n % ((max ?? least + 1000) - least + 1));
}

export function number(n: number, { min, max }: Bounds<number> = {}): number {
  const least = min ?? (max === undefined ? 0 : max - 1000);
  return least + ((n % 8) / 8) * ((max ?? least + 1000) - least);
}

export function decimal(n: number, { min, max }: Bounds<string> = {}): string {
  if (min === undefined && max === undefined) return `${n}.5`;
  const bounds = {
    ...(min !== undefined && { min: Number(min) }),
    ...(max !== undefined && { max: Number(max) }),
  };
  return String(Number(number(n, bounds).toFixed(4)));
}

export const boolean = (n: number) => n % 2 === 0;

export const date = (n: number) => day(n).slice(0, 10);

export const datetime = (n: number) => day(n);

export const json = (n: number) => ({ number: n, list: ["a", null, { deep: 1.5 }] });

export const choice = <T>(n: number, choices: T[]): T => choices[n % choices.length] as T;
